"""Memory: how the server's process takes it, and gives back what visitors left behind.

The C library and Arrow set memory aside for every thread they meet, and each run of a page is a
thread. What they keep for threads that are gone comes to a fifth of the server's memory. And a page
that was shown leaves objects that hold each other, which Python looks for the more seldom the more
there is in memory.
"""

import asyncio
import ctypes
import gc
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Lifespan

MOST_ARENAS = 2
# The number of this option in glibc's malloc.h.
M_ARENA_MAX = -8
# Seconds between two looks at the server, and of the processor's time: one that takes less from one
# look to the next rests, and one that took more since it gave memory back has some again.
INTERVAL = 10.0
LITTLE_WORK = 0.2


def share_memory_among_threads() -> None:
    """Let all threads take memory from the same few places; to be called before there are many."""
    # Read when pyarrow is loaded, which happens with the first table.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    set_option = _find_in_c_library("mallopt")
    if set_option is not None:
        set_option(M_ARENA_MAX, MOST_ARENAS)


def give_memory_back(lifespan: Lifespan[Any]) -> Lifespan[Any]:
    """The lifespan of a server that gives memory back whenever it rests after work."""

    @asynccontextmanager
    async def serve(app: Any) -> AsyncIterator[None]:
        async with lifespan(app):
            watch = asyncio.create_task(_watch())
            yield
            watch.cancel()

    return serve


async def _watch() -> None:
    before = given_back = 0.0
    while True:
        await asyncio.sleep(INTERVAL)
        now = time.process_time()
        if now - before < LITTLE_WORK < now - given_back:
            _give_back()
            given_back = time.process_time()
        before = now


def _give_back() -> None:
    """Takes a quarter of a second, in which no page is answered."""
    gc.collect()
    if not gc.get_freeze_count():
        # Modules, models and cards: there to stay, and not to be looked through again.
        gc.freeze()
    trim = _find_in_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _find_in_c_library(name: str) -> Any:
    """A function that glibc has; None where there is none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
