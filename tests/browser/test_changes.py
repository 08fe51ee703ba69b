"""What would change a prediction: sliders and curves that the browser computes."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import draw_with_mouse, hold_pen_down
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import FOUR_TWO, SEVEN, TWO, draw_picture, expect_answer, upload

PATH = "?tab=What+would+change+it"


def find_curves(page: Page) -> Locator:
    return page.locator(".curves")


def expect_curves(page: Page, start: str) -> None:
    """The curves are described by a text that begins so."""
    expect(find_curves(page)).to_have_attribute("aria-label", re.compile(f"^{re.escape(start)}"))


def find_predicted(page: Page, title: str) -> Locator:
    """What a model predicts for the changed frame."""
    return page.locator(".outcome tr", has_text=title).locator("td")


def find_slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name)


def test_a_slider_changes_the_frame_and_the_prediction_and_says_so_in_the_address(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect(find_predicted(page, "LeNet-5")).to_have_text(re.compile("^7 "))
    expect_curves(page, "Probability of 7 against rotation in degrees, clockwise.")
    slider = find_slider(page, "Rotation, degrees, clockwise")
    requests = count_requests(page)
    slider.press("Home")  # 45 degrees anticlockwise
    expect(find_predicted(page, "LeNet-5")).not_to_have_text(re.compile("^7 "))
    expect(page).to_have_url(re.compile("amount_rotation=-45"))
    wait_for_answer(page, after=requests)
    expect(slider).to_have_value("-45")
    expect(slider).to_be_focused()
    page.get_by_role("button", name="Reset").click()
    expect(find_predicted(page, "LeNet-5")).to_have_text(re.compile("^7 "))
    expect(page).not_to_have_url(re.compile("amount_"))


def test_a_slider_keeps_its_place_while_another_tab_is_open(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    slider = find_slider(page, "Shift downwards, pixels")
    slider.press("End")
    page.get_by_role("tab", name="Steps").click()
    page.locator(".preprocessing").wait_for()
    page.get_by_role("tab", name="What would change it").click()
    expect(slider).to_have_value("8")


def test_the_curves_name_the_digits_beyond_their_flips_and_another_one_can_be_picked(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect_curves(page, "Probability of 7 against rotation")
    flips = page.locator(".flip").all_inner_texts()
    described = re.findall(r"predicts (\d) beyond", find_curves(page).get_attribute("aria-label"))
    assert described  # a seven turned by 45 degrees is none
    assert [text.strip() for text in flips] == described
    page.get_by_role("button", name="Size", exact=True).click()
    expect_curves(page, "Probability of 7 against size in factor.")
    expect(page).to_have_url(re.compile("change=Size"))


def test_the_changes_follow_the_drawing_while_the_pen_is_down_without_the_server(open_page):
    page = open_page(PATH)
    wait_for_answer(page)
    expect(
        page.get_by_text("Draw a digit or a number, upload").locator("visible=true")
    ).to_be_visible()
    requests = count_requests(page)
    hold_pen_down(page, [(160, 40), (160, 100), (160, 280)])
    expect(find_predicted(page, "MLP")).to_have_text(re.compile("^1 "))
    assert count_requests(page) == requests
    page.mouse.up()
    expect_curves(page, "Probability of 1")
    wait_for_answer(page, after=requests)
    assert count_requests(page) == requests + 1  # of the pad
    page.get_by_role("button", name="Clear").click()
    expect(find_curves(page)).to_be_hidden()
    draw_with_mouse(page, TWO)
    expect_curves(page, "Probability of 2")


def test_the_changes_are_those_of_the_picked_digit(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, FOUR_TWO)
    expect_curves(page, "Probability of 4")
    page.get_by_role("button", name="Digit 2 of 2: 2").locator("visible=true").click()
    expect_curves(page, "Probability of 2")
    expect(page).to_have_url(re.compile("place=2"))


def test_the_models_are_the_chosen_ones(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect(page.locator(".outcome tr")).to_have_count(3)
    page.get_by_role("radio", name="One model").click()
    expect(page.locator(".outcome tr")).to_have_count(1)
    expect(page.locator(".plot polyline")).to_have_count(1)


def test_keys_move_a_slider_and_answer_nothing_and_what_they_change_is_spoken(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    expect_curves(page, "Probability of 7")
    slider = find_slider(page, "Size, factor")
    for key in ("ArrowRight", "7", "Enter", "Delete"):
        slider.press(key)
    expect(slider).to_have_value("1.025")
    expect_curves(page, "Probability of 7 against size")
    spoken = page.locator(".outcome p[aria-live=polite]").locator("visible=true")
    expect(spoken).to_have_text(re.compile("predict 7"))
    expect(page.get_by_text("Saved as a 7.")).to_have_count(0)


@pytest.mark.parametrize("digit", [2, 5])
def test_a_digit_of_a_picture_can_be_changed_too(open_page, digit):
    page = open_page(PATH)
    upload(page, draw_picture(digit))
    expect_curves(page, f"Probability of {digit}")
    page.get_by_role("tab", name="Answer").click()
    expect_answer(page, digit)
    page.get_by_role("tab", name="What would change it").click()
    expect(find_predicted(page, "MLP")).to_have_text(re.compile(f"^{digit} "))
    upload(page, draw_picture(7))
    expect_curves(page, "Probability of 7")


def test_where_a_network_cannot_be_had_a_sentence_says_so(open_page):
    page = open_page("models")
    page.route("**/api/models/mlp/browser*", lambda route: route.fulfill(status=404, body="no"))
    page.goto(page.url.replace("models", PATH))
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_text("The browser computes what is shown here")).to_be_visible()
