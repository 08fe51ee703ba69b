"""The vote: what several models together predict for one frame.

Pages, the API and batch prediction all call ``combine_predictions``, so that they give the same
character for the same frame and the same models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.inference.prediction import Prediction

# Written for what is no digit.
NO_DIGIT = "?"


@dataclass(frozen=True)
class Vote:
    """The result of a vote.

    Attributes:
        digit: the most likely digit, 0…9, also where the models doubt that there is one.
        confidence: the mean probability of that digit, 0…1.
        is_digit: whether the models and the detector take the frame for a digit.
        doubts: the number of models that are not sure that the frame shows a digit.
        looks_like_digit: whether the detector takes the frame for a digit.
    """

    digit: int
    confidence: float
    is_digit: bool
    doubts: int
    looks_like_digit: bool = True

    @property
    def character(self) -> str:
        """The digit, or "?"."""
        return str(self.digit) if self.is_digit else NO_DIGIT


def combine_predictions(
    predictions: Sequence[Prediction], *, looks_like_digit: bool = True
) -> Vote:
    """The digit with the largest weighted mean of the models' calibrated probabilities.

    A model's weight is the share of non-digits that it doubts: a model that takes every letter for
    a digit hardly counts. It is a digit where the mean reaches the weighted mean of the models'
    thresholds, which is out of reach where they disagree, and where the detector takes the frame
    for a digit.

    Args:
        predictions: of the models for one frame.
        looks_like_digit: what the detector says.

    Raises:
        ValueError: there is no prediction.
    """
    if not predictions:
        raise ValueError("expected at least one prediction, got none")
    weights = np.array([prediction.weight for prediction in predictions], np.float64)
    weights /= weights.sum()
    mean = weights @ np.stack([prediction.probabilities for prediction in predictions])
    threshold = weights @ [prediction.not_sure_below for prediction in predictions]
    return Vote(
        digit=int(mean.argmax()),
        confidence=min(float(mean.max()), 1.0),
        is_digit=looks_like_digit and bool(mean.max() >= threshold),
        doubts=sum(prediction.not_sure for prediction in predictions),
        looks_like_digit=looks_like_digit,
    )
