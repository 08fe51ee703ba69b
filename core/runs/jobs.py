"""Jobs: owners start, stop, resume, remove and list the training of their runs.

The state is in files, so any number of servers and trainers agree on it, and each of them may be
killed at any time: ``queue.py`` has the queued runs, ``job_files.py`` the files of a trainer.
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
from core.runs.learned_drawings import check_held_out
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
from core.runs.store import check_quota, delete_run, discard_run, find_own_run, remove_run


class TrainingUnavailableError(RuntimeError):
    """TensorFlow is not installed on this machine."""


@dataclass(frozen=True, eq=False)
class Job:
    """The state of a run's training.

    Attributes:
        place: in the queue, counted from 1; 0 unless the run is queued.
        error: why the training failed, in a sentence; empty unless it did.
        log: the last lines that the trainer printed, where it failed or was killed.
        report: accuracy before and after training on drawings; None without drawings.
        card: of the trained model; None until there is one.
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
    """Whether TensorFlow is installed, without importing it."""
    return find_spec("tensorflow") is not None and find_spec("keras") is not None


def explain_no_training(task: str = "Training") -> str:
    """Why a task that needs TensorFlow cannot be done here, and what to do, for a person."""
    if sys.version_info >= (3, 14):
        return (
            f"{task} needs TensorFlow, which has no package for Python 3.14 yet. "
            "Install Digit Lab with Python 3.11, 3.12 or 3.13."
        )
    return (
        f"{task} needs TensorFlow, which is not installed. "
        "Install it with: pip install -r requirements-train.txt"
    )


def start(
    plan: TrainingPlan, owner: str | None, name: str, *, drawings: Dataset | None = None
) -> Run:
    """Queue a new run; its training starts at once if no other run is being trained.

    Args:
        plan: what to train.
        owner: of the run; None for everybody.
        name: 1 to 60 characters.
        drawings: the owner's drawings, oldest first, where the plan uses them; those that are
            taught where it has a lesson.

    Raises:
        TrainingUnavailableError: TensorFlow is not installed.
        QueueFullError: too many runs are queued, of all owners or of this one.
        TooManyRunsError: the owner already has the maximum number of runs.
        ValueError: the plan names a model that does not exist or that leaves too few drawings to
            test on, there are too few drawings, or the name is empty or too long.
        OSError: the files of the run could not be written; none of them is left.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    check_models(plan, owner)
    needs_drawings = plan.uses_drawings or plan.lesson is not None
    if needs_drawings and not (drawings and len(drawings)):
        raise ValueError("You have no drawings to train on. Draw some first.")
    if plan.uses_drawings and drawings:
        check_held_out(plan, drawings)
    run = Run(id=new_run_id(), name=name.strip(), plan=plan.to_fields(), owner=owner)
    try:
        with open_queue() as queue:
            queued = queue.now.append(run)  # raises before anything is written
            check_quota(owner)
            job = save_run(run) / JOB_DIRECTORY
            job.mkdir()
            if needs_drawings and drawings:
                save_drawings(job / DRAWINGS, drawings)
            queue.now = queued
            start_next(queue)
    except OSError:
        if not is_training(run.id):
            discard_run(run)
        raise
    return run


def stop(run_id: str, owner: str | None) -> None:
    """Stop a training after its current batch.

    The model is kept if at least one epoch has ended by then.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    find_own_run(owner, run_id)
    if is_training(run_id):
        request_stop(run_id)


def resume(run_id: str, owner: str | None) -> None:
    """Queue a run that was stopped, failed or interrupted; it resumes after its last full epoch.

    Raises:
        UnknownRunError: the owner has no such run.
        QueueFullError: too many runs are queued.
        TrainingUnavailableError: TensorFlow is not installed.
    """
    run = find_own_run(owner, run_id)
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    with open_queue() as queue:
        if find_state(run_id, queue.now).is_resumable:
            queue.now = queue.now.append(run)
        start_next(queue)


def remove(run_id: str, owner: str | None) -> None:
    """Remove a run from the queue; remove it altogether if it has neither a model nor begun.

    A run in training stays.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    find_own_run(owner, run_id)
    place = runs_directory() / run_id
    with open_queue() as queue:
        state = find_state(run_id, queue.now)
        queue.now = queue.now.without(run_id)
        # A run that is queued to be resumed has begun: it only leaves the queue.
        begun = state == State.QUEUED and (job_directory(run_id) / LOG).exists()
        if not begun and not is_training(run_id) and not (place / CARD_FILE).exists():
            remove_run(place)


def delete(run_id: str, owner: str) -> None:
    """Delete a run as ``store.delete_run`` does, and remove it from the queue.

    Raises:
        UnknownRunError: the owner has no such run.
        ValueError: it is being trained.
    """
    with open_queue() as queue:
        if is_training(run_id):
            raise ValueError("This run is still training. Stop it first.")
        delete_run(owner, run_id)
        queue.now = queue.now.without(run_id)


def list_jobs(owner: str | None, *, max_jobs: int = 10, sweep: str | None = None) -> list[Job]:
    """The owner's own runs that were or will be trained here, newest first.

    Args:
        owner: whose.
        max_jobs: the others are left out.
        sweep: the id of a sweep, for its trials alone; None for the runs that are no trials.
    """
    queue = read_queue()
    own = [
        run
        for run in list_own_runs(owner)
        if run.plan.get("sweep") == sweep and job_directory(run.id).is_dir()
    ]
    return [_read_job(run, queue) for run in own[:max_jobs]]


def get_job(run_id: str, owner: str | None) -> Job:
    """The state of one run's training.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    return _read_job(find_own_run(owner, run_id), read_queue())


def has_active_job(owner: str) -> bool:
    """Whether a run of an owner is queued or in training; cheaper than ``list_jobs``."""
    queue = read_queue()
    if any(queued.owner == owner for queued in queue.waiting):
        return True
    running = queue.running
    return bool(running and _belongs_to(running, owner) and is_training(running))


def _belongs_to(run_id: str, owner: str) -> bool:
    try:
        return load_run(run_id).owner == owner
    except (UnknownRunError, ValueError):
        return False


def _read_job(run: Run, queue: Queue) -> Job:
    job = job_directory(run.id)
    state = find_state(run.id, queue)
    outcome = read_json(job / OUTCOME)  # after the state: the training may just have ended
    broken = state in (State.FAILED, State.INTERRUPTED)
    return Job(
        run=run,
        state=state,
        place=[queued.run_id for queued in queue.in_order()].index(run.id) + 1
        if state == State.QUEUED
        else 0,
        error=outcome["error"] if state == State.FAILED and outcome else "",
        progress=read_progress(run.id),
        log=read_log_tail(job / LOG) if broken else "",
        report=read_report(job / REPORT),
        card=read_card(run.id),
    )


def find_state(run_id: str, queue: Queue) -> State:
    """The state of a run that is in this queue, or was in it."""
    if any(queued.run_id == run_id for queued in queue.waiting):
        return State.QUEUED
    job = job_directory(run_id)
    outcome = read_json(job / OUTCOME)
    if outcome is None and is_training(run_id):
        return State.STOPPING if (job / STOP).exists() else State.RUNNING
    # The training may have ended between the two checks.
    outcome = outcome or read_json(job / OUTCOME)
    return State(outcome["state"]) if outcome else State.INTERRUPTED
