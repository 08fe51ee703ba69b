"""Sweeps without a training: runs whose cards are made up."""

from dataclasses import replace
from pathlib import Path

from core.artifacts import CARD_FILE, Estimate, SeedRun, load_card
from core.runs.plan import TrainingPlan
from core.runs.run import Run, save_run
from core.runs.sweeps import name_trial, plan_trials

PLAN = TrainingPlan(base="logistic_regression", epochs=2)
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
