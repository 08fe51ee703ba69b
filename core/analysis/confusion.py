"""Confusion matrices: counts of true by predicted classes, and figures computed from them.

This module does not know about models or images.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.datasets import CLASSES


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Counts of true class (row) by predicted class (column), ``(10, 10)`` int64."""

    counts: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.counts.shape != (CLASSES, CLASSES) or (self.counts < 0).any():
            raise ValueError(f"expected 10×10 counts of 0 or more, got shape {self.counts.shape}")

    @property
    def total(self) -> int:
        """The number of digits."""
        return int(self.counts.sum())

    @property
    def correct(self) -> int:
        """The number of correct predictions."""
        return int(np.trace(self.counts))

    @property
    def row_shares(self) -> npt.NDArray[np.float64]:
        """Each count divided by the sum of its row, ``(10, 10)`` in 0…1; 0 in an empty row."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)


@dataclass(frozen=True)
class ConfusedPair:
    """How often digits of one class were predicted as another class."""

    true: int
    predicted: int
    count: int


def count_confusions(
    labels: npt.NDArray[np.integer], predicted: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """Count ``(N,)`` true by ``(N,)`` predicted classes; returns ``(10, 10)`` int64."""
    index = labels.astype(np.int64) * CLASSES + predicted
    return np.bincount(index, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def list_confused_pairs(confusion: ConfusionMatrix) -> list[ConfusedPair]:
    """List the pairs of different classes with at least one digit, most frequent first."""
    pairs = [
        ConfusedPair(true, predicted, int(confusion.counts[true, predicted]))
        for true in range(CLASSES)
        for predicted in range(CLASSES)
        if true != predicted and confusion.counts[true, predicted]
    ]
    return sorted(pairs, key=lambda pair: -pair.count)
