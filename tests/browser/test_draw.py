"""The Draw page in a real browser."""

import csv
import io
import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from core.models.files import list_model_ids
from core.synthesis.glyphs import draw_sample
from tests.browser.conftest import (
    PAD_SIDE,
    count_ink,
    draw_with_finger,
    draw_with_mouse,
    find_pad,
    go_to,
)
from tests.browser.script_runs import count_requests, wait_for_answer
from tests.servers import Server

SEVEN = [[(80, 70), (240, 70), (140, 270)]]
TWO = [[(100, 90), (130, 60), (190, 60), (210, 100), (180, 160), (100, 250), (220, 250)]]
FOUR_TWO = [
    [(40, 60), (30, 170), (120, 170)],
    [(100, 60), (100, 270)],
    [(170, 100), (200, 60), (250, 70), (260, 120), (220, 190), (170, 260), (290, 260)],
]
INVITATION = "Draw a digit or a number, upload a picture or take a photograph"


PEN_WIDTH = 20  # of the pad, in its pixels
BARS = ".probabilities .bar"


def find_ranking(page: Page) -> Locator:
    return page.get_by_role("table", name="The three most probable digits of each model")


def expect_answer(page: Page, answer: int | str) -> None:
    expect(page.get_by_test_id("answer")).to_have_text(str(answer))


def expect_cited(page: Page, digit: int) -> None:
    """The details to cite, in the tab API, have a digit that all models predict."""
    details = page.get_by_test_id("stCode").filter(has_text="frame_sha256").locator("code")
    expect(details).to_contain_text(f'"digit": {digit}')


def expect_invitation(page: Page) -> None:
    expect(page.get_by_text(INVITATION)).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_count(0)


def encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def draw_picture(*digits: int) -> bytes:
    """Digits in a row, dark blue on white."""
    random = np.random.default_rng(1)
    picture = Image.new("RGB", (200 + 300 * len(digits), 380), "white")
    for place, digit in enumerate(digits):
        for stroke in draw_sample(digit, canvas_size=300, random=random):
            line = [(float(x) + 150 + 250 * place, float(y) + 40) for x, y in stroke]
            ImageDraw.Draw(picture).line(line, fill=(20, 30, 120), width=14, joint="curve")
    return encode(picture)


def upload(page: Page, contents: bytes) -> None:
    page.get_by_role("tab", name="Upload").click()
    file = {"name": "some.png", "mimeType": "image/png", "buffer": contents}
    page.locator("[data-testid=stFileUploader] input").set_input_files(file)


def test_a_seven_drawn_with_the_mouse_is_classified_by_all_three_models(open_page):
    page = open_page()
    expect_invitation(page)
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    ranking = find_ranking(page)
    for title in ("LeNet-5", "Logistic regression", "MLP"):
        expect(ranking.get_by_text(title)).to_be_visible()
    lenet5 = ranking.locator("tr", has_text="LeNet-5")
    expect(lenet5.locator("td").first).to_have_text(re.compile(r"^7 \d+\.\d%$"))
    expect(page.locator(BARS)).to_have_count(30)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_classifying_a_drawing_takes_neither_tensorflow_nor_much_memory(browser):
    fresh = Server()
    try:
        page = browser.new_page()
        page.goto(fresh.address)
        draw_with_mouse(page, SEVEN)
        expect_answer(page, 7)
        process = psutil.Process(fresh.process.pid)
        assert not [file.path for file in process.memory_maps() if "tensorflow" in file.path]
        # 264 MB, of which SciPy's filters and graphs, which find digits, take 40 MB.
        assert process.memory_info().rss < 280e6
        page.close()
    finally:
        fresh.stop()


def test_a_two_drawn_with_a_finger_on_a_phone_is_classified(open_page):
    page = open_page(phone=True)
    find_pad(page).scroll_into_view_if_needed()
    top = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    draw_with_finger(page, TWO)
    expect_answer(page, 2)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == top


