"""Training a sweep: many runs in parallel with Ray Tune, on this machine or on a cluster.

Each trial is a run that is trained by its plan like any other. A sweep that was stopped resumes
with the trials that have no model yet, each of them after its last complete epoch. If a worker
dies, another one resumes its trial. The validation set decides which trial is the best; the test
set is used once for each trial, to report its accuracy.
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
from core.runs.plan import (
    PLAN_SETTINGS,
    TrainingPlan,
    format_setting,
    get_setting,
    list_trainable,
    title_setting,
)
from core.runs.proposals import propose_plan
from core.runs.recipe import Recipe, list_settings
from core.runs.run import JOB_DIRECTORY, Run, UnknownRunError, load_run, save_run
from core.runs.sweeps import (
    Sweep,
    Trial,
    UnknownSweepError,
    list_sweeps,
    load_sweep,
    name_trial,
    plan_trials,
)
from core.training.options import add_options, read_options

# What a sweep can vary besides the seed.
SETTINGS = {"train_fraction": PLAN_SETTINGS["train_fraction"], **list_settings(Recipe)}
# Number of workers that a trial may lose before it counts as failed.
MAX_FAILURES = 3
# Each worker has one processor and needs one thread. This program prints and logs instead of Ray.
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
    """Train all trials that have no model yet.

    Args:
        plans: from ``plan_trials``.
        report: called with each trial that ends.
        address: of a Ray cluster, all of whose machines have MNIST and can write into the runs
            directory; None for this machine only.
        workers: how many trials are trained at once; None for one per processor.

    Returns:
        The sweep after training.

    Raises:
        RayUnavailableError: Ray is not installed, or there is no such cluster.
        FailedTrialsError: some trials ended without a model; the others have one.
    """
    run_ids = [_save_trial(plan, number, len(plans)) for number, plan in enumerate(plans, 1)]
    left = [run_id for run_id in run_ids if not (runs_directory() / run_id / CARD_FILE).exists()]
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
    """Train one trial in its own worker, and report the result to Ray."""
    os.environ.update(ENVIRONMENT)
    from ray import tune  # noqa: PLC0415  set the variables before TensorFlow is imported

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
    """Create the run of a trial if it does not exist; returns its id."""
    run_id = name_trial(plan)
    try:
        load_run(run_id)
    except UnknownRunError:
        title = list_trainable()[str(plan.architecture)].title
        description = f"One of {total} trials of {plan.sweep}."
        save_run(Run(run_id, f"{title}, trial {number}", plan.to_fields(), description=description))
    return run_id


def _find_trial(sweep_id: str, run_id: str) -> Trial:
    return next(trial for trial in load_sweep(sweep_id).trials if trial.run.id == run_id)


def _tune(run_ids: Sequence[str], workers: int, report: Callable[[str], object]) -> None:
    """Train these runs with Ray Tune, ``workers`` at once."""
    from ray import tune  # noqa: PLC0415  takes seconds, and only a sweep needs it

    class ReportTrials(tune.Callback):
        def on_trial_complete(self, **information: Any) -> None:
            report(information["trial"].config["run_id"])

    # All machines of a cluster can write here. What Ray keeps there is never read back: the runs
    # themselves show which trials have no model yet.
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
                    callbacks=[ReportTrials()],
                    verbose=0,
                ),
            )
            .fit()
            .errors
        )
    if errors:
        raise FailedTrialsError(
            f"{len(errors)} of {len(run_ids)} trials failed; the first one with: "
            f"{str(errors[0]).strip().splitlines()[-1]}"
        )


def main(words: Sequence[str]) -> int:
    """Run the command of sweeps; returns the exit status."""
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
        print(
            "Some trials have not ended. Run the same command again to resume them.",
            file=sys.stderr,
        )
        return 1
    return 0


def tabulate(sweep: Sweep) -> str:
    """A text table with a row for each trial, the best one first."""
    titles = (title_setting(name).lower() for name in sweep.varied)
    rows = [("trial", *titles, "accuracy", "loss", "seconds", "run")]
    for trial in sweep.trials:
        settings = (format_setting(name, get_setting(trial.plan, name)) for name in sweep.varied)
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
        description="Train a model with every combination of the given settings, each as a run. "
        "The other settings are those that the Train page proposes for the model. Run the same "
        "command again to resume a sweep.",
    )
    parser.add_argument(
        "model_id", nargs="*", help=f"models to train: {', '.join(list_trainable())}"
    )
    add_options(parser, SETTINGS, several=True)
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="COUNT",
        help="train each combination this many times, with seeds 1, 2, … (default: 1)",
    )
    parser.add_argument(
        "--trials", type=int, metavar="N", help="a random sample of N combinations (default: all)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="trials at once (default: one per processor)"
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="address of a Ray cluster (default: this machine only)",
    )
    parser.add_argument(
        "--show",
        nargs="?",
        const="",
        metavar="SWEEP",
        help="print the table of a sweep, or without an id a list of all sweeps; train nothing",
    )
    return parser


def _plan(options: argparse.Namespace) -> tuple[TrainingPlan, ...]:
    """The plans of the trials. Raises ValueError where an option does not fit."""
    if not options.model_id:
        raise ValueError("Name a model to train, or give --show")
    if options.seeds < 1:
        raise ValueError(f"--seeds must be at least 1, not {options.seeds}")
    trainable = list_trainable()
    for model_id in options.model_id:
        if model_id not in trainable:
            raise ValueError(
                f"There is no model {model_id!r} that can be trained; choices are "
                f"{', '.join(trainable)}"
            )
    choices: dict[str, Sequence[Any]] = {
        **read_options(options, SETTINGS),
        "seed": range(1, options.seeds + 1),
    }
    proposed = [propose_plan(trainable[model_id]) for model_id in options.model_id]
    return plan_trials(proposed, choices, max_trials=options.trials)


def _show(sweep_id: str) -> str:
    if sweep_id:
        return tabulate(load_sweep(sweep_id))
    lines = [
        f"{sweep.id}  {sweep.created_at:%Y-%m-%d %H:%M}  "
        f"{len(sweep.ended)} of {len(sweep.trials)} trials"
        for sweep in list_sweeps()
    ]
    return "\n".join(lines) or "No sweep yet."


def _print_trial(trial: Trial) -> None:
    print(f"{trial.run.name}: validation {trial.validation_accuracy:.2%}, {trial.run.id}")
