"""Error analysis: ``python -m tests.benchmarks.bench_analysis`` measures explanations and images.

Occlusion maps are compared with the same maps computed in one call for each patch, and the measures
of digits in one call with the same measures in one call for each digit. The first 60
thumbnails of MNIST's 10,000 test images (of the 1,797 bundled digits without MNIST) are timed in
Chromium, from the click to the last thumbnail. The table goes to the screen and to ``analysis.md``
beside this file. The exit status is 1 when one takes longer than its limit.
"""

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page, sync_playwright

from core.analysis.measures import measure_digits
from core.analysis.occlusion import map_occlusion
from core.digits.datasets import find_mnist, load_bundled_digits
from core.inference.classifier import Classifier, load_classifier
from core.models.files import list_model_ids
from tests.benchmarks.machine import describe_machine
from tests.conftest import launch_chromium
from tests.servers import Server

REPORT = Path(__file__).with_name("analysis.md")
IMAGES = 20
REPETITIONS = 5
MAX_MILLISECONDS_FOR_MAPS = 150
MAX_SECONDS_FOR_GALLERY = 1.0
MEASURED, DIGITS = 500, 10_000
MAX_SECONDS_FOR_MEASURES = 20.0
THUMBNAILS = 60
# The thumbnails are inside a shadow root, which no observer can watch.
STOPWATCH = """
window.stopwatch = {click: null, shown: null};
const count = (root) => root.querySelectorAll('.gallery button').length ||
    [...root.querySelectorAll('*')].map((one) => one.shadowRoot ? count(one.shadowRoot) : 0)
        .reduce((a, b) => a + b, 0);
const look = () => {
    if (stopwatch.click !== null && stopwatch.shown === null && count(document) === COUNT)
        stopwatch.shown = performance.now();
    requestAnimationFrame(look);
};
requestAnimationFrame(look);
document.addEventListener('pointerup', () => { stopwatch.click = performance.now(); }, true);
"""


class OneByOne:
    """A classifier that predicts one frame at a time, as in a loop over patches."""

    def __init__(self, classifier: Classifier) -> None:
        """Wrap a classifier."""
        self._classifier = classifier

    def probabilities(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """See ``Classifier.probabilities``."""
        return np.concatenate([self._classifier.probabilities(frame[None]) for frame in frames])


def measure_maps() -> tuple[float, float]:
    """Milliseconds for the maps of one image by all models: one call per patch, and Digit Lab."""
    classifiers = [load_classifier(model_id) for model_id in list_model_ids()]
    frames = load_bundled_digits().frames[:IMAGES]

    def time_all(timed: list[Classifier] | list[OneByOne]) -> float:
        seconds = []
        for frame in frames:
            started = perf_counter()
            for classifier in timed:
                map_occlusion(classifier, frame, 4)
            seconds.append(perf_counter() - started)
        return 1000 * float(np.median(seconds))

    return time_all([OneByOne(classifier) for classifier in classifiers]), time_all(classifiers)


def time_measures() -> tuple[float, float]:
    """Seconds for the measures of 10,000 digits: one call per digit, and Digit Lab."""
    frames = load_bundled_digits().frames[:MEASURED]
    calls: dict[int, list[float]] = {1: [], MEASURED: []}
    for _ in range(REPETITIONS):
        for size, seconds in calls.items():
            started = perf_counter()
            for first in range(0, MEASURED, size):
                measure_digits(frames[first : first + size])
            seconds.append((perf_counter() - started) * DIGITS / MEASURED)
    one_by_one, together = (float(np.median(seconds)) for seconds in calls.values())
    return one_by_one, together


def measure_gallery() -> tuple[int, float]:
    """The number of digits, and the median seconds until the first 60 are shown."""
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            seconds = []
            for _ in range(REPETITIONS):
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                seconds.append(_time_first_thumbnails(page, server.address))
                page.close()
            browser.close()
    finally:
        server.stop()
    return 10_000 if find_mnist() else len(load_bundled_digits()), float(np.median(seconds))


def _time_first_thumbnails(page: Page, address: str) -> float:
    """Seconds from the click on the row with the most digits."""
    page.add_init_script(STOPWATCH.replace("COUNT", str(THUMBNAILS)))
    page.goto(f"{address}/compare?models=LeNet-5&models=Logistic regression&region=00")
    page.locator(".st-key-difference .js-plotly-plot .main-svg").first.wait_for(state="attached")
    page.wait_for_timeout(1000)
    dot = page.locator(".js-plotly-plot .scatterlayer .point").first.bounding_box()
    page.mouse.click(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    page.wait_for_function("stopwatch.shown !== null", polling=50)
    return float(page.evaluate("stopwatch.shown - stopwatch.click")) / 1000


def main() -> int:
    """Run the benchmark; returns the exit status."""
    one_by_one, maps = measure_maps()
    singly, measures = time_measures()
    digits, gallery = measure_gallery()
    report = (
        f"| Occlusion maps of one image by all {len(list_model_ids())} models | Median, ms |\n"
        "|---|---|\n"
        f"| One call for each patch | {one_by_one:.0f} |\n"
        f"| Digit Lab | {maps:.0f} |\n"
        f"| **Ratio** | **{one_by_one / maps:.1f}** |\n\n"
        f"| Measures of {DIGITS:,} digits | Median, s |\n"
        "|---|---|\n"
        f"| One call for each digit | {singly:.1f} |\n"
        f"| Digit Lab | {measures:.1f} |\n"
        f"| **Ratio** | **{singly / measures:.1f}** |\n\n"
        f"From the click on a region of {digits:,} digits to its first {THUMBNAILS} thumbnails: "
        f"**{gallery:.2f} s** (median of {REPETITIONS}).\n"
    )
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = []
    if maps > MAX_MILLISECONDS_FOR_MAPS:
        shortfalls.append(f"expected the maps in {MAX_MILLISECONDS_FOR_MAPS} ms, got {maps:.0f}")
    if measures > MAX_SECONDS_FOR_MEASURES:
        shortfalls.append(
            f"expected the measures in {MAX_SECONDS_FOR_MEASURES:.0f} s, got {measures:.1f}"
        )
    if gallery > MAX_SECONDS_FOR_GALLERY:
        shortfalls.append(f"expected thumbnails in a second, got {gallery:.2f}")
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast errors are explained\n\n"
        "Written by `make bench`. Occlusion maps are computed in one call for all patches and, to\n"
        "compare, in one call for each patch; measures of handwriting in one call for all digits\n"
        "and in one for each. The images are those of the Compare page in Chromium.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