def test_clear_empties_the_pad_and_the_answer(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    for _ in range(2):
        page.get_by_role("button", name="Clear").click()
        expect_invitation(page)
    draw_with_mouse(page, TWO)
    expect_answer(page, 2)


def test_undo_and_redo_change_the_answer(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_label("Undo").click()
    expect_invitation(page)
    page.get_by_label("Redo").click()
    expect_answer(page, 7)


def test_a_sample_is_put_on_the_pad_and_classified(open_page):
    page = open_page()
    for _ in range(2):
        page.get_by_role("button", name="Give me a digit").click()
        expect(page.get_by_test_id("answer")).to_have_text(re.compile(r"^\d$"))


def test_a_drawing_is_still_there_after_a_look_at_another_page(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    go_to(page, "Training curves")
    go_to(page, "Draw")
    expect_answer(page, 7)
    page.get_by_role("button", name="Clear").click()
    expect_invitation(page)


def test_two_windows_have_two_pads(open_page):
    first, second = open_page(), open_page()
    draw_with_mouse(first, SEVEN)
    expect_answer(first, 7)
    draw_with_mouse(second, TWO)
    expect_answer(second, 2)
    expect_answer(first, 7)


def test_one_model_alone_can_be_chosen(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    page.get_by_role("radio", name="One model").click()
    expect(
        page.get_by_text(re.compile(r"LeNet-5 predicts 7 with \d+\.\d% confidence")).first
    ).to_be_visible()
    expect(page.locator(BARS)).to_have_count(10)
    expect(page).to_have_url(re.compile("predict=One"))


def test_all_models_can_be_chosen_at_once(open_page):
    page = open_page()
    draw_with_mouse(page, SEVEN)
    expect_answer(page, 7)
    count = len(list_model_ids())
    page.get_by_role("radio", name="All models").click()
    expect(page.locator(BARS)).to_have_count(10 * count)
    expect(find_ranking(page).locator("tbody tr")).to_have_count(count)


def test_an_uploaded_picture_is_classified(open_page):
    page = open_page()
    page.get_by_role("tab", name="Upload").click()
    expect_invitation(page)
    upload(page, draw_picture(2))
    expect_answer(page, 2)
    expect(page.get_by_alt_text("The uploaded picture")).to_be_visible()


def test_the_chosen_model_and_the_tab_are_the_same_for_the_next_picture(open_page):
    page = open_page("?predict=One+model&model=MLP&tab=API")
    upload(page, draw_picture(2))
    expect_cited(page, 2)
    wait_for_answer(page)
    address = set(parse_qsl(urlsplit(page.url).query))
    for digit in (7, 4):  # how far the browser is when a picture arrives depends on luck
        before = count_requests(page)
        upload(page, draw_picture(digit))
        expect_cited(page, digit)
        wait_for_answer(page, after=before)
        expect(page.get_by_role("radio", name="One model")).to_be_checked()
        expect(page.get_by_role("combobox", name=re.compile("^Model"))).to_have_value("MLP")
        expect(page.get_by_role("tab", name="API")).to_have_attribute("aria-selected", "true")
        assert set(parse_qsl(urlsplit(page.url).query)) == address


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        (b"this is no picture", "This file is not a picture in a supported format."),
        (encode(Image.new("L", (100, 100), 255)), "There is no ink in this picture."),
        (draw_picture(3)[:700], "incomplete or damaged"),
    ],
    ids=["nonsense", "blank", "cut short"],
)
def test_a_bad_upload_gets_a_sentence_and_no_prediction(open_page, contents, sentence):
    page = open_page()
    upload(page, contents)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def expect_ranked_first(page: Page, digit: int) -> None:
    cell = find_ranking(page).locator("tr", has_text="LeNet-5").locator("td").first
    expect(cell).to_have_text(re.compile(rf"^{digit} "))


def test_42_drawn_on_the_pad_is_42_in_large_type_and_each_digit_can_be_picked(open_page):
    page = open_page()
    draw_with_mouse(page, FOUR_TWO)
    expect_answer(page, 42)
    size = page.get_by_test_id("answer").evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size > 80
    digits = page.get_by_role("group", name="The digits found").get_by_role("button")
    expect(digits).to_have_text(["4", "2"])
    expect(page.locator(".digit-boxes text")).to_have_text(["4", "2"])
    expect_ranked_first(page, 4)
    digits.nth(1).click()
    expect_ranked_first(page, 2)
    expect(page).to_have_url(re.compile(r"[?&]place=2"))
    expect(digits.nth(1)).to_have_attribute("aria-pressed", "true")
    digits.nth(1).press("ArrowLeft")
    expect(digits.nth(0)).to_be_focused()
    digits.nth(0).press("Enter")
    expect_ranked_first(page, 4)


def test_each_box_lies_over_its_digit_and_lets_the_pen_through(open_page):
    page = open_page()
    draw_with_mouse(page, FOUR_TWO)
    expect_answer(page, 42)
    boxes = page.locator(".digit-boxes rect")
    expect(boxes).to_have_count(2)
    pad = find_pad(page).bounding_box()
    # At once: every move of the pen and every run of the page draws them anew.
    all_found = boxes.evaluate_all(
        "boxes => boxes.map((box) => box.getBoundingClientRect().toJSON())"
    )
    for found, digit in zip(all_found, (FOUR_TWO[:2], FOUR_TWO[2:]), strict=True):
        points = np.concatenate([np.array(stroke) for stroke in digit])
        left, top = points.min(axis=0) - PEN_WIDTH / 2
        width, height = np.ptp(points, axis=0) + PEN_WIDTH
        places = [found["x"] - pad["x"], found["y"] - pad["y"], found["width"], found["height"]]
        shown = [place * PAD_SIDE / pad["width"] for place in places]
        # Curves cut the corners of what the mouse drew.
        assert shown == pytest.approx([left, top, width, height], abs=12)
    ink = count_ink(page)
    draw_with_mouse(page, [[(60, 250), (80, 270)]])  # inside the box of the 4
    assert count_ink(page) > ink


def test_a_number_is_saved_digit_by_digit_and_another_one_can_be_typed(open_page):
    page = open_page()
    draw_with_mouse(page, FOUR_TWO)
    expect_answer(page, 42)
    page.get_by_role("button", name="Yes, 42").click()
    expect(page.get_by_text("Saved 2 digits.")).to_be_visible()
    page.get_by_role("button", name="No, it is").click()
    page.get_by_label("The correct number").fill("427")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There are 2 digits in boxes, and you typed 3.")).to_be_visible()
    page.get_by_label("The correct number").fill("47")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("you typed 3")).to_have_count(0)
    go_to(page, "My drawings")
    captions = page.locator(".gallery button")
    expect(captions).to_have_count(2)
    assert sorted(text.strip()[0] for text in captions.all_inner_texts()) == ["4", "7"]


def test_a_scribble_is_a_question_mark(open_page):
    page = open_page()
    random = np.random.default_rng(3)
    draw_with_mouse(page, [random.uniform(60, 260, (30, 2)).tolist()])
    expect_answer(page, "?")
    expect(page.get_by_text(re.compile("doubt that this is a digit")).first).to_be_visible()
    expect(page.get_by_text("Is it a digit?")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Yes, an? "))).to_have_count(0)
    for title in ("What would change it", "Network", "Teach"):
        page.get_by_role("tab", name=title).click()
        note = page.get_by_text("digit? The models doubt that this is one digit. Each model's")
        expect(note.locator("visible=true")).to_have_count(1)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_picture_of_a_row_of_digits_is_text_to_copy_and_a_table(open_page, phone):
    page = open_page(phone=phone)
    upload(page, draw_picture(4, 2, 7, 1))
    expect_answer(page, 4271)
    expect(page.get_by_test_id("stCode").locator("code").first).to_have_text("4271")
    expect(page.locator(".boxes button")).to_have_text(["4", "2", "7", "1"])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with open(download.value.path(), newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["character"] for line in lines] == ["4", "2", "7", "1"]
    assert [line["place"] for line in lines] == ["1", "2", "3", "4"]
    lefts = [float(line["left"]) for line in lines]
    assert lefts == sorted(lefts)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    expect(page.get_by_test_id("stException")).to_have_count(0)
