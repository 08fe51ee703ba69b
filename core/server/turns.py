"""Turns: visitors who draw at the same moment are answered one after the other.

Python runs one thread at a time. Where many scripts want to run, they and the server's loop, which
sends what they say, hand each other slices of a few milliseconds; and what has not been sent when a
visitor's next stroke arrives is never sent. Everybody would be answered late, and some not at all.
First come, first served is faster for all.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from starlette.types import Lifespan

# Streamlit's loop sends one message each time it comes round, and begins so many seconds at most
# after there is one.
SECONDS_UNTIL_SENDING = 0.006
MAX_MESSAGES = 60  # of one answer
# Nobody waits longer than so many seconds for somebody else's answer to be sent.
PATIENCE = 1.0

_guard = threading.Lock()
_line: deque[threading.Event] = deque()
_somebody_waits = threading.Event()
_loops: list[asyncio.AbstractEventLoop] = []


def remember_event_loop(lifespan: Lifespan[Any]) -> Lifespan[Any]:
    """The lifespan of a server, in which a turn lasts until its answer is sent."""

    @asynccontextmanager
    async def serve(app: Any) -> AsyncIterator[None]:
        _loops.append(asyncio.get_running_loop())
        async with lifespan(app):
            yield
        _loops.clear()

    return serve


@contextmanager
def serialised() -> Iterator[None]:
    """Wait until everybody who came before has been answered."""
    turn = threading.Event()
    with _guard:
        _line.append(turn)
        _call_next()
    turn.wait()
    try:
        yield
    finally:
        if _somebody_waits.is_set():
            _wait_until_sent()
        with _guard:
            _line.popleft()
            _call_next()


def sleep_unless_waiting(seconds: float) -> None:
    """Sleep within a turn, but no longer than until somebody waits for it."""
    _somebody_waits.wait(seconds)


def _call_next() -> None:
    if _line:
        _line[0].set()
    if len(_line) > 1:
        _somebody_waits.set()
    else:
        _somebody_waits.clear()


def _wait_until_sent() -> None:
    for loop in _loops:
        sent = asyncio.run_coroutine_threadsafe(_come_round(), loop)
        with suppress(TimeoutError):
            sent.result(PATIENCE)


async def _come_round() -> None:
    await asyncio.sleep(SECONDS_UNTIL_SENDING)
    for _ in range(MAX_MESSAGES):
        await asyncio.sleep(0)
