"""A sweep: many runs trained side by side by Ray Tune, on this machine or on a cluster.

Each trial is a run that is trained by its plan as any other. So a sweep that was stopped goes on
with the trials that have made no model yet, and each of those after its last whole epoch. A trial
whose worker died is given to another. Validation chooses among trials; the test set is read once a
trial, to report.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from core.digits.datasets import MNIST_VARIABLE, download_mnist, find_mnist
from core.models.files import CARD_FILE, RUNS_VARIABLE, load_card, runs_directory
from core.ray_cluster import RayUnavailableError, join_cluster
from core.runs.plan import OPTIMIZERS, TrainingPlan, list_trainable, propose_plan
from core.runs.run import JOB_DIRECTORY, Run, UnknownRunError, load_run, save_run
from core.runs.sweeps import (
    Sweep,
    Trial,
    UnknownSweepError,
    format_setting,
    list_sweeps,
    load_sweep,
    name_trial,
    phrase_setting,
    plan_trials,
)

# The settings that can have several values, as the plan calls them.
CHOICES = (
    "learning_rate",
    "batch_size",
    "epochs",
    "optimizer",
    "share",
    "augmentation",
    "styles",
    "cosine_decay",
)
SWITCH = {"on": True, "off": False}
# How many workers a trial may lose before it counts as failed.
MAX_FAILURES = 3
# Each worker has one processor, so one thread; what Ray would print and log, we do.
ENVIRONMENT = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
TUNE_SETTINGS = {"TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1", "RAY_AIR_NEW_OUTPUT": "0"}


class FailedTrialsError(RuntimeError):
    """Some trials of a sweep ended without a model."""


def train_sweep(
    plans: Sequence[TrainingPlan],
    *,
    report: Callable[[Trial], object],
    address: str | None = None,
    workers: int | None = None,
) -> Sweep:
    """Train all trials that have made no model yet.

    Args:
        plans: as ``plan_trials`` gives them.
        report: called with each trial that ends.
        address: of a Ray cluster, whose machines all can write into the runs directory and have
            MNIST; None for this machine alone.
        workers: how many trials are trained at once; None for one a processor.

    Returns:
        The sweep as it is then.

    Raises:
        RayUnavailableError: Ray is not installed, or there is no such cluster.
        FailedTrialsError: some trials ended without a model; the others are there.
    """
    run_ids = [_save_trial(plan, number, len(plans)) for number, plan in enumerate(plans, 1)]
    left = [one for one in run_ids if not (runs_directory() / one / CARD_FILE).exists()]
    sweep_id = str(plans[0].sweep)
    if left:
        os.environ.update(TUNE_SETTINGS)
        environment = {RUNS_VARIABLE: str(runs_directory().resolve())}
        if MNIST_VARIABLE in os.environ:
            environment[MNIST_VARIABLE] = os.environ[MNIST_VARIABLE]
        with join_cluster(address, workers=workers, environment=environment) as at_once:
            _tune(left, at_once, lambda run_id: report(_find_trial(sweep_id, run_id)))
    return load_sweep(sweep_id)


def train_trial(settings: dict[str, Any]) -> None:
    """Train one trial in a worker of its own, and tell Ray how it ended."""
    os.environ.update(ENVIRONMENT)
    from ray import tune  # noqa: PLC0415  the variables come before TensorFlow

    from core.training.train_run import make_model  # noqa: PLC0415

    run = load_run(settings["run_id"])
    if not (runs_directory() / run.id / CARD_FILE).exists():
        job = runs_directory() / run.id / JOB_DIRECTORY
        job.mkdir(exist_ok=True)
        make_model(run, job)
    best = load_card(run.id, runs_directory()).seed_runs[0]
    tune.report(
        {
            "validation_loss": best.validation_loss,
            "validation_accuracy": best.validation_accuracy,
        }
    )


def _save_trial(plan: TrainingPlan, number: int, total: int) -> str:
    """Make the run of a trial unless it is there; returns its id."""
    run_id = name_trial(plan)
    try:
        load_run(run_id)
    except UnknownRunError:
        title = list_trainable()[str(plan.base)].title
        description = f"One of {total} trials of {plan.sweep}."
        save_run(Run(run_id, f"{title}, trial {number}", plan.to_fields(), description=description))
    return run_id


def _find_trial(sweep_id: str, run_id: str) -> Trial:
    return next(trial for trial in load_sweep(sweep_id).trials if trial.run.id == run_id)


def _tune(run_ids: Sequence[str], workers: int, report: Callable[[str], object]) -> None:
    """Let Ray Tune train these runs, so many at once."""
    from ray import tune  # noqa: PLC0415  only those who sweep wait for it

    class Report(tune.Callback):
        def on_trial_complete(self, **what: Any) -> None:
            report(what["trial"].config["run_id"])

    # Where all machines of a cluster can write. What Ray keeps there is never read back: which
    # trials are left to do is told by the runs.
    with TemporaryDirectory(prefix=".tune_", dir=runs_directory()) as storage:
        errors = (
            tune.Tuner(
                tune.with_resources(train_trial, {"cpu": 1}),
                param_space={"run_id": tune.grid_search([*run_ids])},
                tune_config=tune.TuneConfig(
                    metric="validation_loss",
                    mode="min",
                    max_concurrent_trials=workers,
                    reuse_actors=True,  # TensorFlow takes seconds to import
                ),
                run_config=tune.RunConfig(
                    name="sweep",
                    storage_path=storage,
                    failure_config=tune.FailureConfig(max_failures=MAX_FAILURES),
                    callbacks=[Report()],
                    verbose=0,
                ),
            )
            .fit()
            .errors
        )
    if errors:
        raise FailedTrialsError(
            f"expected all trials to end well, got {len(errors)} that did not; the last words of "
            f"the first: {str(errors[0]).strip().splitlines()[-1]}"
        )


def main(words: Sequence[str]) -> int:
    """Run the command line of sweeps; returns the exit status."""
    parser = _build_parser()
    options = parser.parse_args(words)
    try:
        if options.show is not None:
            print(_show(options.show))
            return 0
        plans = _plan(options)
        if find_mnist() is None:
            print("Downloading MNIST (11 MB) …")
            download_mnist()
        print(f"{plans[0].sweep}: {len(plans)} trials")
        sweep = train_sweep(
            plans, report=_print_trial, address=options.address, workers=options.workers
        )
    except (
        FileNotFoundError,
        ValueError,
        UnknownSweepError,
        RayUnavailableError,
        FailedTrialsError,
    ) as error:
        print(error, file=sys.stderr)
        return 1
    print(tabulate(sweep))
    if len(sweep.ended) < len(sweep.trials):
        print("Not all trials ended. The same command goes on.", file=sys.stderr)
        return 1
    return 0


def tabulate(sweep: Sweep) -> str:
    """The sweep as a table of text: a row a trial, the best first."""
    rows = [("trial", *map(format_setting, sweep.varied), "accuracy", "loss", "seconds", "run")]
    for trial in sweep.trials:
        settings = (phrase_setting(getattr(trial.plan, name)) for name in sweep.varied)
        measures = (
            (
                f"{trial.validation_accuracy:.2%}",
                f"{trial.validation_loss:.4f}",
                f"{trial.card.duration_seconds:.1f}",
            )
            if trial.card
            else ("not ended", "", "")
        )
        rows.append((trial.run.name, *settings, *measures, trial.run.id))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core.training sweep",
        description="Train a model with every combination of the settings named, each as a run of "
        "its own. Settings that are not named are those that the Train page proposes. The same "
        "command again goes on where the last one ended.",
    )
    parser.add_argument(
        "model_id", nargs="*", help=f"models to train: {', '.join(list_trainable())}"
    )
    several: dict[str, Any] = {"nargs": "+", "metavar": "VALUE"}
    parser.add_argument("--learning-rate", type=float, **several)
    parser.add_argument("--batch-size", type=int, **several)
    parser.add_argument("--epochs", type=int, **several)
    parser.add_argument("--optimizer", nargs="+", choices=OPTIMIZERS)
    parser.add_argument("--share", type=float, **several, help="of the training images, 0…1")
    parser.add_argument(
        "--augmentation", nargs="+", choices=SWITCH, help="whether images are turned and bent"
    )
    parser.add_argument(
        "--styles", nargs="+", choices=SWITCH, help="whether habits of writing are painted on"
    )
    parser.add_argument("--cosine-decay", nargs="+", choices=SWITCH)
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="COUNT", help="train each with seeds 1, 2, …"
    )
    parser.add_argument(
        "--trials", type=int, metavar="N", help="draw N of the combinations (default: all)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="trials at once (default: one a processor)"
    )
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="of a Ray cluster (default: this machine alone)"
    )
    parser.add_argument(
        "--show",
        nargs="?",
        const="",
        metavar="SWEEP",
        help="print the table of a sweep and train nothing; without an id, all sweeps",
    )
    return parser


def _plan(options: argparse.Namespace) -> tuple[TrainingPlan, ...]:
    """The plans of the trials; raises ValueError where an option does not fit."""
    if not options.model_id:
        raise ValueError("expected the id of a model to train, or --show")
    if options.seeds < 1:
        raise ValueError(f"expected at least one seed, got {options.seeds}")
    bases = list_trainable()
    for model_id in options.model_id:
        if model_id not in bases:
            raise ValueError(
                f"expected a model that can be trained, got {model_id!r}; "
                f"choices are {', '.join(bases)}"
            )
    choices: dict[str, Sequence[Any]] = {
        name: [SWITCH.get(value, value) for value in getattr(options, name)]
        for name in CHOICES
        if getattr(options, name)
    }
    choices["seed"] = range(1, options.seeds + 1)
    begin = [propose_plan(bases[model_id]) for model_id in options.model_id]
    return plan_trials(begin, choices, most=options.trials)


def _show(sweep_id: str) -> str:
    if sweep_id:
        return tabulate(load_sweep(sweep_id))
    lines = [
        f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}  {len(one.ended)} of {len(one.trials)} trials"
        for one in list_sweeps()
    ]
    return "\n".join(lines) or "No sweep yet."


def _print_trial(trial: Trial) -> None:
    print(f"{trial.run.name}: validation {trial.validation_accuracy:.2%}, {trial.run.id}")
