"""Jobs: runs that are trained, one at a time on this machine, while others wait their turn.

Everything is in files, so that any number of servers and trainers agree and none has to live on:
``queue.json`` names who waits and who was started last, and is changed only under ``queue.lock``.
A trainer holds ``job/lock`` of its run as long as it lives, however it ends: that it is held is
what "running" means. Whoever starts one keeps the queue to itself until the trainer holds its lock.
A trainer that ends starts the next; after one that was killed, whoever looks at the queue does.
This module starts the trainer's command line and knows nothing else of it.

Below ``<run id>/job/``, besides what the trainer needs for itself:

- ``lock``: held by the trainer.
- ``process``: the trainer's process id, for people who look.
- ``log.txt``: what it printed.
- ``progress.json``: how far it has come, see ``progress.py``.
- ``stop``: there once somebody has asked it to stop.
- ``outcome.json``: there once it has ended by itself: state, error, time.
- ``report.json``: accuracy before and after, where drawings joined in.
- ``drawings.npz``: these, ``images`` (N, 28, 28) and ``labels`` (N,), oldest first, until it ends.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.artifacts import CARD_FILE, DamagedArtifactError, ModelCard, load_card, runs_directory
from core.digits.datasets import Dataset
from core.runs.lock import hold_in_turn, is_held, let_go, take
from core.runs.plan import TrainingPlan, check_models
from core.runs.progress import Progress, Report
from core.runs.run import (
    JOB_DIRECTORY,
    Run,
    UnknownRunError,
    list_runs,
    load_run,
    name_run,
    read_whole,
    save_run,
    write_aside,
)
from core.runs.store import check_room, delete_run

ROOT = Path(__file__).resolve().parents[2]
TRAINER = (sys.executable, "-m", "core.training", "run")
# How long a trainer may take to hold its lock, which it does before it imports TensorFlow.
SECONDS_TO_START, INTERVAL = 30, 0.01
MOST_WAITING, MOST_WAITING_OF_ONE = 20, 3
# Of how many owners it is remembered when they had their last turn.
MOST_REMEMBERED = 200
LOG_LINES, LOG_BYTES = 12, 8000

QUEUE_FILE, QUEUE_LOCK = "queue.json", "queue.lock"
LOCK, PROCESS, STOP, LOG = "lock", "process", "stop", "log.txt"
PROGRESS, OUTCOME, REPORT, DRAWINGS = (
    "progress.json",
    "outcome.json",
    "report.json",
    "drawings.npz",
)


class TrainingUnavailableError(RuntimeError):
    """TensorFlow is not installed on this machine."""


class QueueFullError(ValueError):
    """Too many runs wait already."""


class State(StrEnum):
    """Where a job stands; ``INTERRUPTED`` when the trainer ended without a word."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self in (State.WAITING, State.RUNNING, State.STOPPING)

    @property
    def is_resumable(self) -> bool:
        """Whether it can go on where it ended."""
        return self in (State.STOPPED, State.FAILED, State.INTERRUPTED)


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


@dataclass(frozen=True)
class _Waiting:
    run_id: str
    owner: str
    asked_at: float


@dataclass(frozen=True)
class _Queue:
    """Who waits, who was started last, and when each owner's last turn was."""

    waiting: tuple[_Waiting, ...] = ()
    running: str | None = None
    turns: dict[str, float] = field(default_factory=dict)

    def choose_next(self) -> _Waiting:
        """The first run of the owner whose last turn is longest ago."""
        return min(self.waiting, key=lambda one: (self.turns.get(one.owner, 0), one.asked_at))

    def without(self, run_id: str) -> "_Queue":
        return replace(self, waiting=tuple(one for one in self.waiting if one.run_id != run_id))

    def begin(self, run: _Waiting) -> "_Queue":
        turns = {**self.turns, run.owner: time.time()}
        latest = sorted(turns, key=turns.__getitem__)[-MOST_REMEMBERED:]
        return replace(
            self.without(run.run_id),
            running=run.run_id,
            turns={owner: turns[owner] for owner in latest},
        )


def can_train() -> bool:
    """Whether TensorFlow is installed; it is not imported to find out."""
    return find_spec("tensorflow") is not None and find_spec("keras") is not None


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
        raise TrainingUnavailableError(
            "expected TensorFlow to train with, got none; `pip install -r requirements.txt` does it"
        )
    check_models(plan, owner)
    if plan.drawings and not (drawings and len(drawings)):
        raise ValueError("expected drawings that you kept to join in, got none; draw some first")
    run = Run(id=name_run(), name=name.strip(), plan=plan.to_fields(), owner=owner)
    with _open_queue() as queue:
        _check_room(queue.now, owner)
        check_room(owner)
        job = save_run(run) / JOB_DIRECTORY
        job.mkdir()
        if plan.drawings and drawings:
            _save_drawings(job / DRAWINGS, drawings)
        queue.now = _append(queue.now, run)
        _start_next(queue)
    return run


