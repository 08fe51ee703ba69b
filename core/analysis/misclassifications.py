"""Misclassifications: the single digits a model got wrong."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.analysis.evaluation import Evaluation


@dataclass(frozen=True)
class Misclassification:
    """One digit read as another.

    Attributes:
        index: the digit's place in its data set, from 0.
        confidence: the probability the model gave its wrong answer, 0…1.
    """

    index: int
    true: int
    predicted: int
    confidence: float


def list_misclassifications(
    evaluation: Evaluation,
    *,
    pairs: frozenset[tuple[int, int]] | None = None,
    confidence: tuple[float, float] = (0.0, 1.0),
    most_of_each: int | None = None,
) -> list[Misclassification]:
    """The digits a model got wrong, the ones it was surest of first.

    Args:
        evaluation: what the model said.
        pairs: (true, predicted) classes to keep; None keeps all.
        confidence: least and greatest confidence to keep, both included.
        most_of_each: how many of each (true, predicted) to keep, the surest ones; None keeps all.
    """
    low, high = confidence
    sure = evaluation.confidence
    wrong = evaluation.predicted != evaluation.labels
    found = np.flatnonzero(wrong & (sure >= low) & (sure <= high))
    misclassifications = [
        Misclassification(
            int(index),
            int(evaluation.labels[index]),
            int(evaluation.predicted[index]),
            float(sure[index]),
        )
        for index in found[np.argsort(-sure[found], kind="stable")]
    ]
    kept = [
        one for one in misclassifications if pairs is None or (one.true, one.predicted) in pairs
    ]
    if most_of_each is None:
        return kept
    counts: Counter[tuple[int, int]] = Counter()
    capped = []
    for one in kept:
        counts[one.true, one.predicted] += 1
        if counts[one.true, one.predicted] <= most_of_each:
            capped.append(one)
    return capped
