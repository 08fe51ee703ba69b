"""Proposals: the plans with which the Train page begins.

This module does not know how a network is trained.
"""

from dataclasses import replace
from typing import Any

from core.models.card import ModelCard
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
