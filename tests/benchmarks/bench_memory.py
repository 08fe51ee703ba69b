"""Memory: ``python -m tests.benchmarks.bench_memory`` sends large photographs to one server.

Visitors upload them on the Draw page in Chromium, and clients send them to the API. ``streamlit
run`` serves the dashboard, without the environment variable of the Makefile. The tables go to the
screen and to ``memory.md`` beside this file. The exit status is 1 when a limit is missed. Needs
Linux, which tells how much memory a process had at most.
"""

import io
import os
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.scenes import photograph_with_shadow
from tests.browser.script_runs import count_requests, wait_for_answer, watch_runs
from tests.conftest import launch_chromium
from tests.docs.reports import write_table
from tests.servers import ROOT, Server

REPORT = Path(__file__).with_name("memory.md")
# Set by the Makefile and the Dockerfile, but not by a person who starts Streamlit.
VARIABLE = "ARROW_DEFAULT_MEMORY_POOL"
# The photographs: width and height by their megapixels, the digit and the noise. And a picture.
SIZES = {1: (1200, 900), 12: (4000, 3000), 24: (5656, 4242), 40: (7302, 5476)}
DIGIT = 7
NOISE = 6.0
PNG = ROOT / "tests/cases/18-40-megapixels-rgba.png"
AT_ONCE = 4  # on the Draw page, and as many at the API
# After what warms the server, and after the pictures.
SECONDS_IDLE, SECONDS_AFTER = 30, 60
TIMEOUT = 60_000  # ms
CLICKS = ("Steps", "API") * 3
TOGETHER = f"40 megapixels, {2 * AT_ONCE} at once"
# Megabytes above rest, and seconds.
MAX_ALONE, MAX_TOGETHER, MAX_KEPT = 150, 400, 60
MAX_SECONDS_TO_ANSWER, MAX_SECONDS_TO_CLICK = 1.0, 0.4


@dataclass(frozen=True)
class Memory:
    """Resident memory of a server, in bytes.

    Attributes:
        rest: before the pictures.
        peak: the most that it had, above rest.
        kept: a minute later, above rest.
    """

    rest: int
    peak: int
    kept: int


@dataclass(frozen=True)
class Times:
    """Seconds from the choice of a file to the answer, and of each click after it."""

    answer: float
    clicks: Sequence[float]


