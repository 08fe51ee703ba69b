"""Presenting on the Draw page: the pad, the number and the bars alone, in large letters."""

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import (
    PHONE,
    count_ink,
    draw_with_finger,
    draw_with_mouse,
    find_pad,
    read_pad,
)
from tests.browser.script_runs import wait_for_answer
from tests.pictures import draw_picture

PROJECTOR = {"width": 1920, "height": 1080}
LAPTOP = {"width": 1280, "height": 800}
SEVEN = [[(80, 70), (240, 70), (140, 270)]]
# Letters that the last row of a room reads, as shares of the window's height.
MIN_LETTER = 1 / 20
NUMBER = [
    [(30, 130), (50, 90), (80, 110), (30, 200), (90, 200)],
    [(130, 100), (130, 200)],
    [(180, 100), (240, 100), (200, 200)],
]


def find_switch(page: Page) -> Locator:
    return page.get_by_role("switch", name="Present")


def begin(page: Page) -> None:
    find_pad(page)
    find_switch(page).locator("xpath=ancestor::label").click()
    expect(page.get_by_role("heading", name="Draw digits")).to_be_hidden()
    wait_for_answer(page)


def measure_letters(page: Page, selector: str) -> float:
    """The size of the smallest letters of elements in sight."""
    sizes = page.locator(selector).evaluate_all(
        """elements => elements.map((element) => {
          const { top, bottom, left, right } = element.getBoundingClientRect();
          const isInSight = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
          return isInSight ? parseFloat(getComputedStyle(element).fontSize) : 0;
        })"""
    )
    return min(sizes)


@pytest.mark.parametrize("size", [PROJECTOR, LAPTOP], ids=["projector", "laptop"])
@pytest.mark.parametrize("strokes", [SEVEN, NUMBER], ids=["digit", "number"])
def test_number_bars_and_names_are_in_sight_and_readable_from_afar(open_page, size, strokes):
    page = open_page()
    page.set_viewport_size(size)
    begin(page)
    draw_with_mouse(page, strokes)
    expect(page.get_by_test_id("answer")).to_have_text("7" if strokes is SEVEN else "217")
    least = MIN_LETTER * size["height"]
    for part in ("[data-testid=answer]", ".group > span", "tbody th", ".answer p"):
        assert measure_letters(page, part) >= least
    for hidden in ("Is this correct?", "First", "Predict with", "Give me a digit", "Take the tour"):
        expect(page.get_by_text(hidden)).to_be_hidden()
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    assert find_pad(page).bounding_box()["width"] >= 0.7 * min(size["height"], size["width"] / 2)


def test_the_drawing_stays_when_presenting_begins_and_ends(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    ink, pad = read_pad(page), find_pad(page).element_handle()
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Draw digits")).to_be_hidden()
    wait_for_answer(page)
    assert "present=true" in page.url
    assert (read_pad(page) == ink).all()
    draw_with_mouse(page, [[(120, 170), (220, 170)]])
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Redo", exact=True)).to_be_enabled()
    assert (read_pad(page) == ink).all()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Draw digits")).to_be_visible()
    wait_for_answer(page)
    assert "present" not in page.url
    assert (read_pad(page) == ink).all()
    assert pad.evaluate("canvas => canvas.isConnected")
    expect(page.get_by_test_id("answer")).to_have_text("7")


def test_the_answer_is_presented_whichever_tab_was_open(open_page):
    page = open_page("?tab=What+would+change+it")
    begin(page)
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_text("7")


def test_a_link_opens_the_page_presented(open_page):
    page = open_page()
    begin(page)
    page.reload()
    find_pad(page)
    expect(find_switch(page)).to_be_checked()
    expect(page.get_by_role("heading", name="Draw digits")).to_be_hidden()
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")


def test_a_phone_presents_pad_number_and_bars_without_cut_off(open_page):
    page = open_page(phone=True)
    begin(page)
    draw_with_finger(page, SEVEN)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    box = find_pad(page).bounding_box()
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert measure_letters(page, "[data-testid=answer], .group > span") >= 16
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Clear").tap()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    assert count_ink(page) == 0


def test_what_the_server_predicts_for_a_picture_is_presented_too(open_page, tmp_path):
    page = open_page("?source=Upload")
    page.set_viewport_size(PROJECTOR)
    (tmp_path / "seven.png").write_bytes(draw_picture(7, np.random.default_rng(3)))
    page.locator(".st-key-upload input[type=file]").set_input_files(tmp_path / "seven.png")
    expect(page.get_by_test_id("answer")).to_be_visible()
    find_switch(page).locator("xpath=ancestor::label").click()
    expect(page.get_by_role("heading", name="Draw digits")).to_be_hidden()
    for part in ("[data-testid=answer]", ".group > span", ".probabilities tbody th", ".answer p"):
        assert measure_letters(page, part) >= MIN_LETTER * PROJECTOR["height"]
