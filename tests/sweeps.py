"""Sweeps without a training, of runs with invented cards, and with an interrupted training."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from core.models.card import Estimate, SeedRun
from core.models.files import CARD_FILE, load_card, load_history, runs_directory
from core.runs.job_files import PROGRESS
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe
from core.runs.run import JOB_DIRECTORY, Run, save_run
from core.runs.sweeps import Sweep, list_sweeps, name_trial, plan_trials

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 240
# The least that can be trained: 275 digits.
TINY = [
    "logistic_regression",
    "--train-fraction",
    "0.005",
    "--augmentation",
    "off",
    "--styles",
    "off",
]
PLAN = TrainingPlan(architecture="logistic_regression", recipe=Recipe(epochs=2))
CHOICES = {"learning_rate": (0.001, 0.004), "augmentation": (True, False)}


def save_sweep(*, losses: tuple[float | None, ...], directory: Path | None = None) -> str:
    """Save a sweep of four trials of these validation losses; None for one that has not ended."""
    plans = plan_trials([PLAN], CHOICES)
    for number, (plan, loss) in enumerate(zip(plans, losses, strict=True), 1):
        run = Run(name_trial(plan), f"Logistic regression, trial {number}", plan.to_fields())
        place = save_run(run, directory)
        if loss is None:
            continue
        accuracy = 1 - loss / 10
        card = replace(
            load_card("logistic_regression"),
            id=run.id,
            title=run.name,
            metrics={"validation_accuracy": Estimate(accuracy, accuracy, accuracy)},
            seed_runs=(SeedRun(1, loss, accuracy, accuracy),),
        )
        (place / CARD_FILE).write_text(card.to_json(), "utf-8")
    return str(plans[0].sweep)


def sweep_and_kill_a_worker(words: Sequence[str]) -> tuple[list[str], str, Sweep]:
    """Train a sweep with two workers, and kill one of them while it trains.

    Returns:
        The words of the command, what it printed, and the sweep.
    """
    command = ["sweep", *TINY, *words, "--workers", "2"]
    with subprocess.Popen(
        [sys.executable, "-m", "core.training", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while not (worker := _find_worker(psutil.Process(process.pid))) or not _has_begun():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker.kill()
        printed, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    (sweep,) = list_sweeps()
    return command, printed, sweep


def check_table(printed: str, sweep: Sweep, runs: Path) -> str:
    """Check each line of the table at the end of a text against its run; returns the table."""
    table = printed[printed.index("trial  ") :]
    for line, trial in zip(table.splitlines()[1:], sweep.trials, strict=True):
        card, recipe = load_card(trial.run.id, runs), trial.run.plan["recipe"]
        for name in ("learning_rate", "batch_size", "epochs", "seed"):
            assert card.recipe[name] == recipe[name]
        cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
        assert cells == [
            trial.run.name,
            *(f"{recipe[name]:g}" for name in sweep.varied),
            f"{card.metrics['validation_accuracy'].value:.2%}",
            f"{card.seed_runs[0].validation_loss:.4f}",
            f"{card.duration_seconds:.1f}",
            trial.run.id,
        ]
        assert load_history(trial.run.id, runs).epochs == recipe["epochs"]
    return table


def _has_begun() -> bool:
    """Whether a trial is being trained."""
    return any(runs_directory().glob(f"*/{JOB_DIRECTORY}/{PROGRESS}"))


def _find_worker(process: psutil.Process) -> psutil.Process | None:
    """A worker of Ray that is given trials."""
    for child in process.children(recursive=True):
        try:
            if "ray::ImplicitFunc" in " ".join(child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None
