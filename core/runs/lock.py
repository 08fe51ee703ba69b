"""File locks: one process holds a lock at a time, and its end releases it, even a kill.

The operating system keeps them, by ``flock`` on Linux and macOS and by ``LockFileEx`` on Windows.
Child processes do not inherit a lock, because Windows does not allow it. This module does not know
what is locked, nor why.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from threading import Lock

from filelock import lock_descriptor, unlock_descriptor

# A check whether a lock is held holds it for a moment. So the threads of a process check one after
# the other, a check that finds it held is repeated once, and a process that wants the lock keeps
# trying for a while.
CHECKING = Lock()
RETRY_INTERVAL = 0.001  # seconds
ACQUIRE_TIMEOUT = 0.5  # seconds


def acquire_lock(file: Path, *, seconds: float = ACQUIRE_TIMEOUT) -> int:
    """Hold a file's lock.

    Args:
        file: of the lock; created if it is missing.
        seconds: how long to wait for another process.

    Returns:
        The lock, for ``release_lock``.

    Raises:
        BlockingIOError: another process holds it.
    """
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    if not _try(lock, until=time.monotonic() + seconds):
        os.close(lock)
        raise BlockingIOError(f"Another process is using {file.name}. Wait until it ends.")
    return lock


def release_lock(lock: int) -> None:
    """Release a lock that ``acquire_lock`` returned."""
    unlock_descriptor(lock)  # explicitly: Windows would release it some time after the close
    os.close(lock)


@contextmanager
def lock_exclusively(file: Path) -> Iterator[None]:
    """Hold a file's lock during a ``with`` block; waits until it is free."""
    lock = acquire_lock(file, seconds=inf)
    try:
        yield
    finally:
        release_lock(lock)


@contextmanager
def lock_for_now(file: Path) -> Iterator[None]:
    """Hold a file's lock during a ``with`` block, and remove the file at its end.

    Whoever waited for the lock finds that the file is another one or gone, and tries again. Windows
    does not remove a file that is open, so there it stays.
    """
    lock = acquire_lock(file, seconds=inf)
    while not _is_lock_of(file, lock):
        release_lock(lock)
        lock = acquire_lock(file, seconds=inf)
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        release_lock(lock)


def is_held(file: Path) -> bool:
    """Whether any process, this one included, holds the file's lock."""
    try:
        lock = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    with CHECKING:
        held = not _try(lock, until=time.monotonic() + RETRY_INTERVAL)
        os.close(lock)
    return held


def _is_lock_of(file: Path, lock: int) -> bool:
    """Whether a lock is that of the file at this path now, and not of one that was removed."""
    try:
        return os.path.samestat(file.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _try(lock: int, *, until: float) -> bool:
    while not lock_descriptor(lock, blocking=False):
        if time.monotonic() >= until:
            return False
        time.sleep(RETRY_INTERVAL)
    return True
