"""Predictions of numbers: every digit of one or more inputs by several models, and the text.

This module does not know how the digits were found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from core.digits.found_digits import DigitRows, FoundDigit, list_digits
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier
from core.inference.detector import Detection, load_detector
from core.inference.prediction import Prediction
from core.inference.vote import Vote, combine_predictions

# What a frame that is not taken for a digit may be.
MAYBE_NO_DIGIT, MAYBE_TWO_DIGITS = "No digit?", "Two digits?"


@dataclass(frozen=True, eq=False)
class DigitPrediction:
    """What the models predict for one digit.

    Attributes:
        found: the digit, with its box and its frame.
        row: its row, counted from 0.
        predictions: one for each model.
        detection: what the detector takes the frame for.
        vote: of these models and the detector.
    """

    found: FoundDigit
    row: int
    predictions: tuple[Prediction, ...]
    detection: Detection
    vote: Vote = field(init=False)

    def __post_init__(self) -> None:
        vote = combine_predictions(self.predictions, looks_like_digit=self.detection.is_digit)
        object.__setattr__(self, "vote", vote)

    @property
    def question(self) -> str:
        """What the input may be instead of one digit; empty where the vote is a digit."""
        if self.vote.is_digit:
            return ""
        return MAYBE_TWO_DIGITS if self.detection.may_be_several else MAYBE_NO_DIGIT


@dataclass(frozen=True, eq=False)
class NumberPrediction:
    """What the models predict for one input: its digits in reading order, at least one."""

    digits: tuple[DigitPrediction, ...]

    @property
    def text(self) -> str:
        """A character for each digit, "?" for what is no digit; rows apart by a newline."""
        rows = groupby(self.digits, key=lambda digit: digit.row)
        return "\n".join("".join(digit.vote.character for digit in row) for _, row in rows)


def predict_numbers(
    inputs: Sequence[DigitRows], classifiers: Sequence[Classifier]
) -> list[NumberPrediction]:
    """Predict all digits of all inputs, in one batch for each model.

    Args:
        inputs: the digits that were found in each input.
        classifiers: one or several.

    Returns:
        A prediction for each input, with the predictions of the classifiers in their order.
    """
    found = [digit.frame for rows in inputs for digit in list_digits(rows)]
    frames = np.array(found, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)  # none: (0, 28, 28)
    by_model = [classifier.predict_all(frames) for classifier in classifiers]
    by_frame = iter(zip(zip(*by_model, strict=True), load_detector().detect(frames), strict=True))
    return [
        NumberPrediction(
            tuple(
                DigitPrediction(digit, index, *next(by_frame))
                for index, row in enumerate(rows)
                for digit in row
            )
        )
        for rows in inputs
    ]


def predict_number(rows: DigitRows, classifiers: Sequence[Classifier]) -> NumberPrediction:
    """Predict the digits of one input, as ``predict_numbers``."""
    return predict_numbers([rows], classifiers)[0]
