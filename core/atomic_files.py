"""Atomic files: written beside their place and renamed, so that nobody ever sees half of one.

A process that is killed leaves the last complete file in place. This module does not know what the
files contain.
"""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import TypeVar

# How often a file in use is tried again, and the seconds between two attempts.
MAX_ATTEMPTS, INTERVAL = 50, 0.01
NO_SPACE = (ENOSPC, EDQUOT)
# NumPy's words where a part of an array was written; it does not say why.
PARTLY_WRITTEN = re.compile(r"\d+ requested and \d+ written")

Result = TypeVar("Result")


@contextmanager
def replace_file(file: Path) -> Iterator[Path]:
    """Give a path to write to, beside ``file`` and with its suffix; it then replaces ``file``.

    The path belongs to this process alone. After an error ``file`` is as it was.
    """
    temporary = file.with_name(f".{file.stem}.{secrets.token_hex(4)}{file.suffix}")
    try:
        yield temporary
        _retry(lambda: os.replace(temporary, file))
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(file: Path, text: str) -> None:
    """Write a text file, complete or not at all."""
    with replace_file(file) as temporary:
        temporary.write_text(text, "utf-8")


def read_text(file: Path) -> str:
    """The text of a file that another process may replace at the same time."""
    return _retry(lambda: file.read_text("utf-8"))


def explain_full_disk(error: Exception) -> str:
    """What to do where an error was raised by a full disk, for a person; empty for other errors."""
    is_full = getattr(error, "errno", None) in NO_SPACE or PARTLY_WRITTEN.fullmatch(str(error))
    if isinstance(error, OSError) and is_full:
        return "The disk of the server is full. Free some space on it, and try again."
    return ""


def _retry(act: Callable[[], Result]) -> Result:
    """Act, and try again for half a second: Windows does not replace a file that is being read."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(INTERVAL)
    return act()
