"""A running dashboard, and the hands of somebody who draws."""

import itertools
import math
import re
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.models.files import list_model_ids
from core.server.visitors import COOKIE
from tests.browser.live_modules import LiveModules
from tests.browser.script_runs import RENDER, count_requests, wait_for_answer, watch_runs
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

# The groups of the bar at the top and their pages, beside the documentation of the API.
GROUPS = {
    "Draw": ("Draw", "Collect", "My drawings"),
    "Understand": (
        "Models",
        "Compare",
        "Confusion matrices",
        "Error explorer",
        "Weak spots",
        "Map",
        "Robustness",
        "Training curves",
    ),
    "Train": ("Train", "Runs", "Sweeps"),
}

Point = tuple[float, float]
PAD_SIDE = 320  # of the pad, in its own pixels


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def live(browser: Browser) -> Iterator[LiveModules]:
    """The modules of pages/live with the networks of the built-in models."""
    modules = LiveModules(browser)
    modules.add_built_in(list_model_ids())
    yield modules
    modules.close()


@pytest.fixture
def open_page(server, browser) -> Iterator[object]:
    """A function that opens a page of the dashboard, by path, in a window of its own.

    An ``owner`` is the visitor who the window's cookie says it is.
    """
    contexts = []

    def open_at(
        path: str = "",
        *,
        phone: bool = False,
        dark: bool = False,
        motion: bool = False,
        owner: str | None = None,
    ) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            reduced_motion="no-preference" if motion else "reduce",
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        if owner is not None:
            context.add_cookies([{"name": COOKIE, "value": owner, "url": server.address}])
        context.on("page", watch_runs)
        page = context.new_page()
        page.goto(f"{server.address}/{path}")
        page.locator("h1").wait_for()
        return page

    yield open_at
    for context in contexts:
        context.close()


def find_in_menu(page: Page, title: str) -> Locator:
    """The link to a page in the bar at the top of a wide window, whose group is opened."""
    (group,) = (group for group, titles in GROUPS.items() if title in titles)
    button = page.get_by_test_id("stTopNavSection").filter(has_text=group)
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    return page.get_by_role("menuitem", name=title, exact=True)


def go_to(page: Page, title: str) -> None:
    """Choose a page in the bar at the top of a wide window."""
    find_in_menu(page, title).click()
    expect(page).to_have_title(f"{title} · Digit Lab")


def pick_from_list(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box, or add one in a box for several."""
    box = page.get_by_role("combobox", name=re.compile(rf"^{label}\b"))
    box.click()
    box.press_sequentially(option)
    # Playwright cannot pass on a slash.
    start = re.compile("^" + re.escape(option).replace("/", "."))
    page.get_by_role("option", name=start).first.click()
    if box.get_attribute("aria-expanded") == "true":  # a box for several stays open
        box.press("Escape")


def open_own_server(browser: Browser, path: str = "") -> tuple[Page, Server]:
    """A page in a window of its own, from a server of its own."""
    server = Server()
    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(TIMEOUT)
    context.on("page", watch_runs)
    page = context.new_page()
    page.goto(f"{server.address}/{path}")
    page.locator("h1").wait_for()
    return page, server


def wait_until_whole(page: Page) -> None:
    """Wait until a page shows all that its script gave: each kind of element is loaded late."""
    wait_for_answer(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def restart(page: Page, server: Server) -> Server:
    """Another server at the same address, once the page has run there."""
    requests = count_requests(page)
    server.stop()
    another = Server(port=server.port)
    wait_for_answer(page, after=requests)
    page.wait_for_timeout(500)  # what the browser sends of its own accord is sent
    wait_for_answer(page)
    return another


def find_pad(page: Page) -> Locator:
    """The canvas that takes the strokes, once it is where it stays."""
    pad = page.locator("canvas.upper-canvas")
    pad.evaluate(WAIT_FOR_STYLE)
    page.get_by_role("img", name="Drawing pad").wait_for()  # its controls are there too
    return pad


def draw_with_mouse(page: Page, strokes: Sequence[Sequence[Point]]) -> None:
    """Draw strokes given in pixels of the pad."""
    for stroke in strokes:
        hold_pen_down(page, stroke)
        page.mouse.up()


def hold_pen_down(page: Page, stroke: Sequence[Point]) -> None:
    """Draw a stroke given in pixels of the pad, and leave the mouse's button down."""
    box = find_pad(page).bounding_box()
    scale = box["width"] / PAD_SIDE
    for index, (x, y) in enumerate(stroke):
        page.mouse.move(box["x"] + scale * x, box["y"] + scale * y, steps=5)
        if index == 0:
            page.mouse.down()


def wait_for_chart(chart: Locator) -> None:
    """Wait until the app takes the clicks on a chart: it listens once the chart is drawn.

    The locator is looked up again each time: a chart that is replaced never listens.
    """
    deadline = time.monotonic() + TIMEOUT / 1000
    while not chart.evaluate("chart => Boolean(chart._ev?._events?.plotly_selected)"):
        assert time.monotonic() < deadline, "expected a chart that listens, got one that does not"
        chart.page.wait_for_timeout(50)


class Touch:
    """Fingers, pens' hands and palms on the screen, in pixels of the pad."""

    def __init__(self, page: Page) -> None:
        """Take where the pad is now."""
        box = find_pad(page).bounding_box()
        self._left, self._top, self._scale = box["x"], box["y"], box["width"] / PAD_SIDE
        self._session = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: Point, radius: float = 1, first: int = 0) -> None:
        """Tell the browser of fingers that come, move or go; without points, that all go.

        Args:
            kind: touchStart, touchMove, touchEnd or touchCancel.
            points: where the fingers are, in the order in which they came.
            radius: of the last one, in pixels.
            first: the number of the first one.
        """
        radii = [*[1.0] * (len(points) - 1), radius]
        touches = [
            {
                "id": i,
                "x": self._left + self._scale * x,
                "y": self._top + self._scale * y,
                "radiusX": r,
                "radiusY": r,
            }
            for i, ((x, y), r) in enumerate(zip(points, radii, strict=False), first)
        ]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def draw(self, stroke: Sequence[Point], *others: Point, radius: float = 1) -> None:
        """Move the first finger along a stroke, from its second point on; others stay."""
        for (x0, y0), (x1, y1) in itertools.pairwise(stroke):
            for step in range(1, 9):
                point = (x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8)
                self.send("touchMove", point, *others, radius=radius)


def draw_with_finger(page: Page, strokes: Sequence[Sequence[Point]]) -> None:
    """Draw strokes given in pixels of the pad by touch."""
    touch = Touch(page)
    for stroke in strokes:
        touch.send("touchStart", stroke[0])
        touch.draw(stroke)
        touch.send("touchEnd")


def read_pad(page: Page) -> npt.NDArray[np.bool_]:
    """Which pixels of the pad are inked, by rows."""
    page.evaluate(RENDER)
    bits = page.locator("canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => {
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          let bits = "";
          for (let i = 0; i < data.length; i += 4) bits += data[i] > 128 ? 1 : 0;
          return bits;
        }"""
    )
    side = math.isqrt(len(bits))
    return np.frombuffer(bits.encode(), np.uint8).reshape(side, side) == ord("1")


def count_ink(page: Page) -> int:
    """How many pixels of the pad are inked."""
    return int(read_pad(page).sum())
