"""Memory: how the server's process takes it, so that it has little to keep when visitors leave.

The C library and Arrow set memory aside for every thread they meet, and each run of a page is a
thread. What they keep for threads that are gone comes to a fifth of the server's memory.
"""

import ctypes
import os
import sys

MOST_ARENAS = 2
# The number of this option in glibc's malloc.h.
M_ARENA_MAX = -8


def share_memory_among_threads() -> None:
    """Let all threads take memory from the same few places; to be called before there are many."""
    # Read when pyarrow is loaded, which happens with the first table.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # not every libc has it
        if set_option is not None:
            set_option(M_ARENA_MAX, MOST_ARENAS)
