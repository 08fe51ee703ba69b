"""The closer look at one's own drawing, under real hands."""

import json
import re

from playwright.sync_api import Page, expect

from core.digits.frame import digest_frame, frame_from_strokes
from core.models.files import load_card
from tests.browser.conftest import draw_with_mouse
from tests.browser.test_draw import SEVEN, expect_answer

# A seven of 50 pixels in the upper left corner of the pad.
SMALL_SEVEN = [[(20, 20), (52, 20), (34, 70)]]


def ask(page: Page, question: str) -> None:
    page.get_by_role("radio", name=question).click()


def read_ladder(page: Page, step: str) -> list[tuple[str, str]]:
    """What each of the three models reads at a step: the mark and the digit."""
    row = page.locator(".ladder tbody tr").filter(has=page.locator("th", has_text=re.compile(step)))
    expect(row).to_have_count(1)
    cells = row.locator("td").all_inner_texts()[1:]
    return [re.match(r"([✓✗]) (\d) \d+%", cell.strip()).groups() for cell in cells]


def test_a_small_digit_in_a_corner_is_misread_after_a_plain_resize_and_read_once_centred(open_page):
    page = open_page()
    draw_with_mouse(page, SMALL_SEVEN)
    expect_answer(page, 7)
    ask(page, "Steps to the frame")
    page.locator(".ladder").wait_for()
    plain = read_ladder(page, "^Plain resize")
    assert len(plain) == 3
    assert plain[1][0] == plain[2][0] == "✗"
    assert all(digit != "7" for mark, digit in plain if mark == "✗")
    assert read_ladder(page, "^Centred") == [("✓", "7")] * 3
    expect(page).to_have_url(re.compile("closer=Steps"))


def test_changing_it_by_hand_changes_the_answer(open_page):
    page = open_page("?closer=What+would+change+its+mind")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.locator(".st-key-sweep .js-plotly-plot .main-svg").first.wait_for()
    page.get_by_text("Change it by hand").click()
    slider = page.get_by_role("slider", name="Rotation, degrees, clockwise")
    agreed = page.get_by_test_id("stExpanderDetails").get_by_text(re.compile("models (dis)?agree"))
    expect(agreed).to_have_text("All 3 models agree.")
    slider.focus()
    slider.press("Home")  # 45 degrees against the clock
    expect(agreed).not_to_have_text("All 3 models agree.")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_look_alike_opens_the_explorer_on_its_pair(open_page):
    page = open_page("?closer=Look-alikes")
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


def test_the_receipt_names_the_frame_and_the_models(open_page):
    page = open_page("?closer=Receipt")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    block = page.get_by_test_id("stCode").locator("code")
    block.wait_for()
    receipt = json.loads(block.inner_text())
    assert [one["model"] for one in receipt["predictions"]] == [
        "lenet5", "logistic_regression", "mlp",
    ]  # fmt: skip
    for one in receipt["predictions"]:
        assert one["digit"] == 7
        assert len(one["probabilities"]) == 10
        assert one["model_sha256"] == load_card(one["model"]).files["model.tflite"]
    assert re.fullmatch("[0-9a-f]{64}", receipt["frame_sha256"])
    assert receipt["frame_sha256"] != digest_frame(frame_from_strokes(SMALL_SEVEN))
