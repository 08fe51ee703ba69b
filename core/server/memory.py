"""Memory: gives back what visitors left behind, when the server has little to do.

A page that was shown leaves objects that refer to each other. The more objects there are, the more
seldom Python looks for such objects; and the C library keeps the memory that was freed.

The variables ``MALLOC_ARENA_MAX`` and ``ARROW_DEFAULT_MEMORY_POOL``, set in the Makefile
and the Dockerfile, keep the C library and Arrow from setting memory aside for every thread.
"""

import asyncio
import ctypes
import gc
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Lifespan

# Seconds between two looks at the server, and of the processor's time: one that takes less from one
# look to the next rests, and one that took more since it gave memory back has some again.
INTERVAL = 10.0
LITTLE_WORK = 0.2


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
    trim = _find_in_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _find_in_c_library(name: str) -> Any:
    """A function that glibc has; None where there is none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
