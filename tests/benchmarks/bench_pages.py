"""Pages: ``python -m tests.benchmarks.bench_pages`` measures them in Chromium.

The Draw page is compared with two others that show the same pad: one that only counts strokes,
which is the lower bound for such a page, and one that predicts with Keras. The three are measured
in turn, each time with a new process and an empty browser. Then each page is opened on a server
that has shown it before. The tables go to the screen and to ``pages.md`` beside this file. The exit
status is 1 when a ratio misses its limit; ``--visits`` measures and shows the second table only.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.conftest import launch_chromium
from tests.servers import Server

REPORT = Path(__file__).with_name("pages.md")
BARE, OURS, KERAS = "Bare page", "Digit Lab", "Keras page"
SCRIPTS = {
    BARE: "tests/benchmarks/bare_page.py",
    OURS: "streamlit_app.py",
    KERAS: "tests/benchmarks/keras_page.py",
}
HEALTH = "Process start to health, s"
CANVAS = "Page requested to first canvas, s"
MEMORY_AT_CANVAS = "Server memory at that time, MB"
MEMORY = "Server memory after drawing, MB"
ANSWER = "Pen-up to answer painted, ms"
PERCENTILE_95 = "Pen-up to answer painted, 95th percentile, ms"
ROUNDS = 5
VISITS = 5  # of every page, after a first one that is not counted
STROKES = 6  # a round, so that there are 30
PAD_SIDE = 320
TIMEOUT = 60_000  # ms
PAUSE = 500  # ms between an answer and the next stroke
MAX_TIME_TO_ANSWER = 0.15  # of the bare page's
MAX_TIME_TO_CANVAS = 1.1
MAX_MEMORY_RATIO = 1.6
MIN_KERAS_TIME = 2.5  # of ours, to the first canvas
MIN_KERAS_MEMORY = 2.5
# Records, in milliseconds of the page's clock, when the pad is there, and how long after each
# pen-up the new answer is painted: the next frame has been drawn when a message that the page sent
# to itself arrives. The pad is inside a shadow root, which no observer can watch.
STOPWATCH = """
window.stopwatch = {canvas: null, answers: []};
const findPad = (root) => root.querySelector('canvas.upper-canvas') ??
    [...root.querySelectorAll('*')].map((one) => one.shadowRoot && findPad(one.shadowRoot))
        .find(Boolean);
const look = () => {
    if (findPad(document)?.getBoundingClientRect().width > 0)
        stopwatch.canvas = performance.now();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);
