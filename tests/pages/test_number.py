"""Numbers on the Draw page: the answer, the picked digit, and what an answer saves."""

import io
import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from core.digits.found_digits import DigitRows, FoundDigit
from core.digits.frame import frame_from_strokes
from core.drawings.store import DrawingStore, default_url
from core.inference import inputs
from core.inference.classifier import load_classifier
from core.inference.detector import Detection
from core.inference.number import find_in_image
from core.inference.number_prediction import DigitPrediction, NumberPrediction
from core.inference.prediction import Prediction
from pages.parts.draw.answer import describe_number
from tests.pages.conftest import VISITOR, get_pad, open_page, read_ranking

FOUR = [np.array([(40.0, 60), (30, 170), (120, 170)]), np.array([(100.0, 60), (100, 270)])]
TWO = [
    np.array([(170.0, 100), (200, 60), (250, 70), (260, 120), (220, 190), (170, 260), (290, 260)])
]
SEVEN = [np.array([(80.0, 70), (240, 70), (140, 270)])]


@pytest.fixture
def store() -> Iterator[DrawingStore]:
    store = DrawingStore(default_url())
    yield store
    store.close()


def draw(strokes: list[np.ndarray], **query: str) -> AppTest:
    """The Draw page with these strokes on its pad."""
    app = open_page("draw.py", **query)
    get_pad(app).put(strokes)
    app.run()
    assert not app.exception
    return app


def read_answer(app: AppTest) -> str:
    (answer,) = [
        one.proto.body for one in app.get("html") if 'data-testid="answer"' in one.proto.body
    ]
    return answer.partition('data-testid="answer">')[2].partition("<")[0]


def list_components(app: AppTest) -> list[str]:
    return [one.proto.component_name for one in app.get("bidi_component")]


def test_a_number_is_shown_whole_and_its_first_digit_is_picked():
    app = draw([*FOUR, *TWO])
    assert read_answer(app) == "42"
    assert any(text.value.startswith("**Digit 1 of 2: 4.**") for text in app.markdown)
    assert read_ranking(app)["LeNet-5"] == 4


@pytest.mark.parametrize(("place", "digit"), [("2", 2), ("3", 4), ("0", 4), ("x", 4)])
def test_the_url_picks_a_digit_and_a_place_that_does_not_exist_is_the_first(place, digit):
    app = draw([*FOUR, *TWO], place=place)
    assert set(read_ranking(app).values()) == {digit}


def test_the_details_are_those_of_the_picked_digit():
    app = draw([*FOUR, *TWO], place="2", tab="API")
    shown = json.loads(app.code[-1].value)["predictions"]
    for prediction in shown:
        expected = load_classifier(prediction["model"]).predict(frame_from_strokes(TWO))
        assert prediction["probabilities"] == pytest.approx(expected.probabilities, abs=1e-7)


def test_one_digit_has_neither_boxes_nor_frames_to_pick_from():
    app, number = draw(SEVEN), draw([*FOUR, *TWO])
    assert read_answer(app) == "7"
    assert not any(
        "digit_boxes" in name or "digit_gallery" in name for name in list_components(app)
    )
    assert len(list_components(number)) == len(list_components(app)) + 2


def test_confirming_a_number_saves_each_digit_with_its_own_strokes(store):
    app = draw([*FOUR, *TWO])
    app.button(key="yes_42").click().run()
    assert app.toast[0].value == "Saved 2 digits."
    saved = {drawing.label: drawing for drawing in store.find(VISITOR)}
    assert sorted(saved) == [2, 4]
    for label, strokes in ((4, FOUR), (2, TWO)):
        assert all(map(np.array_equal, saved[label].strokes, strokes))
        assert np.array_equal(saved[label].image, np.round(frame_from_strokes(strokes) * 255))


def type_number(app: AppTest, text: str) -> AppTest:
    app.text_input(key="typed_42").set_value(text)
    next(button for button in app.button if button.label == "Save").click()
    return app.run()


def test_the_typed_number_is_saved_in_place_of_the_predicted_one(store):
    app = type_number(draw([*FOUR, *TWO]), "9 2")
    assert app.toast[0].value == "Saved 2 digits."
    assert sorted(drawing.label for drawing in store.find(VISITOR)) == [2, 9]
    type_number(app, "42")
    assert sorted(drawing.label for drawing in store.find(VISITOR)) == [2, 4]


def test_a_question_mark_in_the_typed_number_saves_nothing_for_that_digit(store):
    type_number(draw([*FOUR, *TWO]), "?2")
    assert [drawing.label for drawing in store.find(VISITOR)] == [2]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4", "There are 2 digits in boxes, and you typed 1."),
        ("421", "There are 2 digits in boxes, and you typed 3."),
        ("4z", "Type digits only, not 'z'."),
        ("??", "Type the digits that should be saved."),
    ],
)
def test_a_typed_number_that_does_not_fit_is_refused_with_what_to_do(store, typed, sentence):
    app = type_number(draw([*FOUR, *TWO]), typed)
    assert app.warning[0].value.startswith(sentence)
    assert store.find(VISITOR) == []


