"""Agreement: whether the browser has predicted what the server predicts for the same drawing."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.api.metrics import browser_differences
from core.inference.number_prediction import NumberPrediction

logger = logging.getLogger(__name__)
# Of two probabilities. The browser and LiteRT add in another order.
MAX_DIFFERENCE = 1e-4


@dataclass(frozen=True)
class Confirmed:
    """What a visitor says that a drawing is, and what the browser predicted for it.

    Attributes:
        text: the correct number, as it was typed.
        predicted: the predicted number.
        probabilities: ten of each model for each digit.
    """

    text: str
    predicted: str
    probabilities: Sequence[Sequence[Sequence[float]]]


def report_difference(confirmed: Confirmed, number: NumberPrediction) -> None:
    """Count and log it if the browser predicted another number or other probabilities.

    Args:
        confirmed: with what the browser predicted.
        number: what the server predicts for the drawing, with the same models or more.
    """
    difference = measure_difference(confirmed, number)
    if difference > MAX_DIFFERENCE or confirmed.predicted != number.text:
        browser_differences.inc()
        logger.warning(
            "The browser predicted %r, and the server %r; their probabilities differ by %.2g.",
            confirmed.predicted,
            number.text,
            difference,
        )


def measure_difference(confirmed: Confirmed, number: NumberPrediction) -> float:
    """The largest difference of two probabilities; 0 where different digits were found.

    A model may have been on its way to the browser. Then nothing can be compared.
    """
    ours = [[one.probabilities for one in digit.predictions] for digit in number.digits]
    theirs = confirmed.probabilities
    if [*map(len, ours)] != [*map(len, theirs)]:
        return 0.0
    return float(np.abs(np.array(ours) - np.array(theirs)).max())
