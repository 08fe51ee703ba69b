"""Memory: frees what visitors left behind when the server is idle.

A page that was shown leaves objects that refer to each other, which only Python's garbage collector
finds. The more objects a process has, the more seldom the collector looks through all of them, and
the C library keeps the memory that was freed. So a server that was busy and is idle now collects
garbage and returns the free memory to the system.

Until then the collector runs seldom. Each run of a page allocates thousands of objects, and almost
all are freed without the collector. With Python's own threshold, looking for the others takes a
tenth of the server's time.

Nothing is frozen (``gc.freeze``): frozen objects are never collected, and those of a visitor who is
still there would stay for ever.

The C library gives the memory of large blocks back at once. Normally it raises the size from which
blocks are large whenever one of them is freed, up to 32 MB. Then the memory of decoded pictures
stays in the heaps of threads, between smaller blocks. So that size is fixed.

The C library has a heap for each of many threads, and Arrow too reserves memory for each. So the
number of heaps is limited here, and the variable ``ARROW_DEFAULT_MEMORY_POOL`` is set in the
Makefile and the Dockerfile.
"""

import asyncio
import ctypes
import gc
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import StatelessLifespan

# Poll interval in seconds, and the CPU seconds below which an interval counts as idle. Memory is
# freed once for each time that the server was busy for longer than that.
INTERVAL = 10.0
MAX_IDLE_CPU_SECONDS = 0.2
# Allocations, less deallocations, after which the collector looks at the newest objects. Python's
# own number is 700 or 2,000.
NEW_OBJECTS = 50_000
# Blocks of at least so many bytes are large; with fewer, computing with arrays takes longer. With a
# single heap, the peak is higher. The numbers of these settings are those of glibc's malloc.h.
LARGE_BLOCK = 4_000_000
MAX_HEAPS = 2
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


def free_memory_when_idle(lifespan: StatelessLifespan[Any]) -> StatelessLifespan[Any]:
    """Extend a server's lifespan: memory is freed whenever the server is idle after work."""

    @asynccontextmanager
    async def serve(app: Any) -> AsyncIterator[None]:
        gc.set_threshold(NEW_OBJECTS)
        _limit_what_is_reserved()
        async with lifespan(app):
            watch = asyncio.create_task(_watch())
            yield
            watch.cancel()

    return serve


async def _watch() -> None:
    last_poll = last_freed = 0.0
    while True:
        await asyncio.sleep(INTERVAL)
        now = time.process_time()
        if now - last_poll < MAX_IDLE_CPU_SECONDS < now - last_freed:
            _free_memory()
            last_freed = time.process_time()
        last_poll = now


def _limit_what_is_reserved() -> None:
    set_option = _find_in_c_library("mallopt")
    if set_option is not None:
        set_option(M_MMAP_THRESHOLD, LARGE_BLOCK)
        set_option(M_ARENA_MAX, MAX_HEAPS)


def _free_memory() -> None:
    """Takes a quarter of a second, during which no page is served."""
    gc.collect()
    trim = _find_in_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _find_in_c_library(name: str) -> Any:
    """A function of glibc; None on other systems."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
