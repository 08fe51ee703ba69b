"""Sweeps in the queue of trainings: started, stopped and resumed, beside the runs of others."""

import time
from collections import Counter

import pytest

from core.models.files import RUNS_VARIABLE, runs_directory
from core.runs import queue, store
from core.runs.job_files import State
from core.runs.jobs import has_active_job, list_jobs, start, stop
from core.runs.plan import TrainingPlan, change_settings
from core.runs.queue import QueueFullError, read_queue
from core.runs.run import load_run
from core.runs.store import MAX_RUNS, TooManyRunsError
from core.runs.sweep_jobs import MAX_TRIALS, resume_sweep, start_sweep, stop_sweep
from core.runs.sweeps import list_sweeps, plan_trials
from tests.trainers import pretend_to_train

PLAN = TrainingPlan(architecture="logistic_regression")
SECONDS = 60


@pytest.fixture(autouse=True)
def trainer_that_waits(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    with pretend_to_train(monkeypatch):
        yield


def plan(count: int) -> tuple[TrainingPlan, ...]:
    return plan_trials([PLAN], {"seed": range(1, count + 1)})


def list_trials(sweep_id: str, owner: str) -> list:
    return list_jobs(owner, max_jobs=MAX_RUNS, sweep=sweep_id)


def count_states(sweep_id: str, owner: str) -> Counter[State]:
    return Counter(job.state for job in list_trials(sweep_id, owner))


def wait_for(sweep_id: str, owner: str, **states: int) -> None:
    expected = Counter({State(name): count for name, count in states.items()})
    deadline = time.monotonic() + SECONDS
    while count_states(sweep_id, owner) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert count_states(sweep_id, owner) == expected


def test_a_sweep_is_trained_trial_by_trial_stopped_and_resumed():
    sweep_id = start_sweep(plan(3), "anna", "Logistic regression")
    wait_for(sweep_id, "anna", running=1, queued=2)
    assert has_active_job("anna")
    assert list_jobs("anna") == []  # its trials are no runs of their own on the Train page
    assert [sweep.id for sweep in list_sweeps(owner="anna")] == [sweep_id]
    assert list_sweeps(owner="berta") == []
    stop_sweep(sweep_id, "anna")
    wait_for(sweep_id, "anna", stopped=1, interrupted=2)
    assert not has_active_job("anna")
    resume_sweep(sweep_id, "anna")
    wait_for(sweep_id, "anna", running=1, queued=2)
    names = {job.run.name: job.run for job in list_trials(sweep_id, "anna")}
    assert sorted(names) == [f"Logistic regression, trial {number}" for number in (1, 2, 3)]
    seeds = {run.plan["recipe"]["seed"] for run in names.values()}
    assert seeds == {1, 2, 3}


def test_others_and_ones_own_runs_wait_for_one_trial_at_most():
    sweep_id = start_sweep(plan(4), "anna", "Mine")
    first = next(job.run for job in list_trials(sweep_id, "anna") if job.state == State.RUNNING)
    own = start(PLAN, "anna", "own")
    others = [start(PLAN, owner, owner) for owner in ("berta", "carla")]
    order = [queued.run_id for queued in read_queue().in_order()]
    assert order[:3] == [others[0].id, others[1].id, own.id]
    trials = {job.run.id for job in list_trials(sweep_id, "anna")}
    assert set(order[3:]) == trials - {first.id}
    stop(first.id, "anna")
    deadline = time.monotonic() + SECONDS
    while read_queue().running != others[0].id and time.monotonic() < deadline:
        time.sleep(0.02)
    assert read_queue().running == others[0].id


def test_a_visitor_has_one_sweep_in_the_queue_and_may_add_runs():
    start_sweep(plan(4), "anna", "Mine")
    with pytest.raises(QueueFullError, match="One of your sweeps"):
        start_sweep(plan(2), "anna", "Mine")
    for number in range(queue.MAX_QUEUED_PER_OWNER):
        start(change_settings(PLAN, seed=number + 10), "anna", "run")


def test_the_trials_of_all_visitors_together_are_limited(monkeypatch):
    monkeypatch.setattr(queue, "MAX_QUEUED_TRIALS", 5)
    start_sweep(plan(4), "anna", "Mine")  # one of them is in training
    with pytest.raises(QueueFullError, match="3 trials of sweeps are queued"):
        start_sweep(plan(3), "berta", "Mine")
    start_sweep(plan(2), "berta", "Mine")


@pytest.mark.parametrize("count", [1, MAX_TRIALS + 1])
def test_a_sweep_of_too_few_or_too_many_trials_is_refused(count):
    with pytest.raises(ValueError, match="A sweep has 2 to 12 trials"):
        start_sweep(plan(count), "anna", "Mine")


def test_a_sweep_that_would_exceed_the_number_of_runs_leaves_nothing(monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 3)
    with pytest.raises(TooManyRunsError):
        start_sweep(plan(4), "anna", "Mine")
    assert not list(runs_directory().glob("run_*"))
    assert not read_queue().waiting


def test_nobody_stops_the_sweep_of_another_visitor():
    sweep_id = start_sweep(plan(2), "anna", "Mine")
    stop_sweep(sweep_id, "berta")
    assert count_states(sweep_id, "anna") == {State.RUNNING: 1, State.QUEUED: 1}
    assert all(load_run(job.run.id).owner == "anna" for job in list_trials(sweep_id, "anna"))
