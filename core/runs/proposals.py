"""Proposals: the plans with which the Train page begins.

This module does not know how a network is trained.
"""

from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.models.card import ModelCard
from core.runs.finished import FinishedRun
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe
from core.synthesis.augmentation import HANDWRITING

# Fine-tuning: a short training with small updates, on a fifth of the images, so that the network
# keeps what it has learned. ``tests/benchmarks/bench_fine_tuning.py`` measures what it changes.
TUNING_RATE = 0.25  # of the learning rate for a new network
TUNING_EPOCHS, TUNING_FRACTION, TUNING_DRAWING_WEIGHT = 2, 0.2, 20


def propose_plan(card: ModelCard) -> TrainingPlan:
    """The plan that the Train page proposes for a built-in model.

    It has the model's own recipe, but for what takes long: the default number of epochs and of
    augmented copies, no teachers, and a tenth of the images.
    """
    trained, default = Recipe.from_card(card.recipe), Recipe()
    recipe = replace(
        trained,
        epochs=default.epochs,
        seed=default.seed,
        augmentation=trained.augmentation and trained.amounts.rotation > 0,
        amounts=HANDWRITING,
        unchanged=trained.amounts.unchanged,
        augmented_copies=default.augmented_copies,
        teachers=(),
        teacher_temperature=default.teacher_temperature,
    )
    return TrainingPlan(architecture=card.id, recipe=recipe)


def propose_fine_tuning(recipe: Recipe) -> dict[str, Any]:
    """The settings with which a network that starts from trained weights is trained, by name.

    Args:
        recipe: for a new network of this architecture.
    """
    return {
        "epochs": TUNING_EPOCHS,
        "learning_rate": TUNING_RATE * recipe.learning_rate,
        "train_fraction": TUNING_FRACTION,
        "drawing_weight": TUNING_DRAWING_WEIGHT,
    }


def list_plans(
    finished: Iterable[FinishedRun], trainable: Container[str]
) -> dict[str, TrainingPlan]:
    """The plans of the runs that can be trained further, by the id of the run, in their order.

    Args:
        finished: runs; damaged ones, and those whose plan is, are left out.
        trainable: ids of the built-in models whose architecture can be trained; other layers than
            theirs can be trained where they are a visitor's own.
    """
    plans = {}
    for found in finished:
        with suppress(ValueError):
            plan = TrainingPlan.from_fields(found.run.plan)
            if found.card and (plan.architecture is None or plan.architecture in trainable):
                plans[found.run.id] = plan
    return plans
