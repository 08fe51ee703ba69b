"""The queue of runs that wait to be trained, one at a time on this machine.

``queue.json`` in the runs directory names the runs that wait and the one that was started last. It
is changed only under ``queue.lock``, so any number of servers and trainers agree on it. This module
does not know how a trainer is started.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace

from core.models.files import runs_directory
from core.runs.job_files import read_json
from core.runs.lock import lock_exclusively
from core.runs.run import (
    Run,
    write_atomically,
)

MAX_QUEUED, MAX_QUEUED_PER_OWNER = 20, 3
# Of how many owners it is remembered when they had their last turn.
MAX_REMEMBERED_OWNERS = 200
QUEUE_FILE, QUEUE_LOCK = "queue.json", "queue.lock"


class QueueFullError(ValueError):
    """Too many runs wait already."""


@dataclass(frozen=True)
class QueuedRun:
    """A run that waits to be trained, and since when (seconds since the epoch)."""

    run_id: str
    owner: str
    asked_at: float


@dataclass(frozen=True)
class Queue:
    """Who waits, who was started last, and when each owner's last turn was."""

    waiting: tuple[QueuedRun, ...] = ()
    running: str | None = None
    turns: dict[str, float] = field(default_factory=dict)

    def choose_next(self) -> QueuedRun:
        """The first run of the owner whose last turn is longest ago."""
        return min(self.waiting, key=lambda one: (self.turns.get(one.owner, 0), one.asked_at))

    def in_order(self) -> "list[QueuedRun]":
        """The runs that wait, in the order in which they will start if no other is added."""
        queue, order = self, []
        while queue.waiting:
            order.append(queue.choose_next())
            queue = queue.begin(order[-1])
        return order

    def append(self, run: Run) -> "Queue":
        """The queue with a run more.

        Raises:
            QueueFullError: too many runs wait already, of all owners or of this one.
        """
        owner = run.owner or ""
        own = sum(queued.owner == owner for queued in self.waiting)
        for waiting, limit, whose in (
            (own, MAX_QUEUED_PER_OWNER, " of yours"),
            (len(self.waiting), MAX_QUEUED, ""),
        ):
            if waiting >= limit:
                raise QueueFullError(
                    f"expected at most {limit} runs{whose} to wait, got one more; wait for one to "
                    "start"
                )
        return replace(self, waiting=(*self.waiting, QueuedRun(run.id, owner, time.time())))

    def without(self, run_id: str) -> "Queue":
        """The queue without a run."""
        return replace(self, waiting=tuple(one for one in self.waiting if one.run_id != run_id))

    def begin(self, run: QueuedRun) -> "Queue":
        """The queue once a run is being trained."""
        turns = {**self.turns, run.owner: time.time()}
        latest = sorted(turns, key=turns.__getitem__)[-MAX_REMEMBERED_OWNERS:]
        return replace(
            self.without(run.run_id),
            running=run.run_id,
            turns={owner: turns[owner] for owner in latest},
        )


@dataclass
class OpenQueue:
    """The queue while nobody else may change it."""

    now: Queue

    def save(self) -> None:
        """Write it, so that other processes know it even if this one dies."""
        write_atomically(runs_directory() / QUEUE_FILE, json.dumps(asdict(self.now)))


@contextmanager
def open_queue() -> Iterator[OpenQueue]:
    """The queue under its lock; it is written back unless an error comes up."""
    runs_directory().mkdir(parents=True, exist_ok=True)
    with lock_exclusively(runs_directory() / QUEUE_LOCK):
        opened = OpenQueue(read_queue())
        yield opened
        opened.save()


def read_queue() -> Queue:
    """The queue as it is now, without its lock: to look, not to change."""
    fields = read_json(runs_directory() / QUEUE_FILE)
    if fields is None:
        return Queue()
    return Queue(
        waiting=tuple(QueuedRun(**one) for one in fields["waiting"]),
        running=fields["running"],
        turns=fields["turns"],
    )
