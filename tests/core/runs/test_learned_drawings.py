"""No training tests a model on drawings that it, or a model which it uses, has learned from."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.models.files import RUNS_VARIABLE, load_card, runs_directory
from core.runs import jobs
from core.runs.jobs import start
from core.runs.learned_drawings import (
    check_held_out,
    digest_images,
    drop_learned,
    has_learned_from,
    list_learned,
    list_training_data,
)
from core.runs.plan import TrainingPlan, change_settings
from core.runs.run import list_own_runs
from core.runs.training_data import hold_out, split_drawings, take
from tests.core.runs.conftest import finish_run, make_run
from tests.messages import assert_plain

PLAN = TrainingPlan(architecture="logistic_regression", train_fraction=1)
ADDED, ALONE = {"drawing_weight": 3}, {"training_data": "my_drawings"}
ROLES = ["start_from", "teachers"]


@pytest.fixture(autouse=True)
def no_trainer(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    monkeypatch.setattr(jobs, "find_spec", str)  # TensorFlow seems to be there
    monkeypatch.setattr(jobs, "start_next", lambda _: None)


@pytest.fixture
def drawings(bundled_digits) -> Dataset:
    """A hundred drawings, ten of each digit."""
    chosen = [np.flatnonzero(bundled_digits.labels == digit)[:10] for digit in range(10)]
    return take(bundled_digits, np.concatenate(chosen))


def list_parts(plan: TrainingPlan, drawings: Dataset) -> tuple[list[Dataset], Dataset]:
    """The drawings that a training learns from, and those that it holds out."""
    if plan.training_data == "my_drawings":
        split = split_drawings(drawings)
        return [split.training, split.validation], split.test
    learned, held_out = hold_out(drawings)
    return [learned], held_out


def train(
    drawings: Dataset | None = None, used: tuple[ModelCard, ...] = (), **changes: Any
) -> ModelCard:
    """A run that has been trained, with the card that its trainer writes."""
    plan = change_settings(PLAN, **changes)
    run = finish_run(make_run(owner="anna", plan=plan.to_fields()))
    own = list_parts(plan, drawings)[0] if drawings else []
    trained_on = list_training_data(("mnist", "my_drawings") if own else ("mnist",), used)
    card = replace(
        load_card(run.id), trained_on=trained_on, learned_drawings=list_learned(own, used)
    )
    (runs_directory() / run.id / "card.json").write_text(card.to_json())
    return load_card(run.id)


def use(card: ModelCard, role: str, **changes: Any) -> TrainingPlan:
    """A plan that starts from a model, or learns from it."""
    named = card.id if role == "start_from" else (card.id,)
    return change_settings(PLAN, **{role: named}, **changes)


@pytest.mark.parametrize(
    ("learned", "dataset_id", "expected"),
    [
        ({"trained_on": ("mnist", "bundled_digits")}, "bundled_digits", True),
        ({"trained_on": ("mnist",)}, "bundled_digits", False),
        ({"trained_on": ("mnist",)}, "my_drawings", False),
        ({"trained_on": ("mnist", "my_drawings")}, "my_drawings", True),
        ({"trained_on": ("mnist", "taught_drawings")}, "my_drawings", True),
        ({"trained_on": ("mnist",), "learned_drawings": ("0" * 12,)}, "my_drawings", True),
        ({"trained_on": ("mnist",), "learned_drawings": ("0" * 12,)}, "bundled_digits", False),
    ],
)
def test_a_model_has_learned_from_what_it_or_those_before_it_were_taught(
    learned, dataset_id, expected
):
    card = replace(load_card("lenet5"), **learned)
    assert has_learned_from(card, dataset_id) == expected


def refuse(plan: TrainingPlan, drawings: Dataset) -> str:
    before = list_own_runs("anna")
    with pytest.raises(ValueError, match=r"Train it again|Draw more|Choose another") as refusal:
        start(plan, "anna", "Mine", drawings=drawings)
    assert list_own_runs("anna") == before
    assert_plain(str(refusal.value))
    return str(refusal.value)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("way", [ADDED, ALONE], ids=["added", "alone"])
def test_after_drawings_were_deleted_no_learned_one_is_a_test(drawings, way, role):
    parent = train(drawings, **way)
    plan = use(parent, role, **way)
    start(plan, "anna", "As before", drawings=drawings)
    held_out = {image.tobytes() for image in list_parts(plan, drawings)[1].images}
    fewer = take(drawings, np.array([one.tobytes() not in held_out for one in drawings.images]))
    count = len(list_parts(plan, fewer)[1])
    assert f"has learned from {count} of the {count} drawings" in refuse(plan, fewer)


@pytest.mark.parametrize("role", ROLES)
def test_the_oldest_may_be_deleted_and_new_ones_drawn(drawings, role):
    newest = take(drawings, np.random.default_rng(0).permutation(100))
    parent = train(take(newest, slice(60)), **ADDED)
    start(use(parent, role, **ADDED), "anna", "Mine", drawings=take(newest, slice(30, 100)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("way", [ADDED, ALONE], ids=["added", "alone"])
@pytest.mark.parametrize("before", [ADDED, ALONE], ids=["after added", "after alone"])
def test_drawings_may_be_added_and_used_in_another_way(drawings, before, way, role):
    """With one more than 19, others of them were held out by earlier versions."""
    mixed = take(drawings, np.arange(100).reshape(10, 10).T.ravel())
    for count in (19, 60):
        if before is ADDED or count >= 50:
            parent = train(take(mixed, slice(count)), **before)
            for later in range(max(count, 50 if way is ALONE else 0), count + 30):
                check_held_out(use(parent, role, **way), take(mixed, slice(later)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("way", [ADDED, ALONE], ids=["added", "alone"])
def test_what_a_run_of_an_earlier_version_learned_is_no_test(bundled_digits, way, role):
    """It held out the newest, so it has learned from most that are held out now."""
    drawings = take(bundled_digits, slice(100))
    run = finish_run(make_run(owner="anna", plan=change_settings(PLAN, **way).to_fields()))
    learned = list_learned([take(drawings, slice(80))], [])
    card = replace(load_card(run.id), learned_drawings=learned)
    (runs_directory() / run.id / "card.json").write_text(card.to_json())
    held_out = list_parts(use(card, role, **way), drawings)[1]
    left = drop_learned(held_out, [card])
    assert digest_images(left) == digest_images(held_out) - {*learned}
    assert 0 < len(left) < len(held_out) / 2
    count = len(held_out) - len(left)
    refusal = refuse(use(card, role, **way), drawings)
    assert f"learned from {count} of the {len(held_out)} drawings" in refusal
    start(use(card, role, **way), "anna", "Mine", drawings=take(bundled_digits, slice(300)))


def test_all_generations_count(drawings):
    grandparent = train(drawings, **ADDED)
    parent = train(used=(grandparent,))
    teacher = train(take(drawings, slice(50, None)), **ALONE)
    child = train(used=(teacher, parent))
    assert parent.learned_drawings == grandparent.learned_drawings
    assert {*child.learned_drawings} == {*parent.learned_drawings, *teacher.learned_drawings}
    assert {*parent.learned_drawings} != {*teacher.learned_drawings}
    fewer = hold_out(drawings)[0]
    count = len(hold_out(fewer)[1])
    for role in ROLES:
        assert f"{count} of the {count} drawings" in refuse(use(child, role, **ADDED), fewer)


@pytest.mark.parametrize("role", ROLES)
def test_what_an_earlier_version_learned_from_is_not_known(drawings, role):
    """Its oldest cards do not even name drawings; a model that comes of it is not known either."""
    run = finish_run(make_run(owner="anna", plan=change_settings(PLAN, **ADDED).to_fields()))
    former = load_card(run.id)
    child = train(used=(former, train(drawings, **ADDED)))
    assert child.learned_drawings == ()
    grandchild = train(used=(train(used=(former,)),))
    for card in (former, child, grandchild):
        assert "by an earlier version" in refuse(use(card, role, **ADDED), drawings)
    start(use(former, role), "anna", "Without drawings")


def test_a_model_that_knows_no_drawing_is_tested_on_any(drawings):
    for role, model_id in (("start_from", "logistic_regression"), ("teachers", "mlp")):
        named = model_id if role == "start_from" else (model_id,)
        check_held_out(change_settings(PLAN, **{role: named}, **ALONE), drawings)


def test_digests_tell_images_apart_whatever_their_labels(drawings):
    digests = digest_images(drawings)
    assert len(digests) == len(drawings)
    assert digest_images(replace(drawings, labels=drawings.labels[::-1])) == digests
    assert len(digests & digest_images(take(drawings, slice(50)))) == 50


def test_cards_without_learned_drawings_are_written_as_before(drawings):
    card = load_card("mlp")
    assert "learned_drawings" not in card.to_json()
    learned = train(drawings, **ALONE)
    assert ModelCard.from_json(learned.to_json()) == learned
    assert len(learned.learned_drawings) == 100 - len(split_drawings(drawings).test)