def stop(run_id: str, owner: str | None) -> None:
    """Ask a running training to stop after its batch.

    What it has learned is kept, if an epoch has ended by then.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    _load_own(run_id, owner)
    if _is_trained(run_id):
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
        raise TrainingUnavailableError("expected TensorFlow to train with, got none")
    with _open_queue() as queue:
        if _find_state(run_id, queue.now).is_resumable:
            _check_room(queue.now, owner)
            queue.now = _append(queue.now, run)
        _start_next(queue)


def remove(run_id: str, owner: str | None) -> None:
    """Take a run out of the queue, or one off the list that left no model; a running one stays.

    Raises:
        UnknownRunError: the owner has no such run.
    """
    _load_own(run_id, owner)
    place = runs_directory() / run_id
    with _open_queue() as queue:
        state = _find_state(run_id, queue.now)
        queue.now = queue.now.without(run_id)
        # One that waits to go on has begun: it is as it was before it was asked to.
        begun = state == State.WAITING and (_job(run_id) / LOG).exists()
        if not begun and not _is_trained(run_id) and not (place / CARD_FILE).exists():
            shutil.rmtree(place, ignore_errors=True)


def delete(run_id: str, owner: str) -> None:
    """Put a run aside as ``store.delete_run`` does, out of the queue too, unless it is trained now.

    Raises:
        UnknownRunError: the owner has no such run.
        ValueError: it is being trained.
    """
    with _open_queue() as queue:
        if _is_trained(run_id):
            raise ValueError("expected a run that rests, got one in training; stop it first")
        delete_run(owner, run_id)
        queue.now = queue.now.without(run_id)


def advance() -> None:
    """Start the next run where none is trained; whoever looks at the queue calls this."""
    queue = _read_queue()
    if queue.waiting and not (queue.running and _is_trained(queue.running)):
        with _open_queue() as opened:
            _start_next(opened)


def list_jobs(owner: str | None, *, most: int = 10) -> list[Job]:
    """The owner's own runs that were trained here, or will be, newest first."""
    queue = _read_queue()
    own = [
        run
        for run in list_runs(owner)
        if run.owner == owner and (runs_directory() / run.id / JOB_DIRECTORY).is_dir()
    ]
    return [_read_job(run, queue) for run in own[:most]]


def read_progress(run_id: str) -> Progress:
    """How far a run has come; at its beginning where nothing was written yet."""
    try:
        return Progress.from_json(read_whole(_job(run_id) / PROGRESS))
    except (FileNotFoundError, ValueError):
        return Progress()


def hold(run_id: str) -> int:
    """Hold a run's lock, as its trainer; returns what ``release`` takes.

    Raises:
        UnknownRunError: there is no such run.
        ValueError: its file is damaged.
        BlockingIOError: another training is under way.
    """
    run, job = load_run(run_id), _job(run_id)
    running = _read_queue().running
    if running and _is_trained(running):
        raise _refuse_beside(running)
    # Not once it is held: from then on, somebody may ask it to stop.
    for name in (STOP, OUTCOME):
        (job / name).unlink(missing_ok=True)
    lock = take(job / LOCK)
    (job / PROCESS).write_text(str(os.getpid()), "utf-8")
    with _open_queue() as queue:
        running = queue.now.running
        if running and running != run_id and _is_trained(running):
            let_go(lock)
            raise _refuse_beside(running)
        queue.now = queue.now.begin(_Waiting(run_id, run.owner or "", time.time()))
    return lock


def release(run_id: str, lock: int, state: State, error: str = "") -> None:
    """End a run, as its trainer: leave its outcome, let go of the lock, start the next."""
    _leave_outcome(run_id, state, error)
    let_go(lock)
    advance()


def request_stop(run_id: str) -> None:
    """Ask the trainer of a run to stop after its batch, whoever asks."""
    (_job(run_id) / STOP).touch()


def _read_job(run: Run, queue: _Queue) -> Job:
    job = _job(run.id)
    state = _find_state(run.id, queue)
    outcome = _read_json(job / OUTCOME)  # not before: it may have ended just now
    broken = state in (State.FAILED, State.INTERRUPTED)
    return Job(
        run=run,
        state=state,
        place=[one.run_id for one in _sort_waiting(queue)].index(run.id) + 1
        if state == State.WAITING
        else 0,
        error=outcome["error"] if state == State.FAILED and outcome else "",
        progress=read_progress(run.id),
        log=_read_tail(job / LOG) if broken else "",
        report=_read_report(job / REPORT),
        card=_read_card(run.id),
    )


def _find_state(run_id: str, queue: _Queue) -> State:
    if any(one.run_id == run_id for one in queue.waiting):
        return State.WAITING
    job = _job(run_id)
    outcome = _read_json(job / OUTCOME)
    if outcome is None and _is_trained(run_id):
        return State.STOPPING if (job / STOP).exists() else State.RUNNING
    # It may have ended between the two looks.
    outcome = outcome or _read_json(job / OUTCOME)
    return State(outcome["state"]) if outcome else State.INTERRUPTED


