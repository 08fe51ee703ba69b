"""What a screen reader speaks on the Draw page: a live region, as its text changes."""

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import draw_with_mouse, find_pad
from tests.browser.script_runs import count_requests, wait_for_answer

TIME_TO_SETTLE = 600  # ms, more than the page waits for
SEVEN = [(80, 70), (240, 70), (140, 270)]
LIVE = "[role=status], [role=alert], [aria-live]"
# Writes down what the region holds each time that it changes.
LISTEN = """region => {
  window.spoken = [];
  new MutationObserver(() => spoken.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""


def find_region(page: Page) -> Locator:
    """The region of the answer, which is there before the first one."""
    find_pad(page)
    wait_for_answer(page)
    regions = page.locator(f"[data-testid=stMain] :is({LIVE}):not([data-testid=stAlertContainer])")
    expect(regions).to_have_count(1)
    expect(regions).to_be_empty()
    return regions


def draw(page: Page, stroke: list) -> None:
    requests = count_requests(page)
    draw_with_mouse(page, [stroke])
    wait_for_answer(page, after=requests)
    page.wait_for_timeout(TIME_TO_SETTLE)


def test_each_answer_is_spoken_once_by_one_region_that_stays(open_page):
    page = open_page()
    region = find_region(page).element_handle()
    region.evaluate(LISTEN)
    draw(page, SEVEN)
    assert page.evaluate("spoken") == [region.inner_text()]
    assert "All 3 models predict 7." in region.inner_text()
    draw(page, np.random.default_rng(3).uniform(60, 260, (30, 2)).tolist())
    assert page.evaluate("spoken.length") == 2
    assert "doubt that this is a digit." in region.inner_text()
    requests = count_requests(page)
    page.get_by_role("button", name="Clear").click()
    wait_for_answer(page, after=requests)
    page.wait_for_timeout(TIME_TO_SETTLE)
    draw(page, SEVEN)
    assert page.evaluate("spoken").count("") == 1  # otherwise the same answer is not spoken
    assert page.evaluate("spoken.at(-1)") == region.inner_text() != ""


def test_a_number_is_spoken_with_its_digits(open_page):
    page = open_page()
    region = find_region(page)
    for stroke in (
        [(40, 60), (30, 170), (120, 170)],
        [(100, 60), (100, 270)],
        [(170, 100), (200, 60), (250, 70), (260, 120), (220, 190), (170, 260), (290, 260)],
    ):
        draw(page, stroke)
    expect(region).to_contain_text("42. 2 digits.")
