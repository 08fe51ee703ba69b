"""The forecast: how long a plan will train on this machine, from the speeds of its parts.

This module does not know how the speeds were measured, nor how a network is trained.
"""

from dataclasses import dataclass
from math import ceil

from core.runs.durations import load_durations
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds, find_speeds

# Unchanged training images are predicted after each epoch: at most this share of all of them.
MAX_UNCHANGED_SHARE = 1 / 3
# What predicting an image takes, of what learning from it takes: the backward pass is about twice
# as expensive as the forward pass.
PREDICTION_SHARE = 1 / 3
# Keras ends an epoch before the first one, so as many augmented copies are made before it.
COPIES_BEFORE = 2


@dataclass(frozen=True)
class Forecast:
    """Seconds that a training will take.

    Attributes:
        once: TensorFlow's start, loading the data, compiling, evaluating and saving the model.
        copies: all augmented copies, with the predictions of the teachers.
        epochs: all epochs, with what follows each.
    """

    once: float
    copies: float
    epochs: float

    @property
    def seconds(self) -> float:
        """From the start to the end of the training."""
        return self.once + self.copies + self.epochs


def forecast_training(plan: TrainingPlan, images: int, validation: int) -> Forecast | None:
    """The forecast of a plan; None where the speed of one of its parts is not known.

    Args:
        plan: what to train, and how.
        images: the number of training images, drawings included.
        validation: the number of validation images.
    """
    speeds = find_speeds(plan)
    if speeds is None:
        return None
    starting = load_durations().starting
    return compute_forecast(plan.recipe, images, validation, speeds, starting=starting)


def compute_forecast(
    recipe: Recipe, images: int, validation: int, speeds: Speeds, *, starting: float
) -> Forecast:
    """The time of each part: its speed times how often it happens.

    Args:
        recipe: how the network is trained.
        images: the number of training images.
        validation: the number of validation images.
        speeds: of the parts, in seconds.
        starting: seconds until TensorFlow is loaded.
    """
    steps = ceil(count_epoch_images(recipe, images) / recipe.batch_size)
    return Forecast(
        once=starting + speeds.once,
        copies=count_copies(recipe) * images * speeds.copy_image,
        epochs=recipe.epochs
        * (steps * speeds.batch + compute_between(recipe, images, validation, speeds)),
    )


def compute_between(recipe: Recipe, images: int, validation: int, speeds: Speeds) -> float:
    """Seconds that follow the batches of an epoch; the arguments are those of the forecast."""
    more = count_predicted(images, validation) - speeds.predicted
    image = PREDICTION_SHARE * speeds.batch / recipe.batch_size
    return max(speeds.between + more * image, 0.0)


def count_predicted(images: int, validation: int) -> int:
    """How many predictions follow an epoch: two of each validation image, and unchanged ones."""
    return 2 * validation + count_unchanged(images, validation)


def count_unchanged(images: int, validation: int) -> int:
    """How many of the training images are predicted unchanged after each epoch.

    Predicting an image takes at most what learning from it takes, so all of them take at most
    ``MAX_UNCHANGED_SHARE`` of an epoch.
    """
    return min(validation, max(1, int(MAX_UNCHANGED_SHARE * images)))


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
