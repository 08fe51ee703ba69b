from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.models.files import HISTORY_FILE, RUNS_VARIABLE, load_card, runs_directory
from core.models.publish import digest_files
from core.runs.changes import find_changes
from core.runs.finished import FinishedRun, list_finished
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.run import Run
from tests.core.runs.conftest import (
    finish_run,
    finish_run_on_bundled_digits,
    finish_taught_run,
    make_run,
)

BASE = TrainingPlan(
    architecture="logistic_regression", recipe=Recipe(epochs=3, augmentation=False, styles=False)
)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))


class Runs:
    """Runs of one visitor, an hour apart."""

    def __init__(self) -> None:
        self.count = 0

    def add(
        self, accuracy: float | None = None, *, trained: int | None = None, **changes: object
    ) -> Run:
        """A run of the plan above with other settings, stopped after so many epochs."""
        self.count += 1
        plan = change_settings(BASE, **changes)
        created_at = START + timedelta(hours=self.count)
        run = finish_run(make_run(plan=plan.to_fields(), owner="anna", created_at=created_at))
        trained = plan.recipe.epochs if trained is None else trained
        place = runs_directory() / run.id
        lines = (place / HISTORY_FILE).read_text().splitlines(keepends=True)
        (place / HISTORY_FILE).write_text("".join(lines[: trained + 1]))
        card = load_card(run.id)
        card = replace(card, files=card.files | digest_files(place, [HISTORY_FILE]))
        if accuracy is not None:
            test = replace(card.metrics["test_accuracy"], low=0.0, value=accuracy, high=1.0)
            card = replace(card, metrics=card.metrics | {"test_accuracy": test})
        (place / "card.json").write_text(card.to_json())
        return run


@pytest.fixture
def runs() -> Runs:
    return Runs()


def find() -> list[tuple[str, object, object]]:
    return [
        (change.name, change.before, change.after) for change in find_changes(list_finished("anna"))
    ]


def test_pairs_differ_in_exactly_one_setting(runs):
    first = runs.add(0.90)
    second = runs.add(0.93, batch_size=128)
    runs.add(batch_size=128, optimizer="sgd")  # differs from the first one in two settings
    changes = find_changes(list_finished("anna"))
    assert [(one.name, one.before, one.after) for one in changes] == [
        ("optimizer", "adam", "sgd"),
        ("batch_size", 64, 128),
    ]
    assert (changes[1].earlier.run.id, changes[1].later.run.id) == (first.id, second.id)
    assert changes[1].gain == pytest.approx(0.03)


def test_the_seed_and_the_sweep_are_no_settings(runs):
    runs.add()
    runs.add(seed=5)
    assert find() == []
    runs.add(seed=9, learning_rate=0.01, sweep="sweep_0123456789ab")
    assert find() == [("learning_rate", 0.002, 0.01)] * 2


def test_what_a_run_does_not_use_is_no_difference(runs):
    runs.add()
    runs.add(augmentation=True, augmented_copies=2)
    assert find() == [("augmentation", False, True)]
    runs.add(augmentation=True, augmented_copies=2, teachers=("mlp",), teacher_temperature=2.0)
    assert find()[0] == ("teachers", (), ("mlp",))


def test_copies_for_which_there_was_no_epoch_are_no_difference(runs):
    epochs = BASE.recipe.epochs
    runs.add(augmentation=True, augmented_copies=epochs)
    runs.add(augmentation=True, augmented_copies=epochs + 1)
    assert find() == []


def test_another_network_is_one_change(runs):
    runs.add()
    layers = read_layers("Conv2D.6.5_Flatten_Dense.20")
    runs.add(architecture=None, layers=layers)
    assert find() == [("architecture", "logistic_regression", "Conv2D 6 of 5×5, Flatten, Dense 20")]
    runs.add(start_from="logistic_regression")
    assert find()[0] == ("start_from", None, "logistic_regression")


def test_stopped_and_taught_runs_and_other_test_sets_are_left_out(runs):
    runs.add()
    runs.add(batch_size=128, trained=2)
    finish_taught_run(make_run(plan=BASE.to_fields(), owner="anna"))
    finish_run_on_bundled_digits(
        make_run(plan=change_settings(BASE, epochs=30, train_fraction=1).to_fields(), owner="anna")
    )
    assert find() == []


def test_damaged_runs_are_left_out(runs):
    damaged = FinishedRun(runs.add(), None, "It is damaged.")
    runs.add(batch_size=128)
    assert find_changes([*list_finished("anna")[:1], damaged]) == []
