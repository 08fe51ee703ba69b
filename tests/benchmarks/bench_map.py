"""Map: ``python -m tests.benchmarks.bench_map`` measures the Map page in Chromium.

It is compared with a page that shows nothing but a chart of as many points, which is the lower
bound for such a page. Both are opened in turn, on servers that have shown them before. Then a lasso
is drawn around points and the map is enlarged, and the nearest neighbours of digits are searched.
The table goes to the screen and to ``map.md`` beside this file. The exit status is 1 when a limit
is missed.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from core.analysis.neighbours import find_nearest
from core.analysis.robustness import take_sample
from core.digits.datasets import load_mnist
from core.inference.features import FeatureExtractor
from core.models.files import LITERT_FILE, read_file
from pages.parts.map.computed import TRAINING_DIGITS
from tests.benchmarks.bench_pages import LOOKOUT
from tests.benchmarks.machine import describe_machine
from tests.browser.conftest import DESKTOP, TIMEOUT, wait_for_chart
from tests.conftest import launch_chromium
from tests.servers import Server

REPORT = Path(__file__).with_name("map.md")
VISITS, LASSOS, ZOOMS, QUERIES = 7, 7, 8, 100
BARE, OURS = "Bare page", "Digit Lab"
ON_SCREEN = "Page requested to points on the screen, s"
LASSO = "Lasso to its gallery, s"
ZOOM = "Enlarging the map, ms"
MODELS = {"lenet5": "LeNet-5", "logistic_regression": "Logistic regression"}
MAX_RATIO, MAX_LASSO, MAX_SEARCH = 1.3, 1.0, 20.0
# The points are on the screen once the canvas of WebGL has been painted.
POINTS = LOOKOUT.replace("content: '", "content: '.gl-container canvas', ignored: '")
# Shares of the width and height of the map that a lasso goes through. Every second one is moved,
# so that each has other digits than the one before.
SHIFT = 0.25
LOOP = [(0.3, 0.3), (0.5, 0.25), (0.6, 0.45), (0.5, 0.6), (0.35, 0.55)]
# Records when the mouse is released, and when the gallery has other pictures, all of them loaded.
STOPWATCH = """() => {
  window.lasso = { released: null, shown: null };
  const find = (root) => root.querySelector(".gallery") ??
    [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot))
      .find(Boolean);
  const read = () => [...(find(document)?.querySelectorAll("img") ?? [])];
  const before = read().map(({ alt }) => alt).join();
  document.addEventListener("mouseup", () => { lasso.released ??= performance.now(); }, true);
  const look = () => {
    const pictures = read();
    const isNew = pictures.length && pictures.map(({ alt }) => alt).join() !== before;
    if (isNew && pictures.every(({ complete }) => complete)) lasso.shown = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""
CLICK = """button => new Promise((resolve) => {
  const start = performance.now();
  button.click();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now() - start);
    port2.postMessage(null);
  });
})"""


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        on_screen, lasso, zoom = measure_pages(browser)
        browser.close()
    searches = dict(measure_searches())
    report = write_report(on_screen, lasso, zoom, searches)
    REPORT.write_text("".join((write_introduction(), describe_machine(), report)), "utf-8")
    sys.stdout.write(report)
    ratio = on_screen[OURS] / on_screen[BARE]
    return int(ratio > MAX_RATIO or lasso > MAX_LASSO or max(searches.values()) > MAX_SEARCH)


def measure_pages(browser: Browser) -> tuple[dict[str, float], float, float]:
    """Seconds until the points are there, by page; seconds of a lasso; milliseconds of a zoom."""
    servers = {BARE: Server("tests/benchmarks/bare_map.py"), OURS: Server()}
    addresses = {BARE: servers[BARE].address, OURS: f"{servers[OURS].address}/map"}
    try:
        seconds: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(VISITS + 1):  # the first visit warms the server
            for name, address in addresses.items():
                seconds[name].append(arrive(browser, address))
        medians = {name: _median(those[1:]) for name, those in seconds.items()}
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(TIMEOUT)
        page.goto(addresses[OURS])
        wait_for_chart(page.locator(".js-plotly-plot"))
        page.get_by_text("digits, accuracy").wait_for()
        lasso = _median(draw_lasso(page, shift=SHIFT * (step % 2)) for step in range(LASSOS))
        zoom = _median(page.locator("[data-title='Zoom in']").evaluate(CLICK) for _ in range(ZOOMS))
        return medians, lasso, zoom
    finally:
        for server in servers.values():
            server.stop()


def arrive(browser: Browser, address: str) -> float:
    """Open a page in an empty browser; seconds until its points are on the screen."""
    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    page.add_init_script(POINTS)
    page.goto(address)
    page.wait_for_function("lookout.content > 0", polling=50)
    seconds: float = page.evaluate("lookout.content") / 1000
    context.close()
    return seconds


def draw_lasso(page: Page, *, shift: float) -> float:
    """Draw a lasso with the mouse; seconds until the gallery has its digits."""
    page.evaluate(STOPWATCH)
    box = page.locator(".js-plotly-plot .nsewdrag").bounding_box()
    assert box is not None
    for place, (x, y) in enumerate(LOOP):
        page.mouse.move(
            box["x"] + (x + shift) * box["width"], box["y"] + y * box["height"], steps=8
        )
        if place == 0:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_function("lasso.shown > 0", polling=50)
    seconds: float = page.evaluate("lasso.shown - lasso.released") / 1000
    page.wait_for_timeout(500)
    return seconds


def measure_searches() -> Iterable[tuple[str, float]]:
    """Milliseconds to find five neighbours among training digits, as many as the page searches."""
    frames = take_sample(load_mnist("train"), TRAINING_DIGITS).frames
    for model_id, title in MODELS.items():
        features = FeatureExtractor(read_file(model_id, LITERT_FILE)).run(frames)
        times = []
        for query in features[:QUERIES]:
            started = perf_counter()
            find_nearest(query, features)
            times.append(1000 * (perf_counter() - started))
        yield f"Five neighbours among {TRAINING_DIGITS:,} digits, {title}, ms", _median(times)


def write_report(
    on_screen: dict[str, float], lasso: float, zoom: float, searches: dict[str, float]
) -> str:
    """The table, in Markdown."""
    bare, ours = on_screen[BARE], on_screen[OURS]
    lines = [
        f"| | {BARE} | {OURS} | **{OURS} / {BARE.lower()}** |",
        "|---|---|---|---|",
        f"| {ON_SCREEN} | {bare:.2f} | {ours:.2f} | **{ours / bare:.2f}** |",
        f"| {LASSO} | – | {lasso:.2f} | |",
        f"| {ZOOM} | – | {zoom:.0f} | |",
        *(f"| {name} | – | {milliseconds:.1f} | |" for name, milliseconds in searches.items()),
    ]
    return "\n".join(lines) + "\n"


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast the map answers\n\n"
        "Written by `make bench`. The Map page shows the 10,000 digits of the MNIST test set for\n"
        "LeNet-5. It is timed in Chromium, without a graphics card, beside a page that shows only\n"
        f"a chart of as many points. Each is opened {VISITS} times in turn, in an empty browser.\n"
        f"{LASSOS} lassos are drawn; each is timed until all pictures of its gallery are there.\n"
        "Figures are medians.\n\n"
    )


def _median(numbers: Iterable[float]) -> float:
    return float(np.median([*numbers]))


if __name__ == "__main__":
    sys.exit(main())
