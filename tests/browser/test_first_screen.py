"""The first screen of every page: its main result is in sight before anybody scrolls."""

import pytest
from playwright.sync_api import Locator, Page, expect

from core.drawings.store import DrawingStore, default_url
from tests.browser.conftest import draw_with_mouse, wait_until_whole
from tests.core.drawings.conftest import make_drawing
from tests.core.runs.conftest import finish_run, make_run
from tests.sweeps import save_sweep

OWNER = "somebody_who_looks"
SEVEN = [[(80, 70), (240, 70), (140, 270)]]
# The part of a result that has to be in sight, in pixels; all of a smaller one.
MIN_HEIGHT = 200
# The height of an element that is in sight, and its own.
MEASURE = """element => {
  const { top, bottom, height } = element.getBoundingClientRect();
  return [Math.min(bottom, innerHeight) - Math.max(top, 0), height];
}"""
FITS = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollWidth <= innerWidth && main.scrollTop === 0;
}"""
CHART, TABLE, GALLERY = ".js-plotly-plot .main-svg", "[data-testid=stDataFrame]", ".gallery"
# The main result of each page.
RESULTS = {
    "": "[data-testid=answer]",
    "collect": "canvas.upper-canvas",
    "drawings": GALLERY,
    "models": TABLE,
    "compare": f"[class*=st-key-agreement_] {CHART}",
    "confusion": f"[class*=st-key-confusion_] {CHART}",
    "errors": GALLERY,
    "weak_spots": "[class*=st-key-unsure_slices_]",
    "map": f"[class*=st-key-map_] {CHART}",
    "robustness": f".st-key-severities {CHART}",
    "curves": f".st-key-curves {CHART}",
    "train": "[data-testid=stColumn]",
    "runs": TABLE,
    "sweeps": CHART,
}


@pytest.fixture(scope="module", autouse=True)
def contents(server):  # noqa: ARG001  its database and runs are where these go
    store = DrawingStore(default_url())
    store.save(*(make_drawing(owner=OWNER, label=label) for label in range(10)))
    store.close()
    finish_run(make_run(owner=OWNER, name="Looked at"))
    save_sweep(losses=(0.3, 0.2, 0.4, 0.5))


def find_result(page: Page, path: str) -> Locator:
    """The main result of a page, once it is there."""
    if not path:
        draw_with_mouse(page, SEVEN)
    result = page.locator(RESULTS[path]).first
    expect(result).to_be_visible()
    wait_until_whole(page)
    return result


@pytest.mark.parametrize("path", RESULTS)
@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_the_main_result_of_a_page_is_in_sight_without_scrolling(open_page, path, phone):
    page = open_page(path, phone=phone, owner=OWNER)
    seen, height = find_result(page, path).evaluate(MEASURE)
    assert seen >= min(MIN_HEIGHT, height) > 0
    assert page.evaluate(FITS)
