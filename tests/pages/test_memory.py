"""Memory, in a process of its own, which says how much it took for threads that are gone."""

import subprocess
import sys

import pytest

from pages.widgets.memory import MOST_ARENAS

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
