"""Memory: what visitors left behind is freed after work, and nothing is kept for ever."""

import asyncio
import gc
import itertools
import subprocess
import sys
import weakref
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from core.server import memory
from core.server.memory import free_memory_when_idle
from tests.servers import ROOT

# A visitor who is still there when the server is idle for the first time, and leaves afterwards.
SERVER = """
import asyncio, gc, time, weakref
from contextlib import asynccontextmanager

import streamlit_app
from core.server import memory

memory.INTERVAL = 0.05


class Session:
    def __init__(self):
        self.itself = self


@asynccontextmanager
async def live(_):
    yield


async def be_busy_then_idle():
    until = time.process_time() + 2 * memory.MAX_IDLE_CPU_SECONDS
    while time.process_time() < until:
        pass
    for _ in range(10):
        await asyncio.sleep(memory.INTERVAL)


async def serve():
    wrap = memory.free_memory_when_idle
    async with wrap(live)(None):
        sessions = [Session()]
        left = weakref.ref(sessions[0])
        await be_busy_then_idle()
        assert left() is not None
        sessions.clear()
        await be_busy_then_idle()
        print("kept" if left() else "collected", gc.get_freeze_count())


gc.disable()  # by itself, the collector might run just now
asyncio.run(serve())
"""


class Knot:
    """An object that only the garbage collector finds to be unused."""

    def __init__(self) -> None:
        self.itself = self


@asynccontextmanager
async def live(_):
    yield


@pytest.mark.parametrize("idle", [True, False])
def test_memory_is_freed_when_the_server_is_idle(monkeypatch, idle):
    work = itertools.repeat(5.0) if idle else itertools.count(5.0)
    monkeypatch.setattr(memory, "time", SimpleNamespace(process_time=lambda: next(work)))
    monkeypatch.setattr(memory, "INTERVAL", 0.01)

    async def serve() -> bool:
        async with free_memory_when_idle(live)(None):
            left = weakref.ref(Knot())
            await asyncio.sleep(0.5)
            return left() is None

    gc.disable()  # by itself, the collector might run just now
    try:
        assert asyncio.run(serve()) == idle
    finally:
        gc.enable()


def test_a_visitor_who_leaves_after_the_server_was_idle_is_not_kept_for_ever():
    done = subprocess.run(
        [sys.executable, "-c", SERVER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["collected", "0"]
