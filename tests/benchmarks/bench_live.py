"""Live: ``python -m tests.benchmarks.bench_live`` measures the modules of pages/live in Chromium.

Digits and numbers are drawn point by point, and read at every move of the pen. Every drawing is
repeated, and the shortest time of each move counts: the others depend on what else the machine
does. The table goes to the screen and to ``live.md`` beside this file. The exit status is 1 when a
limit is missed.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from core.inference.judge import JUDGE_MODEL_IDS
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids
from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.browser.live_modules import LiveModules, Strokes, list_points
from tests.conftest import launch_chromium
from tests.numbers import write_number

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


def main() -> int:
    """Run the benchmark; returns the exit status."""
    times = measure()
    report = write_report(times)
    print(report)
    REPORT.write_text(report, "utf-8")
    return int(any(np.percentile(times[name], 95) > limit for name, limit in LIMITS.items()))


def measure() -> dict[str, list[float]]:
    """The milliseconds of every move, with three models and with all."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        live = LiveModules(browser)
        live.add_built_in(list_model_ids())
        times = {
            THREE: measure_moves(live, DEFAULT_MODEL_IDS),
            ALL: measure_moves(live, list_model_ids()),
        }
        browser.close()
    return times


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


def write_report(times: dict[str, list[float]]) -> str:
    """The table in Markdown."""
    rows = [
        f"| {name} | {len(own):,} | {np.median(own):.1f} ms | {np.percentile(own, 95):.1f} ms "
        f"| {LIMITS[name]:.0f} ms |"
        for name, own in times.items()
    ]
    return "\n".join(
        [
            "# The browser's engine",
            "",
            describe_machine().strip(),
            "",
            f"In Chromium, the shortest of {REPEATS} times for each move of the pen: finding the "
            "digits, drawing their frames, predicting.",
            "",
            "| Models | Moves | Median | 95th percentile | Limit |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
