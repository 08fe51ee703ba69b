"""A running dashboard, and the hands of somebody who draws."""

import itertools
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.script_runs import watch_runs
from tests.servers import Server

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# The machine may be busy with other tests: what should be there appears within this time.
TIMEOUT = 30_000
expect.set_options(timeout=TIMEOUT)
# The stylesheet of the pad is a file of its own: what arrives after the canvas moves the canvas.
WAIT_FOR_STYLE = """canvas => new Promise((resolve, reject) => {
  const link = canvas.getRootNode().querySelector("link[rel=stylesheet]");
  if (link.sheet) return resolve();
  link.addEventListener("load", resolve);
  link.addEventListener("error", reject);
})"""

Point = tuple[float, float]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def open_page(server, browser) -> Iterator[object]:
    """A function that opens a page of the dashboard, by path, in a window of its own."""
    contexts = []

    def open_at(path: str = "", *, phone: bool = False, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        context.on("page", watch_runs)
        page = context.new_page()
        page.goto(f"{server.address}/{path}")
        page.locator("h1").wait_for()
        return page

    yield open_at
    for context in contexts:
        context.close()


def find_pad(page: Page) -> Locator:
    """The canvas that takes the strokes, once it is where it stays."""
    pad = page.locator("canvas.upper-canvas")
    pad.evaluate(WAIT_FOR_STYLE)
    return pad


def draw_with_mouse(page: Page, strokes: Sequence[Sequence[Point]]) -> None:
    """Draw strokes given in pixels of the pad."""
    box = find_pad(page).bounding_box()
    for stroke in strokes:
        for index, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
            if index == 0:
                page.mouse.down()
        page.mouse.up()


def draw_with_finger(page: Page, strokes: Sequence[Sequence[Point]]) -> None:
    """Draw strokes given in pixels of the pad by touch."""
    box = find_pad(page).bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, points: Sequence[Point]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points],
            },
        )

    for stroke in strokes:
        touch("touchStart", stroke[:1])
        for (x0, y0), (x1, y1) in itertools.pairwise(stroke):
            for step in range(1, 9):
                touch("touchMove", [(x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)])
        touch("touchEnd", [])