def _leave_outcome(run_id: str, state: State, error: str) -> None:
    outcome = {"state": state, "error": error, "ended_at": time.time()}
    write_aside(_job(run_id) / OUTCOME, json.dumps(outcome))


def _sort_waiting(queue: _Queue) -> list[_Waiting]:
    """Who waits, in the order in which they will start if nobody else comes."""
    order = []
    while queue.waiting:
        order.append(queue.choose_next())
        queue = queue.begin(order[-1])
    return order


def _check_room(queue: _Queue, owner: str | None) -> None:
    own = sum(one.owner == (owner or "") for one in queue.waiting)
    for waiting, most, whose in (
        (own, MOST_WAITING_OF_ONE, " of yours"),
        (len(queue.waiting), MOST_WAITING, ""),
    ):
        if waiting >= most:
            raise QueueFullError(
                f"expected at most {most} runs{whose} to wait, got one more; wait for one to start"
            )


def _append(queue: _Queue, run: Run) -> _Queue:
    return replace(queue, waiting=(*queue.waiting, _Waiting(run.id, run.owner or "", time.time())))


def _start_next(opened: "_OpenQueue") -> None:
    """Start whoever is next, unless a trainer lives."""
    while (queue := opened.now).waiting and not (queue.running and _is_trained(queue.running)):
        chosen = queue.choose_next()
        if not _job(chosen.run_id).is_dir():  # deleted while it waited
            opened.now = queue.without(chosen.run_id)
            continue
        # Written before: should this process die now, the others still know who was started.
        opened.now = replace(queue, running=chosen.run_id)
        opened.save()
        try:
            _launch(chosen.run_id)
        except OSError as error:  # too little memory for another process, say
            _leave_outcome(chosen.run_id, State.FAILED, f"expected to start it, got {error}")
        opened.now = queue.begin(chosen)


def _launch(run_id: str) -> None:
    """Start a trainer that outlives this process, and wait until it holds the run's lock."""
    with (_job(run_id) / LOG).open("ab") as log:
        trainer = subprocess.Popen(  # noqa: S603  its arguments are ours, and a checked id
            [*TRAINER, run_id],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_part_from_terminal(),
        )
    deadline = time.monotonic() + SECONDS_TO_START
    while not _is_trained(run_id):
        if trainer.poll() is not None:
            raise OSError("a trainer that ended at once")
        if time.monotonic() > deadline:
            trainer.kill()
            raise OSError(f"none after {SECONDS_TO_START} seconds")
        time.sleep(INTERVAL)


def _part_from_terminal() -> dict[str, Any]:
    """What lets a process live on when the terminal of this one is closed, or gets a Ctrl-C."""
    if sys.platform == "win32":
        part = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": part | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}


def _is_trained(run_id: str) -> bool:
    """Whether a trainer of the run lives."""
    return is_held(_job(run_id) / LOCK)


def _refuse_beside(running: str) -> BlockingIOError:
    return BlockingIOError(
        f"expected no other training on this machine, got {running}; wait for its end"
    )


@dataclass
class _OpenQueue:
    """The queue while nobody else may change it."""

    now: _Queue

    def save(self) -> None:
        write_aside(runs_directory() / QUEUE_FILE, json.dumps(asdict(self.now)))


@contextmanager
def _open_queue() -> Iterator[_OpenQueue]:
    """The queue under its lock; it is written back unless an error comes up."""
    runs_directory().mkdir(parents=True, exist_ok=True)
    with hold_in_turn(runs_directory() / QUEUE_LOCK):
        opened = _OpenQueue(_read_queue())
        yield opened
        opened.save()


def _read_queue() -> _Queue:
    fields = _read_json(runs_directory() / QUEUE_FILE)
    if fields is None:
        return _Queue()
    return _Queue(
        waiting=tuple(_Waiting(**one) for one in fields["waiting"]),
        running=fields["running"],
        turns=fields["turns"],
    )


def _load_own(run_id: str, owner: str | None) -> Run:
    run = load_run(run_id)
    if run.owner != owner:
        raise UnknownRunError(f"expected the id of a run of yours, got {run_id!r}")
    return run


def _save_drawings(file: Path, drawings: Dataset) -> None:
    aside = file.with_name(f".{file.name}")
    with aside.open("wb") as opened:
        np.savez_compressed(opened, images=drawings.images, labels=drawings.labels)
    os.replace(aside, file)


def _read_card(run_id: str) -> ModelCard | None:
    try:
        return load_card(run_id, runs_directory())
    except (FileNotFoundError, DamagedArtifactError):
        return None


def _read_json(file: Path) -> dict[str, Any] | None:
    try:
        fields: dict[str, Any] = json.loads(read_whole(file))
    except (FileNotFoundError, ValueError):
        return None
    return fields


def _read_report(file: Path) -> Report | None:
    fields = _read_json(file)
    return None if fields is None else Report.from_fields(fields)


def _read_tail(file: Path) -> str:
    """The last lines of a text."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - LOG_BYTES))
            lines: Sequence[str] = opened.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-LOG_LINES:])


def _job(run_id: str) -> Path:
    return runs_directory() / run_id / JOB_DIRECTORY
