"""A sweep in a real browser: started on the page, watched, and its results found there."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import TIMEOUT
from tests.browser.script_runs import count_requests, wait_for_answer

pytestmark = pytest.mark.usefixtures("mnist_test")
SMALLEST = "sweeps?trained=Logistic+regression&share=1%25&epochs=1"


def test_a_sweep_is_started_and_its_results_appear_on_the_page(open_page):
    page = open_page(SMALLEST)
    wait_for_answer(page)
    if not page.get_by_text("3 trainings").is_visible():  # there is a sweep of another test
        page.get_by_text("Start a sweep").click()
    expect(page.get_by_text("3 trainings")).to_be_visible()
    requests = count_requests(page)
    page.get_by_role("button", name="0.004").click()
    wait_for_answer(page, after=requests)
    expect(page.get_by_text("2 trainings")).to_be_visible()
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.get_by_text("0 of 2 trials are trained.")).to_be_in_viewport(ratio=1)
    # Not the button of the same name that Streamlit shows while a page runs.
    stop = page.locator(".st-key-sweep_progress").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    expect(page).to_have_title("Training · Sweeps · Digit Lab")
    # The first result, while the second trial is trained; then both, and nothing more to stop.
    expect(page.get_by_text("1 of 2 trials are trained.")).to_be_visible(timeout=4 * TIMEOUT)
    expect(page.locator(".st-key-trials")).to_be_visible()
    expect(page.get_by_text("2 of 2 trials are trained.")).to_be_visible(timeout=4 * TIMEOUT)
    expect(stop).to_have_count(0)
    expect(page).to_have_title("Sweeps · Digit Lab")
    expect(page.get_by_test_id("stException")).to_have_count(0)
