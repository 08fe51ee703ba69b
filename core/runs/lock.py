"""Locks: files that one process holds at a time, and lets go of when it ends, however it does.

The system keeps them, by ``flock`` on Linux and macOS and ``LockFileEx`` on Windows, so that a
process that was killed leaves none behind. No child inherits a lock: Windows knows no such thing.
This module does not know what is locked, nor why.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from threading import Lock

from filelock import lock_descriptor, unlock_descriptor

# To look whether a lock is held is to hold it for a moment. So threads look one after the other,
# another process looks again a moment later, and whoever takes a lock is patient; all in seconds.
LOOKING = Lock()
MOMENT = 0.001
PATIENCE = 0.5


def acquire_lock(file: Path, *, seconds: float = PATIENCE) -> int:
    """Hold a file's lock; returns what ``release_lock`` takes.

    Args:
        file: made where it is missing.
        seconds: how long another process is waited for.

    Raises:
        BlockingIOError: another process holds it.
    """
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    if not _try(lock, until=time.monotonic() + seconds):
        os.close(lock)
        raise BlockingIOError(f"expected a lock that nobody holds, got {file.name} in use")
    return lock


def release_lock(lock: int) -> None:
    """Let others hold it."""
    unlock_descriptor(lock)  # at once, while Windows takes its time once the file is closed
    os.close(lock)


@contextmanager
def lock_exclusively(file: Path) -> Iterator[None]:
    """Hold a file's lock for the length of a block, after whoever holds it now."""
    lock = acquire_lock(file, seconds=inf)
    try:
        yield
    finally:
        release_lock(lock)


def is_held(file: Path) -> bool:
    """Whether any process, or this one, holds the file's lock."""
    try:
        lock = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    with LOOKING:
        held = not _try(lock, until=time.monotonic() + MOMENT)
        os.close(lock)
    return held


def _try(lock: int, *, until: float) -> bool:
    while not lock_descriptor(lock, blocking=False):
        if time.monotonic() >= until:
            return False
        time.sleep(MOMENT)
    return True
