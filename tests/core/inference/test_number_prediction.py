"""Predictions of numbers: text, rows, and one batch for each model."""

import numpy as np
import pytest

from core.digits.datasets import Dataset
from core.digits.found_digits import DigitRows, FoundDigit
from core.inference.classifier import load_classifier
from core.inference.detector import Detection
from core.inference.number_prediction import DigitPrediction, predict_number, predict_numbers
from core.inference.prediction import Prediction
from core.synthesis.styles import draw_non_digits

MODELS = ("lenet5", "mlp")


@pytest.fixture(scope="module")
def rows(bundled_digits: Dataset) -> DigitRows:
    """42 above 7, found in a picture, and a blank frame beside the 7."""
    four, two, seven = (
        FoundDigit(
            (0.0, 0.0, 20.0, 20.0),
            bundled_digits.frame(int(np.flatnonzero(bundled_digits.labels == digit)[0])),
        )
        for digit in (4, 2, 7)
    )
    blank = FoundDigit((0.0, 0.0, 20.0, 20.0), np.full((28, 28), 0.5, np.float32))
    return ((four, two), (seven, blank))


class Counted:
    """A classifier that counts its batches; it is not sure of a frame that is half grey."""

    def __init__(self) -> None:
        self.batches = 0

    def predict_all(self, frames):
        from dataclasses import replace

        self.batches += 1
        predictions = load_classifier("lenet5").predict_all(frames)
        return [
            replace(prediction, not_sure_below=1.1 if np.ptp(frame) == 0 else 0.0)
            for prediction, frame in zip(predictions, frames, strict=True)
        ]


def test_the_text_has_a_line_for_each_row_and_a_question_mark_for_no_digit(rows):
    assert predict_number(rows, [Counted()]).text == "42\n7?"


def test_all_digits_of_all_inputs_take_one_batch(rows):
    counted = Counted()
    numbers = predict_numbers([rows, rows[:1]], [counted])
    assert [number.text for number in numbers] == ["42\n7?", "42"]
    assert counted.batches == 1


def test_each_digit_has_its_row_and_the_predictions_of_every_model_for_its_own_frame(rows):
    classifiers = [load_classifier(model_id) for model_id in MODELS]
    _, number = predict_numbers([rows, rows], classifiers)
    assert [digit.row for digit in number.digits] == [0, 0, 1, 1]
    for digit, found in zip(number.digits, [*rows[0], *rows[1]], strict=True):
        assert digit.found is found
        for prediction, classifier in zip(digit.predictions, classifiers, strict=True):
            alone = classifier.predict(found.frame)
            assert prediction.model_id == classifier.model_id
            assert prediction.model_sha256 == classifier.digest
            assert np.abs(prediction.probabilities - alone.probabilities).max() < 1e-6


def test_no_input_has_no_prediction():
    assert predict_numbers([], [load_classifier("lenet5")]) == []


@pytest.mark.parametrize(
    ("may_be_several", "question"), [(False, "No digit?"), (True, "Two digits?")]
)
def test_what_is_no_digit_may_be_two(may_be_several, question):
    found = FoundDigit((0.0, 0.0, 9.0, 20.0), np.zeros((28, 28), np.float32))
    doubtful = Prediction("m", "M", np.full(10, 0.1, np.float32), 0.0, not_sure_below=0.5)
    sure = Prediction("m", "M", np.eye(10, dtype=np.float32)[3], 0.0, not_sure_below=0.5)
    for is_digit in (True, False):
        detection = Detection(is_digit=is_digit, may_be_several=may_be_several)
        assert DigitPrediction(found, 0, (doubtful,), detection).question == question
        prediction = DigitPrediction(found, 0, (sure,), detection)
        assert prediction.vote.character == ("3" if is_digit else "?")
        assert prediction.question == ("" if is_digit else question)


def test_a_letter_that_a_model_is_sure_of_is_no_digit(random):
    letters = draw_non_digits(100, random, held_out=True)
    rows = [[FoundDigit((0.0, 0.0, 1.0, 1.0), letter) for letter in letters]]
    text = predict_number(rows, [load_classifier("logistic_regression")]).text
    assert text.count("?") > 85