class Meter:
    """Reads the resident memory of a process from the system."""

    def __init__(self, pid: int) -> None:
        """Of the process with this id."""
        self._folder = Path(f"/proc/{pid}")

    def read(self, name: str) -> int:
        """Bytes now, ``VmRSS``, or the most since ``forget``, ``VmHWM``."""
        lines = (self._folder / "status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))

    def forget(self) -> None:
        """Start anew with the most."""
        (self._folder / "clear_refs").write_text("5")


def draw_picture(megapixels: int, *, seed: int) -> bytes:
    """A simulated photograph of the digit as a JPEG file."""
    random = np.random.default_rng(seed)
    scene = photograph_with_shadow(draw_sample(DIGIT, canvas_size=400, random=random), random)
    pixels = np.asarray(scene.resize(SIZES[megapixels], Image.Resampling.BICUBIC), np.int16)
    noise = random.normal(0, NOISE, pixels.shape[:2]).astype(np.int16)[..., None]
    picture = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


class Site:
    """A server with pages of the dashboard open in a browser, and clients of its API."""

    def __init__(self, server: Server, browser: Browser) -> None:
        """Nobody is there yet."""
        self.meter = Meter(server.process.pid)
        self._address = server.address
        self._browser = browser

    @contextmanager
    def open_page(self) -> Iterator[Page]:
        """The Draw page at *Upload*, in a browser of its own."""
        context = self._browser.new_context()
        context.set_default_timeout(TIMEOUT)
        context.on("page", watch_runs)
        page = context.new_page()
        page.goto(f"{self._address}/?source=Upload")
        wait_for_answer(page)
        yield page
        context.close()

    def ask_api(self, file: Path) -> None:
        """Send a picture to the API, and wait for its answer."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="1"\r\n\r\n'
        request = urllib.request.Request(
            f"{self._address}/api/predict",
            head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT / 1000) as response:
            response.read()

    def measure_memory(self, uploads: Sequence[Path], requests: Sequence[Path]) -> Memory:
        """Send files at the same time, each from a page of its own or to the API."""
        rest = self.meter.read("VmRSS")
        self.meter.forget()
        with ExitStack() as stack:
            pages = [stack.enter_context(self.open_page()) for _ in uploads]
            threads = stack.enter_context(ThreadPoolExecutor())
            answers = [threads.submit(self.ask_api, file) for file in requests]
            for page, file in zip(pages, uploads, strict=True):
                choose(page, file)
            for page in pages:
                wait_for_digits(page)
            for answer in answers:
                answer.result()
            peak = self.meter.read("VmHWM")
            time.sleep(SECONDS_AFTER)
            return Memory(rest, peak - rest, self.meter.read("VmRSS") - rest)

    def measure_times(self, file: Path) -> Times:
        """Upload a file, and click on what depends on it."""
        with self.open_page() as page:
            started = perf_counter()
            choose(page, file)
            wait_for_digits(page)
            answer = perf_counter() - started
            return Times(answer, [click(page, name) for name in CLICKS])


def choose(page: Page, file: Path) -> None:
    """Choose a file on a page."""
    page.locator("[data-testid=stFileUploader] input").set_input_files(file)


def wait_for_digits(page: Page) -> None:
    """Wait until what was found in the picture is on a page."""
    page.get_by_test_id("answer").wait_for()


def click(page: Page, name: str) -> float:
    """Seconds from a click on a tab to the end of its run."""
    wait_for_answer(page)
    requests = count_requests(page)
    started = perf_counter()
    page.get_by_role("tab", name=name).click()
    wait_for_answer(page, after=requests)
    return perf_counter() - started


@contextmanager
def open_site(browser: Browser, small: Path) -> Iterator[Site]:
    """A server of its own, idle after a small picture on the Draw page and one at the API."""
    with TemporaryDirectory() as folder:
        server = Server(DIGITLAB_DATABASE_URL=f"sqlite:///{folder}/drawings.sqlite3")
        site = Site(server, browser)
        try:
            with site.open_page() as page:
                choose(page, small)
                wait_for_digits(page)
                site.ask_api(small)
                time.sleep(SECONDS_IDLE)
                yield site
        finally:
            server.stop()


def write_pictures(folder: Path, megapixels: int, count: int = 1) -> list[Path]:
    """Photographs as files."""
    files = [folder / f"{megapixels} {seed}.jpg" for seed in range(count)]
    for seed, file in enumerate(files):
        file.write_bytes(draw_picture(megapixels, seed=seed))
    return files


def measure(folder: Path) -> tuple[dict[str, Memory], Times]:
    """The memory that pictures take, and how long a visitor waits for one of 12 megapixels."""
    many = write_pictures(folder, 40, 2 * AT_ONCE)
    alone = {
        "24 megapixels, JPEG": write_pictures(folder, 24),
        "40 megapixels, JPEG": many[:1],
        "40 megapixels, PNG": [PNG],
    }
    (small,) = write_pictures(folder, 1)
    memory = {}
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, files in alone.items():
            with open_site(browser, small) as site:
                memory[name] = site.measure_memory(files, [])
        with open_site(browser, small) as site:
            memory[TOGETHER] = site.measure_memory(many[:AT_ONCE], many[AT_ONCE:])
            times = site.measure_times(*write_pictures(folder, 12))
        browser.close()
    return memory, times


def write_report(memory: Mapping[str, Memory], times: Times) -> str:
    """The tables, in Markdown."""
    rows = [
        (name, *(f"{size / 1e6:.0f}" for size in (one.rest, one.peak, one.kept)))
        for name, one in memory.items()
    ]
    seconds = [
        ("From the choice of the file to the answer", f"{times.answer:.2f} s"),
        ("Slowest of the clicks after it", f"{max(times.clicks):.2f} s"),
    ]
    header = ("Picture", "Server at rest, MB", "Peak above that, MB", "A minute later, MB")
    return (
        f"{write_table(header, rows)}\n\n"
        f"{write_table(('A photograph of 12 megapixels', 'Time'), seconds)}\n"
    )


def find_shortfalls(memory: Mapping[str, Memory], times: Times) -> list[str]:
    """A sentence for every limit that is missed."""
    limits = [
        *((f"megabytes for {name}", one.peak / 1e6, MAX_TOGETHER if name == TOGETHER else MAX_ALONE)
          for name, one in memory.items()),
        ("megabytes a minute later", memory[TOGETHER].kept / 1e6, MAX_KEPT),
        ("seconds to the answer", times.answer, MAX_SECONDS_TO_ANSWER),
        ("seconds for a click", max(times.clicks), MAX_SECONDS_TO_CLICK),
    ]  # fmt: skip
    return [
        f"expected at most {limit:g} {what}, got {found:.3g}"
        for what, found, limit in limits
        if found > limit
    ]


def main() -> int:
    """Run the benchmark; returns the exit status."""
    os.environ.pop(VARIABLE, None)
    with TemporaryDirectory() as folder:
        memory, times = measure(Path(folder))
    report = write_report(memory, times)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(memory, times)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How much memory large pictures take\n\n"
        "Written by `make bench`. `streamlit run` serves the dashboard without the variable that\n"
        "the Makefile sets for Arrow. A server is at rest when it is idle after one small picture\n"
        "on the Draw page and one at the API. Then a simulated photograph, or a picture that is\n"
        "one of the tests, is uploaded on the Draw page in Chromium. In the last row,\n"
        f"{AT_ONCE} visitors upload a photograph each, and {AT_ONCE} clients send one to the API,\n"
        "all at the same time. The visitors stay on the page. Memory is the resident memory of\n"
        "the server. The times are those of one visitor after that.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
