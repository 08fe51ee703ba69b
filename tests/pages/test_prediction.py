"""The answer on the Draw page: the predicted digit, and a sentence on the models."""

import re

import pytest
from streamlit.testing.v1 import AppTest


def show(predicted: list[tuple[str, int, bool]], looks_like_digit: bool) -> None:
    import numpy as np

    from core.digits.found_digits import FoundDigit
    from core.inference.detector import Detection
    from core.inference.number_prediction import DigitPrediction, NumberPrediction
    from core.inference.prediction import Prediction
    from pages.parts.draw.answer import show_answer

    found = FoundDigit((0, 0, 9, 9), np.pad(np.ones((20, 4), np.float32), ((4, 4), (12, 12))))
    one_of_ten = np.eye(10, dtype=np.float32)
    predictions = tuple(
        Prediction("lenet5", title, one_of_ten[digit], 0.001, not_sure_below=2.0 * not_sure)
        for title, digit, not_sure in predicted
    )
    detection = Detection(is_digit=looks_like_digit, may_be_several=False)
    show_answer(NumberPrediction((DigitPrediction(found, 0, predictions, detection),)))


def read_answer(*predicted: tuple[str, int, bool], looks_like_digit: bool = True) -> str:
    app = AppTest.from_function(show, args=(predicted, looks_like_digit)).run()
    assert not app.exception
    (answer,) = app.get("html")
    return answer.proto.body


@pytest.mark.parametrize(
    ("predicted", "digit", "sentence"),
    [
        ([("A", 7, False)], "7", "A predicts 7 with 100.0% confidence."),
        ([("A", 7, False), ("B", 7, False)], "7", "Both models predict 7."),
        (
            [("A", 7, False), ("B", 7, False), ("C", 1, False)],
            "7",
            "The models disagree: C predicts 1.",
        ),
        (
            [("A", 7, False), ("B", 7, False), ("C", 7, True)],
            "7",
            "All 3 models predict 7. Confidence in 7: 100.0%. 1 of 3 models doubts that this is",
        ),
        ([("A", 7, True)], "?", "No digit? The model doubts that this is a digit. The most likely"),
        (
            [("A", 7, True), ("B", 1, True)],
            "?",
            "2 of 2 models doubt that this is a digit. The most likely digit is 1, with 50.0%",
        ),
    ],
)
def test_the_answer_is_the_digit_that_most_models_predict(predicted, digit, sentence):
    answer = read_answer(*predicted)
    assert re.search(r'data-testid="answer">(.)<', answer)[1] == digit
    assert sentence in answer


def test_the_title_of_a_run_is_escaped():
    answer = read_answer(("<img src=x onerror=alert(1)>", 7, False))
    assert answer.count("<img") == 1  # the frame
    assert "&lt;img src=x" in answer


def test_what_does_not_look_like_a_digit_is_none_however_sure_the_models_are():
    body = read_answer(("A", 7, False), ("B", 7, False), looks_like_digit=False)
    assert ">?<" in body
    assert "No digit? This does not look like a digit. The most likely digit is 7" in body
