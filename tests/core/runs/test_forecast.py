from dataclasses import replace

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.models.files import RUNS_VARIABLE
from core.runs.durations import save_duration
from core.runs.forecast import (
    Forecast,
    compute_between,
    compute_forecast,
    count_epoch_images,
    forecast_training,
)
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds, save_speeds

# Of 1,000 training images and 200 for validation.
SPEEDS = Speeds(once=10.0, batch=0.5, between=3.0, predicted=600, copy_image=0.01)


def test_a_forecast_without_augmentation():
    recipe = Recipe(epochs=4, batch_size=64, augmentation=False, styles=False)
    # 1,000 images are 16 batches.
    assert compute_forecast(recipe, 1000, 200, SPEEDS, starting=5.0) == Forecast(
        once=15.0, copies=0.0, epochs=4 * (16 * 0.5 + 3.0)
    )


@pytest.mark.parametrize(("epochs", "copies", "made"), [(4, 2, 2), (3, 6, 3), (1, 1, 1)])
def test_each_copy_is_made_once_and_adds_digits_to_every_epoch(epochs, copies, made):
    recipe = Recipe(epochs=epochs, batch_size=64, augmented_copies=copies)
    # 12 % of drawings, 12 % of non-digits and 6 % of wrong segments: 1,300 images, 21 batches.
    forecast = compute_forecast(recipe, 1000, 200, SPEEDS, starting=0.0)
    assert forecast.copies == pytest.approx(made * 1000 * 0.01)
    assert forecast.epochs == pytest.approx(epochs * (21 * 0.5 + 3.0))
    assert forecast.seconds == pytest.approx(10.0 + forecast.copies + forecast.epochs)


def test_a_plan_has_a_forecast_as_soon_as_its_speeds_are_known(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    plan = change_settings(TrainingPlan(), augmentation=False, styles=False)
    assert forecast_training(plan, 640, 200) is None
    save_speeds(plan, SPEEDS)
    save_duration(starting=2.0)
    longer = change_settings(plan, epochs=20)
    seconds = 12.0 + 20 * (10 * 0.5 + 3.0)
    assert forecast_training(longer, 640, 200).seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("images", "validation", "unchanged"),
    [(90, 200, 30), (3, 200, 1), (9000, 200, 200), (9000, 150, 150), (9000, 900, 900)],
)
def test_what_follows_an_epoch_counts_the_images_that_are_predicted(images, validation, unchanged):
    """Measured with 200 unchanged ones and 200 for validation, each of which is predicted twice.

    Predicting an image takes a third of what learning from it takes.
    """
    recipe = Recipe(batch_size=128)
    between = compute_between(recipe, images, validation, SPEEDS)
    more = unchanged - 200 + 2 * (validation - 200)
    assert between == pytest.approx(3.0 + more * 0.5 / 128 / 3)
    assert compute_between(recipe, images, validation, replace(SPEEDS, between=0.1)) >= 0


def test_a_copy_has_as_many_images_as_are_counted(bundled_digits: Dataset):
    augmented_copies = pytest.importorskip("core.training.augmented_copies")
    part = Dataset("part", "Part", bundled_digits.images[:37], bundled_digits.labels[:37])
    for recipe in (Recipe(), Recipe(styles=False)):
        copy = augmented_copies.make_copy(part, recipe.applied_amounts, np.random.default_rng(0))
        assert len(copy) == count_epoch_images(recipe, 37)
