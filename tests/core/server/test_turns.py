"""Turns: one at a time, first come, first served, and nobody keeps the others out for good."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.server import turns
from core.server.turns import remember_event_loop, serialised, sleep_unless_waiting
from tests.benchmarks.simulated_session import run_apart

SOON = 5  # seconds, within which a thread does what nothing keeps it from doing


def wait_for_waiting(count: int) -> None:
    deadline = time.monotonic() + SOON
    while turns._lock.waiting < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_turns_are_taken_one_at_a_time_in_the_order_of_arrival():
    done = []

    def visit(name: int) -> None:
        with serialised():
            done.append(("in", name))
            time.sleep(0.002)
            done.append(("out", name))

    visitors = [threading.Thread(target=visit, args=(name,)) for name in range(20)]
    with serialised():
        for place, visitor in enumerate(visitors, start=1):
            visitor.start()
            wait_for_waiting(place)
        assert done == []
    for visitor in visitors:
        visitor.join(SOON)
    assert done == [(way, name) for name in range(20) for way in ("in", "out")]


def test_an_error_lets_the_next_one_in():
    with pytest.raises(RuntimeError, match="interrupted"), serialised():
        raise RuntimeError("interrupted")
    with serialised():
        assert turns._lock.waiting == 0


def test_a_sleep_ends_when_somebody_waits():
    start = time.perf_counter()
    with serialised():
        sleep_unless_waiting(0.05)
        assert time.perf_counter() - start >= 0.05
        other = threading.Thread(target=pass_through)
        other.start()
        sleep_unless_waiting(SOON)
    other.join(SOON)
    assert time.perf_counter() - start < SOON


def test_the_next_one_is_let_in_when_the_answer_is_sent():
    order = []

    async def send() -> None:
        """Note one message in each iteration of the loop, as the server sends them."""
        for message in range(turns.MAX_MESSAGES):
            await asyncio.sleep(0)
            order.append(message)

    def take_the_next() -> None:
        with serialised():
            order.append("next")

    def answer(loop: asyncio.AbstractEventLoop) -> None:
        other = threading.Thread(target=take_the_next)
        with serialised():
            other.start()
            wait_for_waiting(1)
            asyncio.run_coroutine_threadsafe(send(), loop)
        other.join(SOON)

    async def serve() -> None:
        async with remember_event_loop(start_nothing)(None):
            await asyncio.to_thread(answer, asyncio.get_running_loop())

    run_apart(serve())
    assert order == [*range(turns.MAX_MESSAGES), "next"]


@pytest.mark.filterwarnings("ignore:coroutine '_run_iterations' was never awaited")
def test_a_loop_that_has_stopped_keeps_nobody_waiting_for_long(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    stopped = asyncio.new_event_loop()
    monkeypatch.setattr(turns, "_loops", [stopped])
    other = threading.Thread(target=pass_through)
    with serialised():
        other.start()
        wait_for_waiting(1)
    other.join(SOON)
    assert not other.is_alive()
    stopped.close()


@asynccontextmanager
async def start_nothing(_: object) -> AsyncIterator[None]:
    yield


def pass_through() -> None:
    with serialised():
        pass