def test_a_scribble_is_no_digit_and_the_visitor_may_say_which_one_it_is():
    random = np.random.default_rng(3)
    app = draw([random.uniform(60, 260, (40, 2))])
    assert read_answer(app) == "?"
    assert not [button for button in app.button if button.key.startswith("yes_")]
    assert app.menu_button(key="no").label == "Yes, it is"
    assert "Is it a digit?" in [text.value for text in app.markdown]


def draw_rows(rows: list[list[list[np.ndarray]]]) -> bytes:
    """A picture of drawings that were made on the pad, in rows, dark on light."""
    picture = Image.new("RGB", (330 * max(map(len, rows)), 360 * len(rows)), (236, 232, 222))
    for row, drawings in enumerate(rows):
        for place, strokes in enumerate(drawings):
            for stroke in strokes:
                line = [(x + 330 * place, y + 360 * row) for x, y in stroke.tolist()]
                ImageDraw.Draw(picture).line(line, fill=(30, 40, 110), width=18, joint="curve")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def upload(contents: bytes, **query: str) -> AppTest:
    app = open_page("draw.py", source="Upload", **query)
    app.file_uploader[0].upload("page.png", contents, "image/png")
    app.run()
    assert not app.exception
    return app


PAGE = draw_rows([[FOUR, TWO, SEVEN], [TWO, FOUR]])


def test_a_page_of_numbers_is_text_to_copy_with_a_table_of_all_digits_to_download():
    app = upload(PAGE)
    assert read_answer(app) == "427\n24"
    assert app.code[0].value == "427\n24"
    assert app.download_button[0].label == "Download CSV"
    assert any(text.value.startswith("**Digit 1 of 5: 4.**") for text in app.markdown)


def test_one_digit_of_a_picture_is_shown_with_the_picture_and_without_text_to_copy():
    app = upload(draw_rows([[SEVEN]]))
    assert read_answer(app) == "7"
    assert any("Your picture" in one.proto.body for one in app.get("html"))
    assert not app.download_button


def test_the_box_of_the_only_digit_is_drawn_where_its_ink_is():
    picture = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(picture).line((100, 60, 100, 240), fill=0, width=20)
    file = io.BytesIO()
    picture.save(file, "PNG")
    bodies = [one.proto.body for one in upload(file.getvalue()).get("html")]
    (shown,) = [body for body in bodies if "Your picture" in body]
    insets = dict(re.findall(r"(left|top|right|bottom): ([\d.]+)%", shown))
    expected = {"left": 22.5, "top": 20, "right": 72.5, "bottom": 20}
    assert {side: float(inset) for side, inset in insets.items()} == pytest.approx(expected, abs=2)


@pytest.mark.parametrize(
    ("confidences", "sentence"),
    [
        ((1.0, 0.97), "2 digits."),
        ((1.0, 0.72), "2 digits. Least certain: digit 2, a 3, with 72% confidence."),
        ((1.0, 0.2), "2 digits. 1 of them may be no digit."),
    ],
)
def test_a_digit_of_a_number_is_named_only_if_it_is_not_certain(confidences, sentence):
    digits = []
    for confidence in confidences:
        shares = np.full(10, (1 - confidence) / 9, np.float32)
        shares[3] = confidence
        frame = np.ones((28, 28), np.float32)
        found = FoundDigit((0, 0, 9, 9), frame)
        digits.append(
            DigitPrediction(
                found,
                0,
                (Prediction("m", "M", shares, 0.0, not_sure_below=0.5),),
                Detection(is_digit=True, may_be_several=False),
            )
        )
    assert describe_number(NumberPrediction(tuple(digits))) == sentence


def test_a_picture_is_searched_for_digits_once_however_often_the_page_runs(monkeypatch):
    searched = []

    def find(image: Image.Image) -> DigitRows:
        searched.append(image)
        return find_in_image(image)

    monkeypatch.setattr(inputs, "find_in_image", find)
    app = upload(PAGE, place="2")
    app.segmented_control(key="predict").set_value("All models").run()
    for tab in ("API", "Answer"):
        app.session_state["tab"] = tab
        app.run()
    assert read_answer(app) == "427\n24"
    assert len(searched) == 1
    app.file_uploader[0].upload("other.png", draw_rows([[SEVEN]]), "image/png").run()
    assert read_answer(app) == "7"
    assert len(searched) == 2


def test_the_digits_of_a_picture_are_saved_without_strokes(store):
    app = upload(draw_rows([[FOUR, TWO], [SEVEN]]))
    next(button for button in app.button if button.label == "Yes, all digits").click().run()
    saved = store.find(VISITOR)
    assert sorted(drawing.label for drawing in saved) == [2, 4, 7]
    assert all(drawing.strokes is None for drawing in saved)
