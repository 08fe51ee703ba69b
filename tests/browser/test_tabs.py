"""The tabs beside the pad, in a real browser."""

import json
import re

from playwright.sync_api import Page, expect

from core.digits.frame import digest_frame, frame_from_strokes
from core.models.files import load_card
from tests.browser.conftest import draw_with_mouse
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.browser.test_draw import FOUR_TWO, SEVEN, TWO, expect_answer, expect_cited

# A seven of 50 pixels in the upper left corner of the pad.
SMALL_SEVEN = [[(20, 20), (52, 20), (34, 70)]]


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title).click()


def read_step(page: Page, step: str) -> list[tuple[str, str]]:
    """The mark and the digit that each of the three models predicts at a step."""
    rows = page.locator(".preprocessing tbody tr")
    row = rows.filter(has=page.locator("th", has_text=re.compile(step)))
    expect(row).to_have_count(1)
    cells = row.locator("td").all_inner_texts()[1:]
    return [re.match(r"([✓✗]) (\d) \d+%", cell.strip()).groups() for cell in cells]


def test_a_small_digit_in_a_corner_is_misclassified_after_a_resize_but_not_once_centred(
    open_page,
):
    page = open_page()
    draw_with_mouse(page, SMALL_SEVEN)
    expect_answer(page, 7)
    open_tab(page, "Steps")
    page.locator(".preprocessing").wait_for()
    plain = read_step(page, "^Plain resize")
    assert len(plain) == 3
    assert plain[1][0] == plain[2][0] == "✗"
    assert all(digit != "7" for mark, digit in plain if mark == "✗")
    assert read_step(page, "^Centred") == [("✓", "7")] * 3
    expect(page).to_have_url(re.compile("tab=Steps"))


def test_the_answer_is_what_an_address_without_a_tab_shows(open_page):
    page = open_page("?tab=Steps")
    expect(page.get_by_role("tab", name="Steps")).to_have_attribute("aria-selected", "true")
    open_tab(page, "Answer")
    expect(page).not_to_have_url(re.compile("tab="))
    page.reload()
    expect(page.get_by_role("tab", name="Answer")).to_have_attribute("aria-selected", "true")


def test_an_open_tab_follows_the_drawing_and_the_answer_follows_it_in_its_closed_one(open_page):
    page = open_page("?tab=API")
    draw_with_mouse(page, SEVEN)
    expect_cited(page, 7)
    expect_answer(page, 7)
    expect(page.get_by_test_id("answer")).to_be_hidden()
    page.get_by_role("button", name="Clear").click()
    expect(
        page.get_by_text("Draw a digit or a number, upload").locator("visible=true")
    ).to_be_visible()
    draw_with_mouse(page, TWO)
    expect_cited(page, 2)
    requests = count_requests(page)
    open_tab(page, "Answer")
    expect(page.get_by_test_id("answer")).to_be_visible()
    wait_for_answer(page, after=requests)
    expect_answer(page, 2)


def test_a_closed_answer_draws_the_boxes_on_the_pad_and_takes_no_keys(open_page):
    page = open_page("?tab=Steps")
    draw_with_mouse(page, FOUR_TWO)
    expect(page.locator(".digit-boxes text")).to_have_text(["4", "2"])
    page.locator(".preprocessing").wait_for()
    wait_for_answer(page)
    requests = count_requests(page)
    page.keyboard.press("Enter")
    open_tab(page, "Answer")
    wait_for_answer(page, after=requests)
    assert count_requests(page) == requests + 1
    expect(page.get_by_text("Saved 2 digits.")).to_have_count(0)
    page.locator("h1").click()  # keys are not meant for the tab any more
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved 2 digits.")).to_be_visible()


def test_the_digit_of_a_tab_can_be_picked_there(open_page):
    page = open_page("?tab=API")
    draw_with_mouse(page, FOUR_TWO)
    expect_cited(page, 4)
    page.locator(".gallery button").nth(1).click()
    expect_cited(page, 2)
    expect(page).to_have_url(re.compile("place=2"))


def test_a_look_alike_opens_the_explorer_on_its_pair(open_page):
    page = open_page("?tab=Look-alikes")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    first = page.locator(".gallery button").first
    first.wait_for()
    label, predicted = first.inner_text().strip().split(" → ")
    number = re.search(r"Number (\d+)", first.locator("img").get_attribute("alt"))[1]
    first.click()
    expect(page.locator("h1")).to_have_text("Error explorer")
    expect(page.get_by_text(f"Number {number}", exact=True)).to_be_visible()
    expect(page.get_by_text(f", labelled {label}.")).to_be_visible()
    pressed = page.locator('.gallery button[aria-pressed="true"]')
    expect(pressed).to_have_text(re.compile(f"{label} → {predicted}"))


def test_the_details_to_cite_name_the_frame_and_the_models(open_page):
    page = open_page("?tab=API")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    expect_cited(page, 7)
    block = page.get_by_test_id("stCode").filter(has_text="frame_sha256").locator("code")
    details = json.loads(block.inner_text())
    predictions = details["predictions"]
    model_ids = [prediction["model"] for prediction in predictions]
    assert model_ids == ["lenet5", "logistic_regression", "mlp"]
    for prediction in predictions:
        assert prediction["digit"] == 7
        assert len(prediction["probabilities"]) == 10
        card = load_card(prediction["model"])
        assert prediction["model_sha256"] == card.files["model.tflite"]
    assert re.fullmatch("[0-9a-f]{64}", details["frame_sha256"])
    assert details["frame_sha256"] != digest_frame(frame_from_strokes(SMALL_SEVEN))


def test_the_choice_of_models_and_the_tabs_are_whole_on_a_phone(open_page):
    page = open_page(phone=True)
    wait_for_answer(page)
    for role in ("radiogroup", "tablist"):
        for group in page.get_by_role(role).locator("visible=true").all():
            assert group.evaluate("group => group.scrollWidth <= group.clientWidth")
