"""Memory: what is taken for threads that are gone, and what is given back after work."""

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
from core.server.memory import MOST_ARENAS, give_memory_back

THREADS = """
import ctypes, sys, threading
from pages.widgets.memory import share_memory_among_threads

if sys.argv[1] == "share":
    share_memory_among_threads()
start = threading.Barrier(6)

def work():
    start.wait()
    kept.append([bytes(2000) for _ in range(2000)])

kept = []
threads = [threading.Thread(target=work) for _ in range(6)]
for one in threads:
    one.start()
for one in threads:
    one.join()
import pyarrow
print(pyarrow.default_memory_pool().backend_name)
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="malloc_stats is glibc's")
@pytest.mark.parametrize("way", ["share", "leave"])
def test_threads_take_their_memory_from_few_places(way):
    done = subprocess.run(
        [sys.executable, "-c", THREADS, way], capture_output=True, text=True, check=True
    )
    arenas = done.stderr.count("Arena ")
    if way == "share":
        assert done.stdout.strip() == "system"
        assert arenas <= MOST_ARENAS
    else:  # which shows that the test would notice
        assert arenas > MOST_ARENAS


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
