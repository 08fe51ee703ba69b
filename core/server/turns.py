"""Turns: visitors who draw at the same moment are answered one after the other.

Python runs one thread at a time. If the scripts of many visitors run at once, they and the server's
event loop, which sends their messages, interrupt each other every few milliseconds. Messages that
were not sent before the visitor's next stroke arrives are never sent. So everybody would be
answered late, and some not at all. It is faster for all to run the scripts in the order of arrival.

A turn also lasts until its messages are sent. How long this takes is not documented by Streamlit;
``tests/core/server/test_turns.py`` checks it against a real server. With 100 visitors, the server
sends twice as many answers a second with this wait (``tests/benchmarks/bench_sessions.py``).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from starlette.types import StatelessLifespan

from core.inference.fair_lock import FairLock

# Streamlit's event loop sends one message in each of its iterations. It starts at most so many
# seconds after the first message.
SECONDS_UNTIL_SENDING = 0.006
MAX_MESSAGES = 60  # of one answer
# The longest time in seconds that a visitor waits until another visitor's answer is sent.
PATIENCE = 1.0

_lock = FairLock()
_loops: list[asyncio.AbstractEventLoop] = []


def remember_event_loop(lifespan: StatelessLifespan[Any]) -> StatelessLifespan[Any]:
    """Extend a server's lifespan: a turn lasts until the answer is sent by its event loop."""

    @asynccontextmanager
    async def serve(app: Any) -> AsyncIterator[None]:
        _loops.append(asyncio.get_running_loop())
        async with lifespan(app):
            yield
        _loops.clear()

    return serve


@contextmanager
def serialised() -> Iterator[None]:
    """Run a ``with`` block after all visitors who came before have been answered."""
    with _lock:
        try:
            yield
        finally:
            if _lock.waiting:
                _wait_until_sent()


def _wait_until_sent() -> None:
    for loop in _loops:
        sent = asyncio.run_coroutine_threadsafe(_run_iterations(), loop)
        with suppress(TimeoutError):
            sent.result(PATIENCE)


async def _run_iterations() -> None:
    """Let the event loop run until it has sent all messages of an answer."""
    await asyncio.sleep(SECONDS_UNTIL_SENDING)
    for _ in range(MAX_MESSAGES):
        await asyncio.sleep(0)
