"""Misclassifications: the digits that a model predicts wrongly, one by one.

This module does not know about images.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.evaluation import Evaluation


@dataclass(frozen=True)
class Misclassification:
    """A digit that is predicted as another one.

    Attributes:
        index: of the digit in its data set, from 0.
        true: the label, 0…9.
        predicted: the predicted class, 0…9.
        confidence: the probability of the predicted class, 0…1.
    """

    index: int
    true: int
    predicted: int
    confidence: float


# What each order sorts by; ties keep their order.
ORDERS: dict[str, Callable[[Misclassification], Any]] = {
    "Highest confidence first": lambda digit: -digit.confidence,
    "Lowest confidence first": lambda digit: digit.confidence,
    "By true digit": lambda digit: (digit.true, digit.predicted),
    "By predicted digit": lambda digit: (digit.predicted, digit.true),
}


def sort_misclassifications(
    digits: Sequence[Misclassification], order: str
) -> list[Misclassification]:
    """Sort misclassified digits in one of ``ORDERS``."""
    return sorted(digits, key=ORDERS[order])


def list_misclassifications(
    evaluation: Evaluation,
    *,
    pairs: frozenset[tuple[int, int]] | None = None,
    confidence: tuple[float, float] = (0.0, 1.0),
    max_per_pair: int | None = None,
) -> list[Misclassification]:
    """List the digits that a model predicts wrongly.

    Args:
        evaluation: of the model.
        pairs: (true, predicted) classes to include; None includes all.
        confidence: smallest and largest confidence to include.
        max_per_pair: how many digits of each (true, predicted) pair to include, those with the
            highest confidence; None includes all.

    Returns:
        The digits, those with the highest confidence first.
    """
    low, high = confidence
    confidences = evaluation.confidence
    wrong = evaluation.predicted != evaluation.labels
    found = np.flatnonzero(wrong & (confidences >= low) & (confidences <= high))
    misclassifications = [
        Misclassification(
            int(index),
            int(evaluation.labels[index]),
            int(evaluation.predicted[index]),
            float(confidences[index]),
        )
        for index in found[np.argsort(-confidences[found], kind="stable")]
    ]
    counts: Counter[tuple[int, int]] = Counter()
    kept = []
    for item in misclassifications:
        pair = (item.true, item.predicted)
        counts[pair] += 1
        if (pairs is None or pair in pairs) and (
            max_per_pair is None or counts[pair] <= max_per_pair
        ):
            kept.append(item)
    return kept
