"""The answer on the Draw page: the predicted digit, and a sentence on the models."""

import re

import pytest
from streamlit.testing.v1 import AppTest


def show(predicted: list[tuple[str, int, bool]]) -> None:
    import numpy as np

    from core.inference.prediction import Prediction
    from pages.widgets import prediction

    frame = np.zeros((28, 28), np.float32)
    one_of_ten = np.eye(10, dtype=np.float32)
    predictions = [
        Prediction("lenet5", title, one_of_ten[digit], 0.001, not_sure_below=2.0 * not_sure)
        for title, digit, not_sure in predicted
    ]
    prediction.show_answer(predictions, frame)


def read_answer(*predicted: tuple[str, int, bool]) -> str:
    app = AppTest.from_function(show, args=(predicted,)).run()
    assert not app.exception
    (answer,) = app.get("html")
    return answer.proto.body


@pytest.mark.parametrize(
    ("predicted", "digit", "sentence"),
    [
        ([("A", 7, False)], "7", "A predicts 7 with 100.0% confidence."),
        ([("A", 7, False), ("B", 7, False)], "7", "All 2 models predict 7."),
        (
            [("A", 7, False), ("B", 7, False), ("C", 1, False)],
            "7",
            "The models disagree: C predicts 1.",
        ),
        ([("A", 7, True)], "?", "Not sure: this may not be a digit. The most likely digit is 7."),
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
