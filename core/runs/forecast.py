"""The forecast: how long a plan will train on this machine, from the speeds of its parts.

This module does not know how the speeds were measured, nor how a network is trained.
"""

from dataclasses import dataclass
from math import ceil

from core.runs.durations import load_durations
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds, find_speeds


@dataclass(frozen=True)
class Forecast:
    """Seconds that a training will take.

    Attributes:
        once: TensorFlow's start, loading the data, compiling, evaluating and saving the model.
        copies: all augmented copies, with the predictions of the teachers.
        epochs: all epochs, with their validations.
    """

    once: float
    copies: float
    epochs: float

    @property
    def seconds(self) -> float:
        """From the start to the end of the training."""
        return self.once + self.copies + self.epochs


def forecast_training(plan: TrainingPlan, images: int) -> Forecast | None:
    """The forecast of a plan; None where the speed of one of its parts is not known.

    Args:
        plan: what to train, and how.
        images: the number of training images, drawings included.
    """
    speeds = find_speeds(plan)
    if speeds is None:
        return None
    return compute_forecast(plan.recipe, images, speeds, starting=load_durations().starting)


def compute_forecast(recipe: Recipe, images: int, speeds: Speeds, *, starting: float) -> Forecast:
    """The time of each part: its speed times how often it happens.

    Args:
        recipe: how the network is trained.
        images: the number of training images.
        speeds: of the parts, in seconds.
        starting: seconds until TensorFlow is loaded.
    """
    steps = ceil(count_epoch_images(recipe, images) / recipe.batch_size)
    return Forecast(
        once=starting + speeds.once,
        copies=count_copies(recipe) * images * speeds.copy_image,
        epochs=recipe.epochs * (steps * speeds.batch + speeds.between),
    )


def count_copies(recipe: Recipe) -> int:
    """How many augmented copies of the training images are made; each of them once."""
    return min(recipe.epochs, recipe.augmented_copies) if recipe.applied_amounts else 0


def count_epoch_images(recipe: Recipe, images: int) -> int:
    """How many images an epoch has: the training images, and those that augmentation adds."""
    amounts = recipe.applied_amounts
    if amounts is None:
        return images
    shares = (amounts.drawings, amounts.non_digits, amounts.wrong_segments)
    return images + sum(round(share * images) for share in shares)
