"""Network: ``python -m tests.benchmarks.bench_network`` measures pictures of networks in Chromium.

A pen draws digits on the Draw page while its tab *Network* shows a network and the chosen models
predict beside it. It moves in every animation frame, which no driver of a browser can do, so the
page itself sends its events. What counts are the pictures that are painted in each second in which
the pen is down. The table goes to the screen and to ``network.md`` beside this file. The exit
status is 1 when the limit is missed.
"""

import sys
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine
from tests.browser.conftest import DESKTOP, TIMEOUT, find_pad
from tests.conftest import launch_chromium
from tests.servers import Server

REPORT = Path(__file__).with_name("network.md")
DIGITS = 10
SIDE = 320
MIN_PER_SECOND = 30
# The network that is shown, and what predicts beside it.
VIEWS = [("LeNet-5", "Default models"), ("CNN", "All models"), ("Deep CNN", "All models")]
LIMITED = VIEWS[:2]
# Records, for each stroke, the moments at which a picture of a network is painted.
RECORD = """
window.strokes = [];
window.addEventListener("pointerdown", () => strokes.push([]), true);
const paint = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...picture) {
  paint.apply(this, picture);
  const isFrame = this.canvas.getAttribute("aria-label")?.startsWith("Frame: ");
  if (isFrame) strokes.at(-1)?.push(performance.now());
};
"""
# Moves the pen to the next point of a stroke, in pixels of the pad, in each animation frame.
DRAW = """async (canvas, { stroke, side }) => {
  const { left, top, width } = canvas.getBoundingClientRect();
  const send = (kind, [x, y], buttons) => {
    const place = { clientX: left + (x * width) / side, clientY: top + (y * width) / side };
    const event = { ...place, buttons, bubbles: true, composed: true, cancelable: true };
    const pen = { pointerId: 1, isPrimary: true, pointerType: "mouse" };
    canvas.dispatchEvent(new PointerEvent(`pointer${kind}`, { ...event, ...pen }));
    canvas.dispatchEvent(new MouseEvent(`mouse${kind}`, event));
  };
  send("down", stroke[0], 1);
  for (const point of stroke) {
    await new Promise(requestAnimationFrame);
    send("move", point, 1);
  }
  send("up", stroke.at(-1), 0);
}"""


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        pauses = {view: measure_pauses(browser, *view) for view in VIEWS}
        browser.close()
    report = write_report(pauses)
    print(report)
    REPORT.write_text(report, "utf-8")
    return int(any(count_per_second(pauses[view]) < MIN_PER_SECOND for view in LIMITED))


def measure_pauses(browser: Browser, network: str, models: str) -> list[float]:
    """The milliseconds from each picture to the next one of the same stroke."""
    server = Server()
    page = browser.new_page(viewport=DESKTOP)
    query = urlencode({"tab": "Network", "predict": models, "network": network})
    try:
        page.add_init_script(RECORD)
        page.goto(f"{server.address}/?{query}")
        page.locator(".reader[data-ready=true]").wait_for(state="attached", timeout=TIMEOUT)
        random = np.random.default_rng(3)
        for index in range(DIGITS):
            for stroke in draw_sample(index, canvas_size=SIDE, random=random):
                find_pad(page).evaluate(DRAW, {"stroke": stroke.tolist(), "side": SIDE})
            page.get_by_role("button", name="Clear").click()
            page.locator(".network .message").wait_for(timeout=TIMEOUT)
        return [pause for stroke in page.evaluate("strokes") for pause in np.diff(stroke)]
    finally:
        page.close()
        server.stop()


def count_per_second(pauses: list[float]) -> float:
    """Pictures a second, over all strokes."""
    return 1000 / float(np.mean(pauses))


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast the picture of a network follows the pen\n\n"
        "Written by `make bench`, with Chromium: a pen draws digits, which moves in every\n"
        "animation frame, and the models predict beside the picture.\n\n"
    )


def write_report(pauses: dict[tuple[str, str], list[float]]) -> str:
    """The table in Markdown."""
    rows = [
        f"| {network} | {models} | {len(own):,} | {count_per_second(own):.0f} "
        f"| {np.percentile(own, 95):.0f} ms "
        f"| {MIN_PER_SECOND if (network, models) in LIMITED else '–'} |"
        for (network, models), own in pauses.items()
    ]
    return "\n".join(
        [
            (write_introduction() + describe_machine()).rstrip(),
            "",
            "| Network | Predict with | Pictures | Per second | 95th percentile of pauses "
            "| At least per second |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
