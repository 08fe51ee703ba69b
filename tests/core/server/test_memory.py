"""Memory: what visitors left behind is given back after work."""

import asyncio
import gc
import itertools
import weakref
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from core.server import memory
from core.server.memory import give_memory_back


class Knot:
    """What only a search through all of memory finds to be unused."""

    def __init__(self) -> None:
        self.itself = self


@asynccontextmanager
async def live(_):
    yield


@pytest.mark.parametrize("rests", [True, False])
def test_what_visitors_left_behind_is_looked_for_when_the_server_rests(monkeypatch, rests):
    work = itertools.repeat(5.0) if rests else itertools.count(5.0)
    monkeypatch.setattr(memory, "time", SimpleNamespace(process_time=lambda: next(work)))
    monkeypatch.setattr(memory, "INTERVAL", 0.01)

    async def serve() -> bool:
        async with give_memory_back(live)(None):
            left = weakref.ref(Knot())
            await asyncio.sleep(0.5)
            return left() is None

    gc.disable()  # of itself, it might look just now
    try:
        assert asyncio.run(serve()) == rests
    finally:
        gc.enable()
