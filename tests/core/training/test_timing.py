"""Timing by a real training of some seconds."""

import json
import os
from errno import ENOSPC, EROFS
from pathlib import Path

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs import speeds
from core.runs.forecast import forecast_training
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds, find_speeds
from core.runs.time_measurement import PLAN_FILE, measure_time
from core.training import timing
from core.training.timing import MAX_IMAGES, MIN_DIGITS, Sizes, choose_sizes, time_plan

PLAN = TrainingPlan(
    architecture="logistic_regression",
    training_data="bundled_digits",
    train_fraction=1,
    recipe=Recipe(epochs=3, batch_size=32, teachers=("mlp",)),
)


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))


def test_the_process_measures_a_plan_so_that_others_are_forecast():
    waits = []
    measure_time(PLAN, lambda: waits.append(1))
    found = find_speeds(PLAN)
    assert waits
    assert min(found.once, found.batch, found.between, found.copy_image) > 0
    assert found.batch < found.between < found.once
    longer = change_settings(PLAN, epochs=30, augmented_copies=24)
    assert found.predicted == 3 * 355
    one, other = (forecast_training(plan, 1087, 355).seconds for plan in (PLAN, longer))
    # 1,087 images, and 326 that augmentation adds, are 45 batches.
    epochs, copies = 27 * (45 * found.batch + found.between), 21 * 1087 * found.copy_image
    assert other - one == pytest.approx(epochs + copies)


def test_a_plan_that_cannot_be_timed_is_a_sentence(tmp_path):
    (tmp_path / "plan.json").write_text('{"recipe": {}}')
    assert "expected a training plan" in time_plan(tmp_path)


@pytest.mark.parametrize(
    ("number", "reason"), [(ENOSPC, "disk of the server is full"), (EROFS, "Read-only file system")]
)
def test_a_time_that_cannot_be_saved_is_a_sentence(tmp_path, monkeypatch, number, reason):
    def refuse(file: Path, *_: str) -> None:
        raise OSError(number, os.strerror(number), str(file))

    monkeypatch.setattr(timing, "measure_speeds", lambda *_: Speeds(9.0, 0.01, 0.7, 200))
    monkeypatch.setattr(speeds, "write_atomically", refuse)
    (tmp_path / PLAN_FILE).write_text(json.dumps(PLAN.to_fields()))
    found = time_plan(tmp_path)
    assert reason in found
    assert str(tmp_path) not in found


def test_a_large_network_is_timed_with_fewer_images():
    large = change_settings(PLAN, architecture="deep_cnn", batch_size=128)
    layers = read_layers("Conv2D.64.7_Conv2D.64.7_MaxPooling2D_Flatten")
    wide = change_settings(PLAN, architecture=None, layers=layers, batch_size=64)
    small = choose_sizes(PLAN)
    assert small.images == MAX_IMAGES
    assert small.digits > 10_000  # all that there are
    assert MIN_DIGITS < choose_sizes(large).digits < 2000
    assert choose_sizes(wide) == Sizes(images=5 * 64, digits=MIN_DIGITS)
