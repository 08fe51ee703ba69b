"""The queue, with a trainer that only pretends."""

import errno
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.digits.datasets import Dataset
from core.models.files import RUNS_VARIABLE, runs_directory
from core.runs import jobs, launcher, store
from core.runs.job_files import State
from core.runs.jobs import Job, TrainingUnavailableError, list_jobs, remove, resume, start, stop
from core.runs.launcher import start_next_if_idle
from core.runs.plan import TrainingPlan, change_settings
from core.runs.progress import Example, Point, Progress, Report, Validation
from core.runs.queue import MAX_QUEUED, MAX_QUEUED_PER_OWNER, QueueFullError
from core.runs.recipe import Recipe
from core.runs.run import Run, UnknownRunError, list_runs, load_run

PLAN = TrainingPlan(recipe=Recipe(epochs=1))
SECONDS = 60
# Writes down which run it is, then does what the run's name says.
TRAINER = """
import json, sys, time
from pathlib import Path
from core.runs.job_files import State
from core.runs.launcher import acquire, release
from core.models.files import runs_directory
from core.runs.run import load_run

run = load_run(sys.argv[1])
lock = acquire(run.id)
job = runs_directory() / run.id / "job"
with (runs_directory() / "order").open("a") as order:
    order.write(run.name + " ")
print("training", run.name, flush=True)
if run.name == "crash":
    raise RuntimeError("out of paper")
if run.name == "fail":
    release(run.id, lock, State.FAILED, "expected ink, got none")
    sys.exit()
while run.name == "long" and not (job / "stop").exists():
    time.sleep(0.02)
release(run.id, lock, State.STOPPED if run.name == "long" else State.FINISHED)
"""


