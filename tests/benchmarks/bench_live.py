"""Live: ``python -m tests.benchmarks.bench_live`` measures the modules of pages/live in Chromium.

Digits and numbers are drawn point by point, and read at every move of the pen. Every drawing is
repeated, and the shortest time of each move counts: the others depend on what else the machine
does. Then a mouse draws on the Draw page, also with the processor slowed down as on a phone, and
what counts is the time from each move until its answer is painted. The tables go to the screen and
to ``live.md`` beside this file. The exit status is 1 when a limit is missed.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from core.inference.judge import JUDGE_MODEL_IDS
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids
from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.browser.conftest import TIMEOUT, draw_with_mouse
from tests.browser.live_modules import LiveModules, Strokes, list_points
from tests.conftest import launch_chromium
from tests.numbers import write_number
from tests.servers import Server

REPORT = Path(__file__).with_name("live.md")
DIGITS = 10
NUMBERS = ("42", "507", "1984")
SIDE = 320
POINTS_PER_MOVE = 4
REPEATS = 5
THREE, ALL = "Three models", "All models"
# Milliseconds, for 95 of 100 moves.
LIMITS = {THREE: 4.0, ALL: 15.0}
MEASURE = """async ({ models, judge, drawings, repeats }) => {
  const load = (names) => Promise.all(names.map(live.get));
  const networks = await load(models), judges = await load(judge);
  const detector = await live.get("detector");
  const draw = (moves) => {
    const engine = live.buildEngine(judges, detector);
    return moves.map((strokes) => {
      const start = performance.now();
      live.readNumber(strokes, networks, engine);
      return performance.now() - start;
    });
  };
  drawings.slice(0, 4).forEach(draw);  // compiled
  return drawings.flatMap((moves) => {
    const times = Array.from({ length: repeats }, () => draw(moves));
    return moves.map((_, move) => Math.min(...times.map((own) => own[move])));
  });
}"""

# How many times the processor is slowed down, and milliseconds for 95 of 100 moves.
PAINT_LIMITS = {1: 34.0, 4: 70.0}
# Records the milliseconds from each move of the pen until its answer is painted: the frame has been
# drawn when a message that the page sent to itself arrives.
STOPWATCH = """
window.painted = [];
let moved = null;
window.addEventListener("pointermove", ({ buttons }) => {
  if (buttons) moved ??= performance.now();
}, true);
window.addEventListener("digitlab:answer", () => {
  if (moved === null) return;
  const start = moved;
  moved = null;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => painted.push(performance.now() - start);
  port2.postMessage(null);
});
"""


def main() -> int:
    """Run the benchmark; returns the exit status."""
    times, painted = measure()
    report = write_report(times, painted)
    print(report)
    REPORT.write_text(report, "utf-8")
    slow = [np.percentile(times[name], 95) > limit for name, limit in LIMITS.items()]
    late = [np.percentile(painted[rate], 95) > limit for rate, limit in PAINT_LIMITS.items()]
    return int(any([*slow, *late]))


def measure() -> tuple[dict[str, list[float]], dict[int, list[float]]]:
    """The milliseconds of every move, with three models and with all; those until it is painted."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        live = LiveModules(browser)
        live.add_built_in(list_model_ids())
        times = {
            THREE: measure_moves(live, DEFAULT_MODEL_IDS),
            ALL: measure_moves(live, list_model_ids()),
        }
        painted = {rate: measure_painting(browser, rate) for rate in PAINT_LIMITS}
        browser.close()
    return times, painted


def measure_painting(browser: Browser, rate: int) -> list[float]:
    """The milliseconds from each move of the pen until the Draw page has painted its answer."""
    server = Server()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    try:
        page.add_init_script(STOPWATCH)
        page.goto(server.address)
        page.locator(".reader[data-ready=true]").wait_for(state="attached", timeout=TIMEOUT)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        random = np.random.default_rng(3)
        for index in range(DIGITS):
            for stroke in draw_sample(index, canvas_size=SIDE, random=random):
                draw_with_mouse(page, [stroke[::POINTS_PER_MOVE].tolist()])
            page.get_by_role("button", name="Clear").click()
            page.locator(".reader .message").wait_for(timeout=TIMEOUT)
        return page.evaluate("painted")
    finally:
        page.close()
        server.stop()


def measure_moves(live: LiveModules, models: Sequence[str]) -> list[float]:
    """The milliseconds of every move."""
    random = np.random.default_rng(2)
    digits = [draw_sample(i % 10, canvas_size=SIDE, random=random) for i in range(DIGITS)]
    numbers = [write_number(text, random) for text in NUMBERS]
    arguments = {
        "models": [*models],
        "judge": [*JUDGE_MODEL_IDS],
        "drawings": [list_moves(drawing) for drawing in [*digits, *numbers]],
        "repeats": REPEATS,
    }
    return live.page.evaluate(MEASURE, arguments)


def list_moves(drawing: Strokes) -> list[list[list[list[float]]]]:
    """The drawing after every move of the pen."""
    (strokes,) = list_points([drawing])
    return [
        [*strokes[:index], stroke[:end]]
        for index, stroke in enumerate(strokes)
        for end in range(POINTS_PER_MOVE, len(stroke) + 1, POINTS_PER_MOVE)
    ]


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast the browser predicts\n\n"
        "Written by `make bench`, with Chromium. First the shortest of "
        f"{REPEATS} times for each move of the\n"
        "pen: finding the digits, drawing their frames, predicting.\n\n"
    )


def write_report(times: dict[str, list[float]], painted: dict[int, list[float]]) -> str:
    """The tables in Markdown."""
    rows = [
        f"| {name} | {len(own):,} | {np.median(own):.1f} ms | {np.percentile(own, 95):.1f} ms "
        f"| {LIMITS[name]:.0f} ms |"
        for name, own in times.items()
    ]
    late = [
        f"| {rate} | {len(own):,} | {np.median(own):.1f} ms | {np.percentile(own, 95):.1f} ms "
        f"| {PAINT_LIMITS[rate]:.0f} ms |"
        for rate, own in painted.items()
    ]
    return "\n".join(
        [
            (write_introduction() + describe_machine()).rstrip(),
            "",
            "| Models | Moves | Median | 95th percentile | Limit |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "On the Draw page, from a move of the mouse until its answer is painted:",
            "",
            "| Processor slowed down, times | Moves | Median | 95th percentile | Limit |",
            "| --- | --- | --- | --- | --- |",
            *late,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
