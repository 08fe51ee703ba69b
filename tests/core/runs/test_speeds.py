import json

import pytest

from core.models.files import RUNS_VARIABLE, runs_directory
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, change_settings
from core.runs.speeds import MAX_ENTRIES, SPEEDS_FILE, Speeds, find_speeds, save_speeds

PLAN = TrainingPlan()
SPEEDS = Speeds(once=9.0, batch=0.01, between=0.7, predicted=600, copy_image=0.0002)


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"epochs": 50},
        {"augmented_copies": 20},
        {"train_fraction": 1.0},
        {"drawing_weight": 3},
        {"learning_rate": 0.01},
        {"seed": 7},
        {"start_from": "lenet5"},
    ],
)
def test_speeds_hold_for_other_epochs_copies_and_images(changes):
    save_speeds(PLAN, SPEEDS)
    assert find_speeds(change_settings(PLAN, **changes)) == SPEEDS


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 128},
        {"optimizer": "sgd"},
        {"weight_decay": 0.01},
        {"averaging": True},
        {"bfloat16": True},
        {"architecture": "mlp"},
        {"architecture": None, "layers": read_layers("Flatten_Dense.8")},
        {"training_data": "bundled_digits", "train_fraction": 1},
        {"styles": False},
        {"teachers": ("mlp",)},
    ],
)
def test_speeds_do_not_hold_for_what_they_depend_on(changes):
    save_speeds(PLAN, SPEEDS)
    assert find_speeds(change_settings(PLAN, **changes)) is None


def test_copies_and_network_are_known_apart():
    mlp = change_settings(PLAN, architecture="mlp")
    without = change_settings(mlp, augmentation=False, styles=False)
    save_speeds(PLAN, SPEEDS)
    save_speeds(without, Speeds(once=4.0, batch=0.002, between=0.3, predicted=150))
    assert find_speeds(without) == Speeds(4.0, 0.002, 0.3, 150, 0.0)
    assert find_speeds(mlp) == Speeds(4.0, 0.002, 0.3, 150, SPEEDS.copy_image)
    assert find_speeds(PLAN) == SPEEDS


def test_the_last_speeds_count_and_the_oldest_are_forgotten():
    for number in range(MAX_ENTRIES + 1):
        plan = change_settings(PLAN, architecture=f"model_{number}")
        save_speeds(plan, Speeds(1.0, number + 1, 1.0, 200))
    assert find_speeds(change_settings(PLAN, architecture="model_0")) is None
    assert find_speeds(change_settings(PLAN, architecture="model_1")).batch == 2
    save_speeds(plan, SPEEDS)
    assert find_speeds(plan) == SPEEDS


@pytest.mark.parametrize("text", ["", "{", "[]", '{"networks": 3, "copies": {}}', "null"])
def test_a_damaged_file_is_as_none(text):
    save_speeds(PLAN, SPEEDS)
    (runs_directory() / SPEEDS_FILE).write_text(text)
    assert find_speeds(PLAN) is None
    save_speeds(PLAN, SPEEDS)
    assert find_speeds(PLAN) == SPEEDS


@pytest.mark.parametrize("missing", ["batch", "predicted", ""])
def test_a_damaged_entry_or_one_of_an_earlier_version_is_as_none(missing):
    save_speeds(PLAN, SPEEDS)
    file = runs_directory() / SPEEDS_FILE
    known = json.loads(file.read_text())
    (entry,) = known["networks"].values()
    if missing:
        del entry[missing]
    else:
        entry["batch"] = 0.0
    file.write_text(json.dumps(known))
    assert find_speeds(PLAN) is None
