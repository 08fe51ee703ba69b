"""Memory: what visitors left behind is freed after work, and nothing is kept for ever."""

import asyncio
import gc
import itertools
import os
import subprocess
import sys
import weakref
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from core.server import memory
from core.server.memory import free_memory_when_idle
from tests.servers import ROOT

# A visitor who is still there when the server is idle for the first time, and leaves afterwards.
SERVER = """
import asyncio, gc, time, weakref
from contextlib import asynccontextmanager

import streamlit_app
from core.server import memory

memory.INTERVAL = 0.05


class Session:
    def __init__(self):
        self.itself = self


@asynccontextmanager
async def live(_):
    yield


async def be_busy_then_idle():
    until = time.process_time() + 2 * memory.MAX_IDLE_CPU_SECONDS
    while time.process_time() < until:
        pass
    for _ in range(10):
        await asyncio.sleep(memory.INTERVAL)


async def serve():
    wrap = memory.free_memory_when_idle
    async with wrap(live)(None):
        sessions = [Session()]
        left = weakref.ref(sessions[0])
        await be_busy_then_idle()
        assert left() is not None
        sessions.clear()
        await be_busy_then_idle()
        print("kept" if left() else "collected", gc.get_freeze_count())


gc.disable()  # by itself, the collector might run just now
asyncio.run(serve())
"""

# Many visitors who send large pictures at the same time. It prints by how many bytes the memory of
# the process has risen afterwards.
UPLOADS = """
import asyncio, io, threading
from contextlib import asynccontextmanager

from PIL import Image

from core.inference.inputs import ImageInput
from core.server import memory


@asynccontextmanager
async def live(_):
    yield


def draw(width, height):
    picture = Image.new("RGB", (width, height), "white")
    picture.paste((20, 20, 60), (width // 2, height // 5, 5 * width // 9, 4 * height // 5))
    noise = Image.effect_noise((width // 20, height // 20), 30).resize((width, height))
    return Image.merge("RGB", [Image.blend(band, noise, 0.1) for band in picture.split()])


def encode(picture, file_format, **options):
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def read_in_threads(contents):
    threads = [threading.Thread(target=ImageInput, args=(contents, "1")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure():
    with open("/proc/self/statm") as file:
        return 4096 * int(file.read().split()[1])


async def serve():
    async with memory.free_memory_when_idle(live)(None):
        ImageInput(encode(draw(2000, 1500), "PNG"), "1")
        large = draw(6000, 4000)
        files = [encode(large, "TIFF", compression="tiff_deflate"), encode(large, "JPEG")]
        del large
        memory._free_memory()
        rest = measure()
        for contents in files:
            read_in_threads(contents)
        memory._free_memory()
        print(measure() - rest)


asyncio.run(serve())
"""

# Many threads that allocate at the same time. It prints how many heaps the C library has for them.
HEAPS = """
import asyncio, ctypes, threading
from contextlib import asynccontextmanager

from core.server import memory


@asynccontextmanager
async def live(_):
    yield


def count_heaps():
    library = ctypes.CDLL(None)
    library.tmpfile.restype = ctypes.c_void_p
    file = ctypes.c_void_p(library.tmpfile())
    library.malloc_info(0, file)
    library.rewind(file)
    text = ctypes.create_string_buffer(1_000_000)
    library.fread(text, 1, len(text) - 1, file)
    return text.value.count(b"<heap ")


async def serve():
    async with memory.free_memory_when_idle(live)(None):
        everyone = threading.Barrier(12)

        def allocate():
            block = bytearray(5000)
            everyone.wait()

        threads = [threading.Thread(target=allocate) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(count_heaps())


asyncio.run(serve())
"""


class Knot:
    """An object that only the garbage collector finds to be unused."""

    def __init__(self) -> None:
        self.itself = self


@asynccontextmanager
async def live(_):
    yield


@pytest.mark.parametrize("idle", [True, False])
def test_memory_is_freed_when_the_server_is_idle(monkeypatch, idle):
    work = itertools.repeat(5.0) if idle else itertools.count(5.0)
    monkeypatch.setattr(memory, "time", SimpleNamespace(process_time=lambda: next(work)))
    monkeypatch.setattr(memory, "INTERVAL", 0.01)

    async def serve() -> bool:
        async with free_memory_when_idle(live)(None):
            left = weakref.ref(Knot())
            await asyncio.sleep(0.5)
            return left() is None

    gc.disable()  # by itself, the collector might run just now
    try:
        assert asyncio.run(serve()) == idle
    finally:
        gc.enable()


def test_the_collector_looks_through_new_objects_seldom():
    async def serve() -> int:
        async with free_memory_when_idle(live)(None):
            runs = gc.get_stats()[0]["collections"]
            kept = [[] for _ in range(20_000)]
            assert kept
            return gc.get_stats()[0]["collections"] - runs

    assert asyncio.run(serve()) == 0


def test_a_visitor_who_leaves_after_the_server_was_idle_is_not_kept_for_ever():
    done = subprocess.run(
        [sys.executable, "-c", SERVER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["collected", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux is told what to do")
def test_the_memory_of_large_pictures_goes_back_to_the_system():
    command = [sys.executable, "-c", UPLOADS]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(answer.stdout) < 40_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux is told what to do")
def test_threads_share_heaps():
    environment = {name: one for name, one in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    answer = subprocess.run(
        [sys.executable, "-c", HEAPS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(answer.stdout) <= memory.MAX_HEAPS
