"""The network of a model as a picture, which the browser computes and shows."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.models.files import list_model_ids, load_card
from tests.browser.conftest import DESKTOP, PHONE, draw_with_mouse, find_pad, hold_pen_down
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, upload

PATH = "?tab=Network"
TITLES = [load_card(model_id).title for model_id in list_model_ids()]


def find_best(page: Page) -> Locator:
    """The digit with the highest probability."""
    return page.locator(".outputs .best b")


def find_models(page: Page) -> Locator:
    """The choice of the model whose network is shown."""
    return page.get_by_role("group", name="Model whose network is shown")


def find_cell(page: Page) -> Locator:
    """The name and the value of the cell that is picked."""
    return page.locator(".cell")


def find_layer(page: Page, name: str) -> Locator:
    """The maps of a layer."""
    return page.get_by_role("application", name=name)


def test_the_network_follows_the_pen_without_the_server(open_page):
    page = open_page(PATH)
    wait_for_answer(page)
    requests = count_requests(page)
    hold_pen_down(page, [(160, 40), (160, 100), (160, 280)])
    expect(find_best(page)).to_have_text("1")
    assert count_requests(page) == requests
    page.mouse.up()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".picture")).to_be_hidden()


def test_the_model_and_the_member_are_chosen_and_stand_in_the_address(open_page):
    page = open_page(f"{PATH}&predict=All+models")
    draw_with_mouse(page, SEVEN)
    expect(find_layer(page, "Convolution 2: 16 maps of 8×8")).to_be_visible()  # LeNet-5
    models = find_models(page)
    assert sorted(models.get_by_role("button").all_inner_texts()) == sorted(TITLES)
    models.get_by_role("button", name="Committee").click()
    expect(find_layer(page, "Convolution 7: 128 units")).to_be_visible()  # Deep CNN
    page.get_by_role("group", name="Member").get_by_role("button", name="CNN", exact=True).click()
    expect(find_layer(page, "Convolution 2: 64 maps of 11×11")).to_be_visible()
    expect(page).to_have_url(re.compile("network=Committee&member=CNN"))
    page.reload()
    draw_with_mouse(page, SEVEN)
    expect(find_layer(page, "Convolution 2: 64 maps of 11×11")).to_be_visible()
    expect(models.get_by_role("button", name="Committee")).to_have_attribute("aria-pressed", "true")


def test_the_network_is_that_of_the_picked_digit(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, FOUR_TWO)
    expect(find_best(page)).to_have_text("4")
    page.get_by_role("button", name="Digit 2 of 2: 2").locator("visible=true").click()
    expect(find_best(page)).to_have_text("2")


def test_the_network_of_a_digit_of_a_picture_is_shown_too(open_page):
    page = open_page(PATH)
    upload(page, draw_picture(5))
    expect(find_best(page)).to_have_text("5")


def test_the_keys_lead_to_a_cell_whose_sum_is_shown_and_follows_the_pen(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    layer = find_layer(page, "Convolution 1")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight", "PageDown"):
        layer.press(key)
    expect(find_cell(page)).to_have_text(re.compile("^Convolution 1, map 2, row 3, column 2: "))
    expect(page.locator(".window")).to_have_count(3)
    expect(page.locator(".field")).to_have_count(2)  # of the frame, and the cell
    for key in (*["ArrowUp"] * 3, *["ArrowLeft"] * 3):  # map 1 is above or on the left
        layer.press(key)
    expect(find_cell(page)).to_have_text(re.compile("^Convolution 1, map 1, "))
    find_layer(page, "Logits").press("ArrowDown")
    expect(find_cell(page)).to_have_text(re.compile("^Logits, digit 0: "))
    text = find_cell(page).inner_text()
    draw_with_mouse(page, [[(160, 160), (160, 20)]])
    expect(find_cell(page)).not_to_have_text(text)
    expect(find_cell(page)).to_have_text(re.compile("^Logits, digit 0: "))
    find_layer(page, "Logits").press("Escape")
    expect(find_cell(page)).to_be_hidden()


def test_pointing_at_a_cell_shows_it_and_a_click_keeps_it(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, SEVEN)
    layer = find_layer(page, "Dense layer: 120 units")
    layer.hover(position={"x": 3, "y": 3})
    expect(find_cell(page)).to_have_text(re.compile("^Dense layer, unit 1: "))
    expect(page.locator(".terms tbody tr")).to_have_count(13)  # 10, the others, bias, sum
    page.get_by_role("tab", name="Network").hover()
    expect(find_cell(page)).to_be_hidden()
    layer.click(position={"x": 3, "y": 3})
    page.get_by_role("tab", name="Network").hover()
    expect(find_cell(page)).to_have_text(re.compile("^Dense layer, unit 1: "))


def test_a_tapped_output_shows_the_ink_that_pushed_it(open_page):
    page = open_page(PATH, phone=True)
    draw_with_mouse(page, SEVEN)
    page.get_by_role("button", name="Output 7").tap()
    expect(find_cell(page)).to_have_text(re.compile("^Output, digit 7: "))
    ink = page.get_by_role("img", name="The ink that raised or lowered the logit of 7")
    expect(ink).to_be_visible()
    page.get_by_role("button", name="Output 7").tap()
    expect(ink).to_be_hidden()


def test_a_tapped_cell_brings_its_explanation_into_sight_once(open_page):
    page = open_page(PATH, phone=True)
    draw_with_mouse(page, SEVEN)
    find_layer(page, "Frame").tap(position={"x": 28, "y": 43})
    expect(page.locator(".formula")).to_be_in_viewport(ratio=1)
    find_pad(page).scroll_into_view_if_needed()
    before = find_pad(page).bounding_box()
    text = find_cell(page).inner_text()
    draw_with_mouse(page, [[(x, y) for x in range(60, 120, 15) for y in (60, 260)]])
    expect(find_cell(page)).not_to_have_text(text)
    assert find_pad(page).bounding_box() == before


def test_on_the_models_page_each_logit_stands_beside_its_output(open_page):
    page = open_page("models?view=Network")
    logits = find_layer(page, "Logits").bounding_box()
    for digit in (0, 4, 9):
        output = page.get_by_role("button", name=f"Output {digit}").bounding_box()
        middle = logits["y"] + (digit + 0.5) * logits["height"] / 10
        assert middle == pytest.approx(output["y"] + output["height"] / 2, abs=4)


@pytest.mark.parametrize("phone", [False, True])
def test_every_network_fits_the_screen(open_page, phone):
    page = open_page(f"{PATH}&predict=All+models", phone=phone)
    draw_with_mouse(page, SEVEN)
    screen = PHONE if phone else DESKTOP
    for title in TITLES:
        button = find_models(page).get_by_role("button", name=title, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(find_best(page)).to_have_text(re.compile(r"\d"))
        box = page.locator(".picture").bounding_box()
        assert box["height"] <= screen["height"]
        assert box["x"] + box["width"] <= screen["width"]
        if not phone:
            assert box["y"] + box["height"] <= screen["height"]
        rights = [part.bounding_box() for part in page.locator(".layer").all()]
        assert all(part["x"] + part["width"] <= box["x"] + box["width"] + 0.5 for part in rights), (
            title
        )
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]
