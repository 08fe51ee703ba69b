"""The queue of runs that are to be trained, one at a time on this machine.

``queue.json`` in the runs directory lists the queued runs and the run that was started last. It is
changed only while ``queue.lock`` is held, so any number of servers and trainers agree on it. This
module does not know how a trainer is started.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace

from core.atomic_files import write_atomically
from core.models.files import runs_directory
from core.runs.job_files import read_json
from core.runs.lock import lock_exclusively
from core.runs.run import (
    Run,
)

MAX_QUEUED, MAX_QUEUED_PER_OWNER = 20, 3
# Trials of sweeps are counted apart.
MAX_QUEUED_TRIALS = 60
# For how many owners the time of their last training is kept.
MAX_REMEMBERED_OWNERS = 200
QUEUE_FILE, QUEUE_LOCK = "queue.json", "queue.lock"


class QueueFullError(ValueError):
    """Too many runs are queued already."""


@dataclass(frozen=True)
class QueuedRun:
    """A queued run; ``asked_at`` is in seconds since 1970.

    Attributes:
        is_trial: whether it is a trial of a sweep, which the owner's other runs precede.
    """

    run_id: str
    owner: str
    asked_at: float
    is_trial: bool = False


@dataclass(frozen=True)
class Queue:
    """The queued runs, the run that was started last, and when each owner's last run started.

    Attributes:
        waiting: the queued runs, in the order in which they were requested.
        running: the id of the run that was started last; it may have ended.
        turns: when the last run of each owner started, in seconds since 1970.
    """

    waiting: tuple[QueuedRun, ...] = ()
    running: str | None = None
    turns: dict[str, float] = field(default_factory=dict)

    def choose_next(self) -> QueuedRun:
        """The first run of the owner whose last run started longest ago.

        An owner's trials come after their other runs. So a sweep holds up nobody for longer than
        one of its trials takes.
        """
        return min(
            self.waiting,
            key=lambda queued: (
                self.turns.get(queued.owner, 0),
                queued.is_trial,
                queued.asked_at,
            ),
        )

    def in_order(self) -> list[QueuedRun]:
        """The queued runs in the order in which they will start if no other run is added."""
        queue, order = self, []
        while queue.waiting:
            order.append(queue.choose_next())
            queue = queue.begin(order[-1])
        return order

    def append(self, run: Run) -> "Queue":
        """The queue with one more run.

        Raises:
            QueueFullError: too many runs are queued already, of all owners or of this one.
        """
        owner = run.owner or ""
        single = [queued for queued in self.waiting if not queued.is_trial]
        own = sum(queued.owner == owner for queued in single)
        if own >= MAX_QUEUED_PER_OWNER:
            raise QueueFullError(
                f"{own} of your runs are queued already, which is the limit. Wait until one of "
                "them starts, or remove one from the queue."
            )
        if len(single) >= MAX_QUEUED:
            raise QueueFullError(
                f"The queue of this server is full: {len(single)} runs are queued. Try "
                "again when one of them has started."
            )
        return replace(self, waiting=(*self.waiting, QueuedRun(run.id, owner, time.time())))

    def append_trials(self, runs: Sequence[Run]) -> "Queue":
        """The queue with trials of a sweep.

        Raises:
            QueueFullError: too many trials are queued already, or the owner has another sweep.
        """
        trials = [queued for queued in self.waiting if queued.is_trial]
        if any(queued.owner == (run.owner or "") for queued in trials for run in runs):
            raise QueueFullError(
                "One of your sweeps is queued already. Wait until it ends, or stop it."
            )
        if len(trials) + len(runs) > MAX_QUEUED_TRIALS:
            raise QueueFullError(
                f"The queue of this server is full: {len(trials)} trials of sweeps are queued. Try "
                "again later, or with fewer trials."
            )
        now = time.time()
        added = (QueuedRun(run.id, run.owner or "", now, is_trial=True) for run in runs)
        return replace(self, waiting=(*self.waiting, *added))

    def without(self, run_id: str) -> "Queue":
        """The queue without a run."""
        left = tuple(queued for queued in self.waiting if queued.run_id != run_id)
        return replace(self, waiting=left)

    def begin(self, run: QueuedRun) -> "Queue":
        """The queue after the training of a run has started."""
        turns = {**self.turns, run.owner: time.time()}
        latest = sorted(turns, key=turns.__getitem__)[-MAX_REMEMBERED_OWNERS:]
        return replace(
            self.without(run.run_id),
            running=run.run_id,
            turns={owner: turns[owner] for owner in latest},
        )


@dataclass
class OpenQueue:
    """The queue while this process holds its lock."""

    now: Queue

    def save(self) -> None:
        """Write it, so that other processes see it even if this one is killed."""
        write_atomically(runs_directory() / QUEUE_FILE, json.dumps(asdict(self.now)))


@contextmanager
def open_queue() -> Iterator[OpenQueue]:
    """Hold the queue's lock; the queue is written at the end, unless an error is raised."""
    runs_directory().mkdir(parents=True, exist_ok=True)
    with lock_exclusively(runs_directory() / QUEUE_LOCK):
        opened = OpenQueue(read_queue())
        yield opened
        opened.save()


def read_queue() -> Queue:
    """The queue as it is now, without its lock: for display only."""
    fields = read_json(runs_directory() / QUEUE_FILE)
    if fields is None:
        return Queue()
    return Queue(
        waiting=tuple(QueuedRun(**queued) for queued in fields["waiting"]),
        running=fields["running"],
        turns=fields["turns"],
    )
