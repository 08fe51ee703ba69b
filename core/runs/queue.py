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
from core.runs.job_files import _read_json
from core.runs.lock import hold_in_turn
from core.runs.run import (
    Run,
    write_aside,
)

MOST_WAITING, MOST_WAITING_OF_ONE = 20, 3
# Of how many owners it is remembered when they had their last turn.
MOST_REMEMBERED = 200
QUEUE_FILE, QUEUE_LOCK = "queue.json", "queue.lock"


class QueueFullError(ValueError):
    """Too many runs wait already."""


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
