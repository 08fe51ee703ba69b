"""Lessons that are kept as runs, without a trainer."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import repeat
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import numpy as np
import pytest

from core.models.files import RUNS_VARIABLE, list_model_ids, load_card, runs_directory
from core.runs import jobs, launcher, lesson_jobs
from core.runs.job_files import DRAWINGS, State, job_directory, write_outcome
from core.runs.jobs import TrainingUnavailableError, delete, start
from core.runs.lesson import read_lesson
from core.runs.lesson_jobs import find_last_kept, keep_lesson
from core.runs.plan import TrainingPlan, change_settings
from core.runs.queue import MAX_QUEUED_PER_OWNER, QueueFullError, open_queue
from core.runs.run import Run, list_own_runs
from core.runs.store import TooManyRunsError
from core.runs.training_data import take
from tests.core.runs.conftest import finish_run, finish_taught_run, make_run
from tests.core.runs.lessons import send

CARDS = [load_card(model_id) for model_id in list_model_ids()]


@pytest.fixture(autouse=True)
def no_trainer(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    monkeypatch.setattr(jobs, "find_spec", str)  # TensorFlow seems to be there
    monkeypatch.setattr(launcher, "start_next", lambda _: None)
    monkeypatch.setattr(jobs, "start_next", lambda _: None)


@pytest.fixture
def drawings(bundled_digits):
    return take(bundled_digits, slice(6))


def test_a_run_has_the_lesson_in_its_plan_and_the_drawings_beside_it(drawings):
    run = keep_lesson(send(drawings), CARDS, "anna")
    plan = TrainingPlan.from_fields(run.plan)
    _, lesson, expected = read_lesson(send(drawings))
    assert plan.lesson == lesson
    assert (plan.architecture, plan.start_from, plan.training_data) == ("lenet5", "lenet5", "mnist")
    assert run.owner == "anna"
    with np.load(job_directory(run.id) / DRAWINGS) as arrays:
        assert np.array_equal(arrays["images"], expected.images)
        assert np.array_equal(arrays["labels"], expected.labels)


def test_the_same_lesson_is_kept_once_for_each_owner_until_it_is_deleted(drawings):
    first = keep_lesson(send(drawings), CARDS, "anna")
    assert keep_lesson(send(drawings, [5, 4, 3, 2, 1, 0]), CARDS, "anna").id == first.id
    others = [
        keep_lesson(send(drawings, steps=61), CARDS, "anna"),
        keep_lesson(send(drawings, model="MLP"), CARDS, "anna"),
        keep_lesson(send(drawings), CARDS, "berta"),
    ]
    assert len({first.id, *(run.id for run in others)}) == 4
    delete(first.id, "anna")
    assert keep_lesson(send(drawings), CARDS, "anna").id != first.id


@pytest.mark.parametrize(
    ("labels", "steps", "name"),
    [
        ([0, 0, 0, 0, 0, 0], 60, "LeNet-5 taught 6 zeros in 60 steps"),
        ([6], 1, "LeNet-5 taught 1 six in 1 step"),
        ([7, 0, 7], 1000, "LeNet-5 taught 1 zero and 2 sevens in 1000 steps"),
        ([1, 2, 3, 1], 60, "LeNet-5 taught 4 drawings of 3 digits in 60 steps"),
    ],
)
def test_the_name_tells_what_was_taught_and_how_long(drawings, labels, steps, name):
    sent = send(drawings, range(len(labels)), steps=steps)
    for drawing, digit in zip(sent["drawings"], labels, strict=True):
        drawing["digit"] = digit
    assert keep_lesson(sent, CARDS, "anna").name == name


@pytest.mark.parametrize(
    ("state", "is_same"),
    [
        (State.FINISHED, True),
        (State.FAILED, False),
        (State.STOPPED, False),
        (State.INTERRUPTED, False),
    ],
)
def test_a_lesson_whose_run_came_to_nothing_is_kept_anew(drawings, state, is_same):
    first = keep_lesson(send(drawings), CARDS, "anna")
    with open_queue() as queue:
        queue.now = queue.now.without(first.id)
    if state != State.INTERRUPTED:
        write_outcome(first.id, state, "")
    again = keep_lesson(send(drawings), CARDS, "anna")
    assert (again.id == first.id) == is_same


def test_two_requests_at_once_make_one_run(drawings, monkeypatch):
    at_once = Barrier(2)

    def start_late(*args: Any, **options: Any) -> Run:
        with suppress(BrokenBarrierError):  # nobody else may be as far
            at_once.wait(timeout=0.2)
        return jobs.start(*args, **options)

    monkeypatch.setattr(lesson_jobs, "start", start_late)
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(keep_lesson, [send(drawings)] * 2, repeat(CARDS), repeat("anna")))
    assert runs[0].id == runs[1].id
    assert len(list_own_runs("anna")) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="open files stay there")
def test_no_lock_is_left(drawings):
    keep_lesson(send(drawings), CARDS, "anna")
    assert [*(runs_directory() / lesson_jobs.LOCKS_DIRECTORY).iterdir()] == []


def test_nobody_waits_for_the_lesson_of_somebody_else(drawings, monkeypatch):
    begun, may_go_on = Event(), Event()

    def start_slowly(plan: TrainingPlan, owner: str, name: str, **options: Any) -> Run:
        if owner == "anna":
            begun.set()
            may_go_on.wait(timeout=30)
        return jobs.start(plan, owner, name, **options)

    monkeypatch.setattr(lesson_jobs, "start", start_slowly)
    with ThreadPoolExecutor() as pool:
        hers = pool.submit(keep_lesson, send(drawings), CARDS, "anna")
        assert begun.wait(timeout=30)
        try:
            other = pool.submit(keep_lesson, send(drawings), CARDS, "berta")
            assert other.result(timeout=10).owner == "berta"
            assert not hers.done()
        finally:
            may_go_on.set()
    assert hers.result().owner == "anna"


def test_the_lesson_that_was_kept_last_is_found_among_other_runs(drawings):
    assert find_last_kept("anna") is None
    keep_lesson(send(drawings), CARDS, "anna")
    last = keep_lesson(send(drawings, steps=61), CARDS, "anna")
    finish_run(make_run(owner="anna"))
    keep_lesson(send(drawings, steps=62), CARDS, "berta")
    assert find_last_kept("anna").id == last.id


def test_a_run_can_be_taught_and_a_long_name_is_cut(drawings):
    run = finish_run(make_run(owner="anna", name="M" * 60))
    card = replace(load_card(run.id), title=run.name)
    taught = keep_lesson(send(drawings, model=card.title), [*CARDS, card], "anna")
    plan = TrainingPlan.from_fields(taught.plan)
    assert (plan.architecture, plan.start_from) == ("logistic_regression", run.id)
    assert len(taught.name) == 60
    assert re.fullmatch(r"M+ taught .+ in 60 steps", taught.name)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "Committee"}, "no model 'committee' that can be trained"),
        ({"model": "Nobody's"}, "Reload the page"),
        ({"data": "my_drawings"}, "Reload the page"),
    ],
)
def test_what_cannot_be_taught_is_refused(drawings, changes, message):
    with pytest.raises(ValueError, match=message):
        keep_lesson(send(drawings, **changes), CARDS, "anna")
    assert list_own_runs("anna") == []


def test_a_model_that_keras_does_not_train_can_be_taught(drawings):
    run = keep_lesson(send(drawings, model="NumPy dense net"), CARDS, "anna")
    assert run.plan["architecture"] == "numpy_dense"


def test_limits_and_a_missing_trainer_are_sentences(drawings, monkeypatch):
    for steps in range(1, MAX_QUEUED_PER_OWNER + 1):
        keep_lesson(send(drawings, steps=steps), CARDS, "anna")
    with pytest.raises(QueueFullError):
        keep_lesson(send(drawings), CARDS, "anna")
    monkeypatch.setattr("core.runs.store.MAX_RUNS", 0)
    with pytest.raises(TooManyRunsError, match="Runs page"):
        keep_lesson(send(drawings), CARDS, "berta")
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    with pytest.raises(TrainingUnavailableError):
        keep_lesson(send(drawings), CARDS, "clara")


@pytest.mark.parametrize(
    "changes",
    [{"start_from": None}, {"drawing_weight": 1}, {"training_data": "my_drawings"}],
)
def test_a_lesson_goes_with_no_other_drawings_and_with_a_model(drawings, changes):
    run = keep_lesson(send(drawings), CARDS, "anna")
    with pytest.raises(ValueError, match="A lesson needs a model"):
        change_settings(TrainingPlan.from_fields(run.plan), **changes)


@pytest.mark.parametrize("use", [{"drawing_weight": 2}, {"training_data": "my_drawings"}])
def test_no_training_tests_a_taught_model_on_drawings_that_it_may_have_learned(bundled_digits, use):
    """Not even after another training in between, whose card still names them."""
    run = finish_taught_run(make_run(owner="anna"))
    plan = TrainingPlan(
        architecture="logistic_regression", start_from=run.id, train_fraction=1.0, **use
    )
    with pytest.raises(ValueError, match="was taught drawings on the Draw page"):
        start(plan, "anna", "Mine", drawings=bundled_digits)


def test_plans_without_a_lesson_are_written_as_before():
    assert "lesson" not in TrainingPlan().to_fields()