@pytest.fixture(autouse=True)
def pretended_trainer(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", str)  # TensorFlow seems to be there
    script = tmp_path / "trainer.py"
    script.write_text(
        # The next one is started by this one, so it has to know the same trick.
        f"import sys; sys.path.insert(0, {str(launcher.ROOT)!r})\n"
        "import core.runs.jobs\n"
        "core.runs.launcher.TRAINER = (sys.executable, __file__)\n" + TRAINER
    )
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    monkeypatch.setattr(launcher, "TRAINER", (sys.executable, str(script)))
    yield
    for run in list_all_runs():
        (runs_directory() / run.id / "job" / "stop").touch()


def list_all_runs() -> list[Run]:
    return [load_run(file.parent.name) for file in runs_directory().glob("*/run.json")]


def find(run_id: str) -> Job:
    return next(
        one for one in list_jobs(load_run(run_id).owner, max_jobs=99) if one.run.id == run_id
    )


def wait_for(run_id: str, *states: State) -> Job:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        job = find(run_id)
        if job.state in states:
            return job
        time.sleep(0.02)
    raise AssertionError(f"expected {states}, got {job.state}: {job.log}")


def read_order() -> list[str]:
    return (runs_directory() / "order").read_text().split()


def wait_for_text(file, text: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and not (file.exists() and text in file.read_text()):
        time.sleep(0.02)
    assert text in file.read_text()


def kill_trainer(run_id: str) -> None:
    """As the kernel does when memory runs out."""
    job = runs_directory() / run_id / "job"
    wait_for_text(job / "log.txt", "training")
    psutil.Process(int((job / "process").read_text())).kill()


def test_a_run_is_trained_from_start_to_end():
    run = start(PLAN, "anna", " quick ")
    assert TrainingPlan.from_fields(load_run(run.id).plan) == PLAN
    assert run.name == "quick"
    job = wait_for(run.id, State.FINISHED)
    assert job.progress.stage == "starting"
    assert job.error == job.log == ""
    assert list_jobs("berta") == []


def test_a_run_in_training_cannot_be_deleted_and_a_queued_one_leaves_the_queue():
    first = start(PLAN, "anna", "long")
    second = start(PLAN, "anna", "quick")
    with pytest.raises(ValueError, match=r"^This run is still training\. Stop it first\.$"):
        jobs.delete(first.id, "anna")
    with pytest.raises(UnknownRunError):
        jobs.delete(second.id, "berta")
    jobs.delete(second.id, "anna")
    assert [run.id for run in list_runs("anna")] == [first.id]
    stop(first.id, "anna")
    assert wait_for(first.id, State.STOPPED)
    jobs.delete(first.id, "anna")
    assert list_runs("anna") == []
    assert "quick" not in read_order()


def test_a_visitor_cannot_start_more_runs_than_the_limit(monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 1)
    first = start(PLAN, "anna", "quick")
    with pytest.raises(store.TooManyRunsError):
        start(PLAN, "anna", "quick")
    assert [run.id for run in list_runs("anna")] == [first.id]


def test_one_run_is_trained_at_a_time_and_the_next_starts_by_itself():
    first = start(PLAN, "anna", "long")
    second = start(PLAN, "anna", "quick")
    wait_for_text(runs_directory() / "order", "long")
    assert find(first.id).state == State.RUNNING
    assert (find(second.id).state, find(second.id).place) == (State.QUEUED, 1)
    stop(first.id, "anna")
    wait_for_text(runs_directory() / second.id / "job" / "outcome.json", "finished")
    assert find(first.id).state == State.STOPPED
    assert read_order() == ["long", "quick"]


def test_owners_are_served_in_turn():
    first = start(PLAN, "anna", "long")
    for owner, name in (("anna", "a1"), ("anna", "a2"), ("berta", "b1"), ("carla", "c1")):
        last = start(PLAN, owner, name)
    start(PLAN, "berta", "b2")
    assert find(last.id).place == 2
    stop(first.id, "anna")
    wait_for_text(runs_directory() / "order", "b2")
    assert read_order() == ["long", "b1", "c1", "a1", "b2", "a2"][: len(read_order())]
    wait_for_text(runs_directory() / "order", "a2")


def test_the_queue_is_limited_for_each_visitor_and_for_all():
    first = start(PLAN, "anna", "long")
    for number in range(MAX_QUEUED_PER_OWNER):
        start(PLAN, "anna", f"a{number}")
    with pytest.raises(
        QueueFullError, match=f"{MAX_QUEUED_PER_OWNER} of your runs are queued already"
    ):
        start(PLAN, "anna", "one too many")
    for number in range(MAX_QUEUED - MAX_QUEUED_PER_OWNER):
        start(PLAN, f"visitor_{number // 2}", "n")
    with pytest.raises(QueueFullError, match=f"{MAX_QUEUED} runs are queued"):
        start(PLAN, "berta", "one too many")
    assert len(list_all_runs()) == 1 + MAX_QUEUED  # a refused one leaves nothing
    for run in list_all_runs():
        if run.id != first.id:
            remove(run.id, run.owner)
    assert [run.id for run in list_all_runs()] == [first.id]
    stop(first.id, "anna")
    wait_for(first.id, State.STOPPED)


def test_a_killed_trainer_is_interrupted_and_the_next_run_starts_when_jobs_are_listed():
    first = start(PLAN, "anna", "long")
    second = start(PLAN, "berta", "quick")
    kill_trainer(first.id)
    job = wait_for(first.id, State.INTERRUPTED)
    assert "training long" in job.log
    assert find(second.id).state == State.QUEUED
    start_next_if_idle()
    wait_for(second.id, State.FINISHED)
    resume(first.id, "anna")
    wait_for(first.id, State.RUNNING)
    stop(first.id, "anna")
    wait_for(first.id, State.STOPPED)


def test_a_trainer_that_crashes_leaves_its_last_lines():
    run = start(PLAN, "anna", "crash")
    job = wait_for(run.id, State.INTERRUPTED)
    assert job.log.endswith("RuntimeError: out of paper")
    remove(run.id, "anna")
    assert list_runs("anna") == []


def test_a_failed_training_has_a_message():
    job = wait_for(start(PLAN, "anna", "fail").id, State.FAILED)
    assert job.error == "expected ink, got none"
    assert "training fail" in job.log


def test_removing_a_run_that_is_queued_to_be_resumed_leaves_it_as_it_was():
    broken = start(PLAN, "anna", "fail")
    wait_for(broken.id, State.FAILED)
    other = start(PLAN, "anna", "long")
    resume(broken.id, "anna")
    assert find(broken.id).state == State.QUEUED
    remove(broken.id, "anna")
    assert find(broken.id).state == State.FAILED
    remove(other.id, "anna")  # it is trained: nothing happens
    assert find(other.id).state == State.RUNNING
    stop(other.id, "anna")
    wait_for(other.id, State.STOPPED)


def test_a_trainer_that_cannot_be_started_has_failed_and_the_next_one_is_started(monkeypatch):
    first = start(PLAN, "anna", "long")
    wait_for_text(runs_directory() / "order", "long")
    second, third = start(PLAN, "anna", "second"), start(PLAN, "berta", "third")
    kill_trainer(first.id)
    wait_for(first.id, State.INTERRUPTED)
    monkeypatch.setattr(launcher, "TRAINER", ("/nowhere/python",))
    start_next_if_idle()
    for run in (second, third):
        assert find(run.id).state == State.FAILED
        assert "No such file" in find(run.id).error


def test_a_trainer_that_never_holds_its_lock_has_failed(monkeypatch):
    monkeypatch.setattr(launcher, "TRAINER", (sys.executable, "-c", "print('no torch')"))
    job = find(start(PLAN, "anna", "quick").id)
    assert (job.state, job.log) == (State.FAILED, "no torch")
    assert "ended at once" in job.error
    monkeypatch.setattr(launcher, "TRAINER", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(launcher, "SECONDS_TO_START", 0.2)
    job = find(start(PLAN, "anna", "quick").id)
    assert job.state == State.FAILED
    assert "not ready after 0.2 seconds" in job.error


def test_a_run_whose_server_was_killed_at_its_start_is_not_started_twice(monkeypatch):
    """The server wrote down whom it starts, and was killed before the trainer held its lock."""
    with monkeypatch.context() as patch:
        patch.setattr(launcher, "_launch", lambda _: sys.exit("killed"))
        with pytest.raises(SystemExit):
            start(PLAN, "anna", "first")
    (first,) = list_all_runs()
    assert find(first.id).state == State.QUEUED
    lock = launcher.acquire(first.id)  # as its trainer does, a moment later
    assert find(first.id).state == State.RUNNING
    second = start(PLAN, "berta", "quick")
    assert find(second.id).state == State.QUEUED
    launcher.release(first.id, lock, State.FINISHED)
    wait_for(second.id, State.FINISHED)
    assert read_order() == ["quick"]


@pytest.mark.parametrize("act", [stop, resume, remove])
def test_nobody_can_change_the_run_of_another_owner(act):
    run = start(PLAN, "anna", "quick")
    with pytest.raises(UnknownRunError):
        act(run.id, "berta")
    wait_for(run.id, State.FINISHED)


def test_drawings_are_passed_to_the_trainer_in_a_file(bundled_digits):
    drawings = Dataset("mine", "Mine", bundled_digits.images[:7], bundled_digits.labels[:7])
    plan = TrainingPlan(drawing_weight=3)
    with pytest.raises(ValueError, match="Draw some first"):
        start(plan, "anna", "quick")
    assert list_all_runs() == []
    run = start(plan, "anna", "quick", drawings=drawings)
    with np.load(runs_directory() / run.id / "job" / "drawings.npz") as arrays:
        assert np.array_equal(arrays["images"], drawings.images)
        assert np.array_equal(arrays["labels"], drawings.labels)
    wait_for(run.id, State.FINISHED)


def test_training_on_drawings_alone_needs_enough_of_them(bundled_digits):
    plan = TrainingPlan(training_data="my_drawings", train_fraction=1)
    drawings = Dataset("mine", "Mine", bundled_digits.images[:60], bundled_digits.labels[:60])
    few = Dataset("mine", "Mine", drawings.images[:20], drawings.labels[:20])
    for given, message in ((None, "Draw some first"), (few, "at least 2 digits with 5")):
        with pytest.raises(ValueError, match=message):
            start(plan, "anna", "quick", drawings=given)
    assert list_all_runs() == []
    run = start(plan, "anna", "quick", drawings=drawings)
    assert (runs_directory() / run.id / "job" / "drawings.npz").exists()
    wait_for(run.id, State.FINISHED)


def test_without_tensorflow_nothing_starts(monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    with pytest.raises(TrainingUnavailableError, match=r"needs TensorFlow"):
        start(PLAN, "anna", "quick")
    assert not runs_directory().exists()


@pytest.mark.parametrize("step", [1, 2, 3, 4], ids=["run.json", "drawings", "queue", "queue 2"])
def test_a_full_disk_leaves_nothing_of_a_run_that_could_not_be_started(monkeypatch, step):
    replace, written = os.replace, []

    def fill_up(source: Path, target: Path) -> None:
        written.append(target)
        if len(written) >= step:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    def leave_alone(run_id: str) -> None:
        """In place of a trainer, which would be killed with the disk full."""

    monkeypatch.setattr(launcher, "_launch", leave_alone)
    drawings = Dataset("mine", "Mine", np.zeros((5, 28, 28), np.uint8), np.zeros(5, np.uint8))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fill_up)
        with pytest.raises(OSError, match="No space left"):
            start(change_settings(PLAN, drawing_weight=1), "anna", "quick", drawings=drawings)
    left = [path.name for path in runs_directory().rglob("*") if path.is_file()]
    assert not [name for name in left if name.startswith("run")]
    assert list_jobs("anna") == []
    start(PLAN, "anna", "quick")
    assert len(list_jobs("anna")) == 1


@pytest.mark.parametrize(
    ("version", "way_out"), [((3, 13), "requirements-train.txt"), ((3, 14), "Python 3.11, 3.12")]
)
def test_the_message_without_tensorflow_says_what_to_do(monkeypatch, version, way_out):
    monkeypatch.setattr(jobs.sys, "version_info", version)
    assert "needs TensorFlow" in jobs.explain_no_training()
    assert way_out in jobs.explain_no_training()


def test_progress_comes_back_as_it_was_written(random):
    image = random.integers(0, 256, (28, 28), np.uint8)
    progress = Progress(
        stage="training",
        epoch=2,
        epochs=4,
        step=5,
        steps=10,
        seconds_left=3.5,
        written_at=100.0,
        points=(Point(0.5, 2.0, 0.3),),
        gaps=((0.5, 1.0),),
        validations=(Validation(1.0, 0.7), Validation(0.9, 0.8, 0.7, 0.9)),
        unchanged_images=91,
        confusion=((1, 2), (3, 4)),
        examples=(Example(image, 3, 5),),
    )
    assert progress.fraction == pytest.approx(1.5 / 4)
    again = Progress.from_json(progress.to_json())
    assert np.array_equal(again.examples[0].image, image)
    assert (again.examples[0].label, again.examples[0].predicted) == (3, 5)
    assert json.loads(again.to_json()) == json.loads(progress.to_json())
    assert again.gaps == progress.gaps
    assert again.validations == progress.validations
    # Earlier versions wrote neither the number of unchanged images nor what was measured on them.
    fields = json.loads(progress.to_json())
    del fields["unchanged_images"]
    fields["validations"] = [{"loss": 1.0, "accuracy": 0.7}]
    assert Progress.from_json(json.dumps(fields)).validations == (Validation(1.0, 0.7),)


def test_the_time_that_is_left_falls_after_it_was_written_and_stays_above_zero():
    progress = Progress(seconds_left=10.0, written_at=100.0)
    left = [progress.estimate_seconds_left(100.0 + passed) for passed in (0, 4, 100)]
    assert left[0] == 10
    assert 0 < left[1] < 10
    assert left[2] == 0
    assert Progress().estimate_seconds_left(5.0) is None


def test_a_report_comes_back_as_it_was_written():
    estimate = {"value": 0.9, "low": 0.8, "high": 0.95}
    fields = {"compared_with": "mlp", "joined": 8, "held_out": 2}
    fields |= {"drawings_before": None, "drawings_after": estimate}
    fields |= {"test_before": estimate, "test_after": estimate}
    assert json.loads(Report.from_fields(fields).to_json()) == fields