let penUp = null, shown = null;
document.addEventListener('pointerup', () => { penUp = performance.now(); }, true);
const note = () => {
    if (penUp === null) return;
    const start = penUp;
    penUp = null;
    requestAnimationFrame(() => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => stopwatch.answers.push(performance.now() - start);
        port2.postMessage(null);
    });
};
window.addEventListener('digitlab:answer', ({detail}) => detail.isSettled && note());
// The other pages show a text that every drawing changes, and tell nobody.
new MutationObserver(() => {
    const answer = document.querySelector('[data-testid=answer]')?.textContent;
    if (answer === undefined || answer === shown) return;
    shown = answer;
    note();
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""

# The pages, in the order of the navigation.
PATHS = (
    "", "drawings", "models", "compare", "confusion", "errors", "weak_spots", "map", "robustness",
    "curves", "train",
)  # fmt: skip
BARE_CHART = "tests/benchmarks/bare_chart.py"
TITLE, CONTENT = "title", "content"
EMPTY, FULL = "empty browser", "full cache"
# Records, in milliseconds since the page was requested, when its title and the first pad, chart,
# table or picture were painted.
LOOKOUT = """
window.lookout = {title: null, content: null};
const SELECTORS = {
    title: 'h1',
    content: 'canvas.upper-canvas, .js-plotly-plot .main-svg, [data-testid=stDataFrame] canvas, ' +
        '[data-testid=stTable], .gallery img, .digit-picture',
};
const find = (root, selector) =>
    [...root.querySelectorAll(selector)].find((one) => one.getBoundingClientRect().width > 0) ??
    [...root.querySelectorAll('*')].map((one) => one.shadowRoot && find(one.shadowRoot, selector))
        .find(Boolean);
const watch = () => {
    for (const [name, selector] of Object.entries(SELECTORS)) {
        if (lookout[name] !== null || !find(document, selector)) continue;
        lookout[name] = NaN;
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => { lookout[name] = performance.now(); };
        port2.postMessage(null);
    }
    if (lookout.title === null || lookout.content === null) requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""


@dataclass(frozen=True)
class Visit:
    """What one page took, from the start of its server to the last answer.

    Attributes:
        health: seconds from the start of the process until it says that it is healthy.
        canvas: seconds from then, when the browser asks for the page, until the pad is there.
        memory_at_canvas: resident memory of the server then, in MB.
        memory: the same when all strokes are answered.
        answers: milliseconds from each pen-up until the answer is painted.
    """

    health: float
    canvas: float
    memory_at_canvas: float
    memory: float
    answers: tuple[float, ...]


def visit(name: str, browser: Browser, *, seed: int) -> Visit:
    """Start a page's server, open the page, draw on it, and stop the server."""
    server = Server(SCRIPTS[name])
    process = psutil.Process(server.process.pid)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(TIMEOUT)
    try:
        page = context.new_page()
        page.add_init_script(STOPWATCH)
        page.goto(server.address)
        canvas = page.wait_for_function("stopwatch.canvas", polling=50).json_value()
        memory_at_canvas = process.memory_info().rss / 1e6
        if name == OURS:
            page.locator(".reader[data-ready=true]").wait_for(state="attached")
        answers = draw(page, seed=seed)
        memory = process.memory_info().rss / 1e6
    finally:
        context.close()
        server.stop()
    return Visit(server.seconds_to_health, canvas / 1000, memory_at_canvas, memory, answers)


def draw(page: Page, *, seed: int) -> tuple[float, ...]:
    """Draw strokes with the mouse, each after the last answer; milliseconds to each answer."""
    for count, stroke in enumerate(list_strokes(seed), start=1):
        page.wait_for_timeout(PAUSE)
        draw_stroke(page, stroke)
        page.wait_for_function(f"stopwatch.answers.length === {count}", polling=50)
    return tuple(page.evaluate("stopwatch.answers"))


def draw_stroke(page: Page, stroke: Sequence[tuple[float, float]]) -> None:
    """Draw a stroke in pixels of the pad with the mouse; only our page has controls of ours."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    scale = box["width"] / PAD_SIDE
    for index, (x, y) in enumerate(stroke):
        page.mouse.move(box["x"] + scale * x, box["y"] + scale * y, steps=5)
        if index == 0:
            page.mouse.down()
    page.mouse.up()


def list_strokes(seed: int) -> list[list[tuple[float, float]]]:
    """Strokes of digits, one over the other, in pixels of the pad."""
    random = np.random.default_rng(seed)
    strokes: list[list[tuple[float, float]]] = []
    while len(strokes) < STROKES:
        for stroke in draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random):
            strokes.append([(float(x), float(y)) for x, y in stroke[:: max(1, len(stroke) // 8)]])
    return strokes[:STROKES]


def measure() -> dict[str, list[Visit]]:
    """Visits of all pages, in turn."""
    visits: dict[str, list[Visit]] = {name: [] for name in SCRIPTS}
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for seed in range(ROUNDS):
            for name, those in visits.items():
                those.append(visit(name, browser, seed=seed))
        browser.close()
    return visits


def measure_visits() -> dict[str, dict[str, tuple[float, float]]]:
    """Seconds to the title and to the first content of each page on a warm server.

    The pages are opened in turn, the bare page with a chart first.

    Returns:
        By the page's title, then by whether the browser was empty or had been there before.
    """
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Server(BARE_CHART)
        server = Server(DIGITLAB_DATABASE_URL=f"sqlite:///{folder}/drawings.sqlite3")
        browser = launch_chromium(playwright)
        cookies = keep_drawing(browser, server)
        for _ in range(VISITS + 1):
            for address in (bare.address, *(f"{server.address}/{path}" for path in PATHS)):
                context = browser.new_context(
                    viewport={"width": 1280, "height": 800}, storage_state=cookies
                )
                for name in (EMPTY, FULL):
                    title, seconds = arrive(context, address)
                    found.setdefault(title, {EMPTY: [], FULL: []})[name].append(seconds)
                context.close()
        browser.close()
        server.stop()
        bare.stop()
    return {
        title: {name: _take_medians_of_visits(those) for name, those in visits.items()}
        for title, visits in found.items()
    }


def keep_drawing(browser: Browser, server: Server) -> StorageState:
    """Draw a digit and keep it, so that the pages have something to show; returns the cookies."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.address)
    page.get_by_role("button", name="Give me a digit").click()
    page.get_by_role("button", name="Yes, a").click()
    page.get_by_text("Saved as").wait_for()
    state = context.storage_state()
    context.close()
    return state


def arrive(context: BrowserContext, address: str) -> tuple[str, dict[str, float]]:
    """Open a page in a new tab; its title, and the seconds to the title and the first content."""
    page = context.new_page()
    page.add_init_script(LOOKOUT)
    page.goto(address)
    page.wait_for_function("lookout.title > 0 && lookout.content > 0", polling=50)
    title = page.locator("h1").inner_text()
    seconds = {name: ms / 1000 for name, ms in page.evaluate("lookout").items()}
    page.close()
    return title, seconds


def take_medians(visits: Mapping[str, Sequence[Visit]]) -> dict[str, dict[str, float]]:
    """Each figure of each page, by the name of the figure."""
    return {
        HEALTH: {name: _median(one.health for one in those) for name, those in visits.items()},
        CANVAS: {name: _median(one.canvas for one in those) for name, those in visits.items()},
        MEMORY_AT_CANVAS: {
            name: _median(one.memory_at_canvas for one in those) for name, those in visits.items()
        },
        MEMORY: {name: _median(one.memory for one in those) for name, those in visits.items()},
        ANSWER: {name: float(np.median(_join(those))) for name, those in visits.items()},
        PERCENTILE_95: {
            name: float(np.quantile(_join(those), 0.95)) for name, those in visits.items()
        },
    }


def write_report(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The table, in Markdown."""
    lines = [
        f"| | {BARE} | {OURS} | {KERAS} | **{OURS} / {BARE.lower()}** | **{KERAS} / {OURS}** |",
        "|---|---|---|---|---|---|",
    ]
    for name, of_page in figures.items():
        bare, ours, with_keras = (of_page[page] for page in SCRIPTS)
        digits = 2 if name.endswith(", s") else 0
        lines.append(
            f"| {name} | {bare:.{digits}f} | {ours:.{digits}f} | {with_keras:.{digits}f} "
            f"| **{ours / bare:.2f}** | **{with_keras / ours:.1f}** |"
        )
    return "\n".join(lines) + "\n"


def write_visits(found: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    """The table of all pages, in Markdown; the first one is the bare page."""
    names = [f"{what}, {browser}" for browser in (EMPTY, FULL) for what in ("Title", "Content")]
    lines = [
        f"| Page | {' | '.join(names)} | **Content / bare page** |",
        "|---|---|---|---|---|---|",
    ]
    ratios = compare_with_first(found)
    for title, times in found.items():
        figures = (f"{one:.2f} s" for name in (EMPTY, FULL) for one in times[name])
        lines.append(f"| {title} | {' | '.join(figures)} | **{ratios[title]:.2f}** |")
    return "\n".join(lines) + "\n"


def compare_with_first(
    found: Mapping[str, Mapping[str, tuple[float, float]]],
) -> dict[str, float]:
    """The time to the content of each page in an empty browser, in times of the first page's."""
    bare = next(iter(found.values()))[EMPTY][1]
    return {title: times[EMPTY][1] / bare for title, times in found.items()}


def find_shortfalls(figures: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A sentence for every ratio that misses its limit."""
    most = ((ANSWER, MAX_TIME_TO_ANSWER), (CANVAS, MAX_TIME_TO_CANVAS), (MEMORY, MAX_MEMORY_RATIO))
    least = ((CANVAS, MIN_KERAS_TIME), (MEMORY, MIN_KERAS_MEMORY))
    shortfalls = []
    for name, limit in most:
        ratio = figures[name][OURS] / figures[name][BARE]
        if ratio > limit:
            shortfalls.append(
                f"expected {name} at most {limit} times the bare page's, got {ratio:.3f}"
            )
    for name, limit in least:
        ratio = figures[name][KERAS] / figures[name][OURS]
        if ratio < limit:
            shortfalls.append(
                f"expected {name} with Keras at least {limit} times ours, got {ratio:.2f}"
            )
    return shortfalls


def main() -> int:
    """Run the benchmark; returns the exit status."""
    visits = write_visits(measure_visits())
    sys.stdout.write(visits)
    if sys.argv[1:] == ["--visits"]:
        return 0
    figures = take_medians(measure())
    report = write_report(figures)
    parts = (
        write_introduction(), describe_machine(), report, write_introduction_of_visits(), visits
    )  # fmt: skip
    REPORT.write_text("".join(parts), encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(figures)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def _median(numbers: Iterable[float]) -> float:
    return float(np.median([*numbers]))


def _take_medians_of_visits(visits: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """The median seconds to the title and the content; the first visit warms the server."""
    return _median(one[TITLE] for one in visits[1:]), _median(one[CONTENT] for one in visits[1:])


def _join(visits: Sequence[Visit]) -> list[float]:
    return [answer for one in visits for answer in one.answers]


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast pages answer\n\n"
        "Written by `make bench`. The Draw page is timed in Chromium beside two other pages with\n"
        "the same pad: one that only counts strokes, and one that predicts with LeNet-5 through\n"
        f"Keras. Each is opened {ROUNDS} times in turn, with a new server and an empty browser;\n"
        f"{ROUNDS * STROKES} strokes are drawn on it in total. An answer counts as painted when\n"
        "everything that depends on the drawing has been drawn anew. The pad itself waits 200 ms\n"
        "after pen-up before it sends. Figures are medians unless the row says otherwise.\n\n"
    )


def write_introduction_of_visits() -> str:
    """What the second table measures, in Markdown."""
    return (
        "\n## Each page\n\n"
        "Time from the request for a page until its title, and until the first pad, chart, table\n"
        "or picture, are painted. The server has shown the page before. The browser has an empty\n"
        "or a full cache. The bare page has a title and one chart. The pages are opened in turn;\n"
        f"medians of {VISITS}. The last column compares the times to the content in an empty\n"
        "browser.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
