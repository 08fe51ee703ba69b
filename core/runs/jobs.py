"""Jobs: the training of runs, as its owners see and steer it: start, stop, resume, remove, list.

Everything is in files, so that any number of servers and trainers agree and none has to live on:
see ``queue.py`` for who waits and ``job_files.py`` for what a trainer leaves behind.
"""

import sys
from dataclasses import dataclass, field
from importlib.util import find_spec

from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.models.files import CARD_FILE, runs_directory
from core.runs.job_files import (
    DRAWINGS,
    LOG,
    OUTCOME,
    REPORT,
    STOP,
    State,
    is_training,
    job_directory,
    read_card,
    read_json,
    read_log_tail,
    read_progress,
    read_report,
    request_stop,
    save_drawings,
)
from core.runs.launcher import start_next
from core.runs.plan import TrainingPlan, check_models
from core.runs.progress import Progress, Report
from core.runs.queue import Queue, open_queue, read_queue
from core.runs.run import (
    JOB_DIRECTORY,
    Run,
    UnknownRunError,
    list_own_runs,
    load_run,
    new_run_id,
    save_run,
)
from core.runs.store import check_quota, delete_run, remove_run


class TrainingUnavailableError(RuntimeError):
    """TensorFlow is not installed on this machine."""


@dataclass(frozen=True, eq=False)
class Job:
    """What can be said of the training of a run.

    Attributes:
        place: in the queue, counted from 1; 0 unless it waits.
        error: a sentence where it failed.
        log: the last lines that the trainer printed.
        report: accuracy before and after; None without one.
        card: of the model that it made; None while there is none.
    """

    run: Run
    state: State
    place: int = 0
    error: str = ""
    progress: Progress = field(default_factory=Progress)
    log: str = ""
    report: Report | None = None
    card: ModelCard | None = None


def can_train() -> bool:
    """Whether TensorFlow is installed; it is not imported to find out."""
    return find_spec("tensorflow") is not None and find_spec("keras") is not None


def explain_no_training() -> str:
    """Why nothing can be trained here, and what to do, for a person to read."""
    if sys.version_info >= (3, 14):
        return (
            "Training needs TensorFlow, which has no package for Python 3.14 yet. "
            "Install Digit Lab with Python 3.11, 3.12 or 3.13 to train models."
        )
    return (
        "Training needs TensorFlow, which is not installed. "
        "Install it with: pip install -r requirements-train.txt"
    )


def start(
    plan: TrainingPlan, owner: str | None, name: str, *, drawings: Dataset | None = None
) -> Run:
    """Ask for a run; it starts at once where nothing else is trained.

    Args:
        plan: what to train.
        owner: whose run it will be.
        name: what they call it, 1 to 60 characters.
        drawings: the owner's, oldest first, where the plan has them join in.

    Raises:
        TrainingUnavailableError: TensorFlow is not installed.
        QueueFullError: too many wait, of all or of this owner.
        TooManyRunsError: the owner has as many as there may be.
        ValueError: there is no such model, no drawing, or no such name.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    check_models(plan, owner)
    if plan.drawing_weight and not (drawings and len(drawings)):
        raise ValueError("expected drawings that you kept to join in, got none; draw some first")
    run = Run(id=new_run_id(), name=name.strip(), plan=plan.to_fields(), owner=owner)
    with open_queue() as queue:
        queued = queue.now.append(run)  # raises before anything is written
        check_quota(owner)
        job = save_run(run) / JOB_DIRECTORY
        job.mkdir()
        if plan.drawing_weight and drawings:
            save_drawings(job / DRAWINGS, drawings)
        queue.now = queued
        start_next(queue)
    return run


def stop(run_id: str, owner: str | None) -> None:
    """Ask a running training to stop after its batch.

    What it has learned is kept, if an epoch has ended by then.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    _load_own(run_id, owner)
    if is_training(run_id):
        request_stop(run_id)


def resume(run_id: str, owner: str | None) -> None:
    """Let a run that was stopped, failed or interrupted wait to go on after its last whole epoch.

    Raises:
        UnknownRunError: the owner has no such run.
        QueueFullError: too many wait.
        TrainingUnavailableError: TensorFlow is not installed.
    """
    run = _load_own(run_id, owner)
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    with open_queue() as queue:
        if _find_state(run_id, queue.now).is_resumable:
            queue.now = queue.now.append(run)
        start_next(queue)


def remove(run_id: str, owner: str | None) -> None:
    """Take a run out of the queue, or one off the list that left no model; a running one stays.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    _load_own(run_id, owner)
    place = runs_directory() / run_id
    with open_queue() as queue:
        state = _find_state(run_id, queue.now)
        queue.now = queue.now.without(run_id)
        # One that waits to go on has begun: it is as it was before it was asked to.
        begun = state == State.QUEUED and (job_directory(run_id) / LOG).exists()
        if not begun and not is_training(run_id) and not (place / CARD_FILE).exists():
            remove_run(place)


def delete(run_id: str, owner: str) -> None:
    """Put a run aside as ``store.delete_run`` does, out of the queue too, unless it is trained now.

    Raises:
        UnknownRunError: the owner has no such run.
        ValueError: it is being trained.
    """
    with open_queue() as queue:
        if is_training(run_id):
            raise ValueError("expected a run that rests, got one in training; stop it first")
        delete_run(owner, run_id)
        queue.now = queue.now.without(run_id)


def list_jobs(owner: str | None, *, most: int = 10) -> list[Job]:
    """The owner's own runs that were trained here, or will be, newest first."""
    queue = read_queue()
    own = [run for run in list_own_runs(owner) if job_directory(run.id).is_dir()]
    return [_read_job(run, queue) for run in own[:most]]


def _read_job(run: Run, queue: Queue) -> Job:
    job = job_directory(run.id)
    state = _find_state(run.id, queue)
    outcome = read_json(job / OUTCOME)  # not before: it may have ended just now
    broken = state in (State.FAILED, State.INTERRUPTED)
    return Job(
        run=run,
        state=state,
        place=[one.run_id for one in queue.in_order()].index(run.id) + 1
        if state == State.QUEUED
        else 0,
        error=outcome["error"] if state == State.FAILED and outcome else "",
        progress=read_progress(run.id),
        log=read_log_tail(job / LOG) if broken else "",
        report=read_report(job / REPORT),
        card=read_card(run.id),
    )


def _find_state(run_id: str, queue: Queue) -> State:
    if any(one.run_id == run_id for one in queue.waiting):
        return State.QUEUED
    job = job_directory(run_id)
    outcome = read_json(job / OUTCOME)
    if outcome is None and is_training(run_id):
        return State.STOPPING if (job / STOP).exists() else State.RUNNING
    # It may have ended between the two looks.
    outcome = outcome or read_json(job / OUTCOME)
    return State(outcome["state"]) if outcome else State.INTERRUPTED


def _load_own(run_id: str, owner: str | None) -> Run:
    run = load_run(run_id)
    if run.owner != owner:
        raise UnknownRunError(f"expected the id of a run of yours, got {run_id!r}")
    return run
