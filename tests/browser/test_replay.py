"""Replay: what models predicted while a digit was drawn, and the pad as it was."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.digits.found_digits import list_digits
from core.digits.strokes import canvas_from_strokes
from core.inference.classifier import load_classifier
from core.inference.inputs import StrokeInput
from core.inference.judge import JUDGE_MODEL_IDS
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids
from core.synthesis.glyphs import draw_sample
from tests.browser.conftest import draw_with_mouse, hold_pen_down
from tests.browser.test_draw import FOUR_TWO, SEVEN, draw_picture, expect_answer, upload

PATH = "?tab=Replay"
PAD = 320
# What the modules read in a drawing of the canvas at its end.
READ = """async ([canvas, models, judge]) => {
  const load = (names) => Promise.all(names.map(live.get));
  const engine = live.buildEngine(await load(judge), await live.get("detector"));
  const writing = live.timeWriting(live.readCanvas(canvas, 320), []);
  const strokes = live.cutWriting(writing, writing.duration);
  const number = live.readNumber(strokes, await load(models), engine);
  return number.rows.flat().map(({ probabilities }) => probabilities.map((own) => [...own]));
}"""
DESCRIBE = """([beliefs, duration, begins]) =>
  live.describeTurn("M", live.listStretches(beliefs, duration), begins)"""
CUT = """([strokes, lines, moment]) => live.cutWriting(live.timeWriting(strokes, lines), moment)"""


def find_slider(page: Page):
    return page.get_by_role("slider", name="Moment of the writing")


def draw_seven(page: Page) -> None:
    draw_with_mouse(page, SEVEN)
    expect(page.get_by_text(re.compile("^LeNet-5 (predicted|came to) 7"))).to_be_visible()


def test_the_slider_takes_pad_and_predictions_back_and_a_stroke_ends_that(open_page):
    page = open_page(PATH)
    draw_seven(page)
    ribbon = page.get_by_role("img", name=re.compile("^LeNet-5 (predicted|came to) 7"))
    expect(ribbon).to_be_visible()
    slider, past = find_slider(page), page.locator("svg.past")
    expect(past).to_have_count(0)
    slider.press("Home")
    expect(past.locator("polyline")).to_have_count(1)
    expect(page.locator(".ribbons output").first).to_have_text("–")
    slider.press("End")
    expect(past).to_have_count(0)
    expect(page.locator(".ribbons output").first).to_have_text(re.compile("^7 "))
    slider.press("Home")
    page.get_by_role("button", name="Undo").click()
    expect(past).to_have_count(0)
    page.get_by_role("button", name="Redo").click()
    slider.press("Home")
    hold_pen_down(page, [(20, 300), (60, 300)])
    expect(past).to_have_count(0)


def test_a_click_on_a_ribbon_shows_that_moment_and_another_tab_the_whole_drawing(open_page):
    page = open_page(PATH)
    draw_with_mouse(page, FOUR_TWO)
    expect(
        page.get_by_text(re.compile("^LeNet-5 came to 42 at .* in stroke 3 of 3"))
    ).to_be_visible()
    page.locator(".ribbon").first.click(position={"x": 120, "y": 30})
    expect(page.locator(".ribbons output").first).not_to_have_text(re.compile("42"))
    page.get_by_role("tab", name="Answer").click()
    expect_answer(page, 42)
    expect(page.get_by_role("button", name="Yes, 42")).to_be_visible()
    expect(page.locator("svg.past")).to_have_count(0)


def test_it_plays_to_the_end_and_stops(open_page):
    page = open_page(PATH)
    draw_seven(page)
    page.get_by_role("button", name="Play").click()
    expect(page.locator("svg.past polyline")).to_have_count(1)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator("svg.past")).to_have_count(0)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_picture_has_nothing_to_replay(open_page):
    page = open_page(PATH)
    upload(page, draw_picture(4))
    expect(page.get_by_text("A picture has no strokes to replay.")).to_be_visible()


def test_a_saved_drawing_is_put_on_the_pad_and_replayed(open_page):
    page = open_page(owner="replay")
    draw_with_mouse(page, SEVEN)
    page.get_by_role("button", name="Yes, a 7").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("link", name="My drawings").click()
    page.get_by_role("button", name=re.compile("A 7, saved")).click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text(re.compile("^LeNet-5 (predicted|came to) 7"))).to_be_visible()
    find_slider(page).press("Home")
    expect(page.locator("svg.past polyline")).to_have_count(1)


@pytest.mark.parametrize("digit", range(10))
def test_at_the_end_of_a_saved_drawing_stand_the_numbers_that_were_saved_with_it(live, digit):
    random = np.random.default_rng(digit)
    compared = 0
    for _ in range(5):
        strokes = [np.round(one, 2) for one in draw_sample(digit, canvas_size=PAD, random=random)]
        given = StrokeInput(strokes, pen_width=20, pad_side=PAD)
        for found in list_digits(given.rows):
            predictions = [load_classifier(one).predict(found.frame) for one in DEFAULT_MODEL_IDS]
            saved = [prediction.probabilities for prediction in predictions]
            canvas = canvas_from_strokes(given.take_strokes(found), pen_width=20, colour="#fff")
            arguments = [canvas, list(DEFAULT_MODEL_IDS), list(JUDGE_MODEL_IDS)]
            (replayed,) = live.page.evaluate(READ, arguments)
            assert np.abs(np.array(replayed) - np.array(saved)).max() < 1e-4
            compared += 1
    assert compared >= 5


def test_a_stroke_is_cut_where_the_pen_was(live):
    """A pen that rests in the middle of its way, and one of which nothing is known."""
    stroke = [[10, 10], [35, 10], [60, 10], [85, 10], [110, 10]]
    line = {"points": [[10, 10], [60, 10], [60, 10], [110, 10]], "times": [0, 500, 2500, 3000]}
    assert live.page.evaluate(CUT, [[stroke], [line], 0.4])[0][-1] == [50, 10]
    assert live.page.evaluate(CUT, [[stroke], [line], 0.5])[0][-1] == stroke[2]
    assert live.page.evaluate(CUT, [[stroke], [line], 2.75])[0][3] == stroke[3]
    (cut,) = live.page.evaluate(CUT, [[stroke], [], 0.1])
    assert cut == [*stroke[:2], [pytest.approx(40), 10]]


def test_the_network_is_shown_at_a_moment_of_the_writing_too(open_page):
    page = open_page("?tab=Network")
    draw_with_mouse(page, FOUR_TWO[:2])
    output = page.locator(".outputs button", has_text="100%")
    expect(output).to_have_text(re.compile("^4"))
    find_slider(page).fill("10")
    expect(page.locator("svg.past polyline")).to_have_count(1)
    expect(output.filter(has_text=re.compile("^4"))).to_have_count(0)
    page.get_by_role("tab", name="Answer").click()
    expect_answer(page, 4)


def test_other_models_can_be_chosen_and_the_first_ones_again(open_page):
    page = open_page(PATH)
    draw_seven(page)
    for choice, count in (("All models", len(list_model_ids())), ("Default models", 3)):
        page.get_by_role("radio", name=choice).click()
        expect(page.locator(".ribbon")).to_have_count(count)
        expect(page.locator(".ribbons output").last).to_have_text(re.compile("^7 "))
    find_slider(page).press("Home")
    expect(page.locator(".ribbons output").first).to_have_text("–")


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ("7777", "M predicted 7 from the start."),
        ("1112", "M came to 2 at 3.0 s, in stroke 2 of 2; before, it predicted mostly 1."),
        (" 11427", "M came to 7 at 5.0 s, in stroke 2 of 2; before, it predicted mostly 1."),
        ("    ", ""),
    ],
)
def test_a_sentence_tells_when_a_model_came_to_its_prediction(live, texts, sentence):
    beliefs = [{"text": text.strip(), "confidence": 1} for text in texts]
    found = live.page.evaluate(DESCRIBE, [beliefs, len(texts), [0, 2]])
    assert found == sentence
