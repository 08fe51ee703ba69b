"""The details below a prediction, in a real browser."""

import json
import re

from playwright.sync_api import Page, expect

from core.digits.frame import digest_frame, frame_from_strokes
from core.models.files import load_card
from tests.browser.conftest import draw_with_mouse
from tests.browser.test_draw import SEVEN, expect_answer

# A seven of 50 pixels in the upper left corner of the pad.
SMALL_SEVEN = [[(20, 20), (52, 20), (34, 70)]]


def pick(page: Page, detail: str) -> None:
    page.get_by_role("radio", name=detail).click()


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
    pick(page, "Preprocessing steps")
    page.locator(".preprocessing").wait_for()
    plain = read_step(page, "^Plain resize")
    assert len(plain) == 3
    assert plain[1][0] == plain[2][0] == "✗"
    assert all(digit != "7" for mark, digit in plain if mark == "✗")
    assert read_step(page, "^Centred") == [("✓", "7")] * 3
    expect(page).to_have_url(re.compile("closer=Preprocessing"))


def test_changing_the_frame_by_hand_changes_the_prediction(open_page):
    page = open_page("?closer=Sensitivity")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.locator(".st-key-sensitivity .js-plotly-plot .main-svg").first.wait_for()
    page.get_by_text("Combine perturbations").click()
    slider = page.get_by_role("slider", name="Rotation, degrees, clockwise")
    agreement = page.get_by_test_id("stExpanderDetails").get_by_text(
        re.compile("models (predict|disagree)")
    )
    expect(agreement).to_have_text(re.compile("^All 3 models predict 7"))
    slider.focus()
    slider.press("Home")  # 45 degrees anticlockwise
    expect(agreement).not_to_have_text(re.compile("^All 3 models predict 7"))
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_similar_error_opens_the_explorer_on_its_pair(open_page):
    page = open_page("?closer=Similar+errors")
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
    page = open_page("?closer=Details+to+cite")
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    block = page.get_by_test_id("stCode").locator("code")
    block.wait_for()
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
