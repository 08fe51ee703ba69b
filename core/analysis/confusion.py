"""Confusion matrices: which class a model takes for which, and what follows from the counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLASSES = 10


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Counts of true class (row) by predicted class (column), ``(10, 10)`` int64."""

    counts: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.counts.shape != (CLASSES, CLASSES) or (self.counts < 0).any():
            raise ValueError(f"expected 10×10 counts of 0 or more, got shape {self.counts.shape}")

    @property
    def total(self) -> int:
        """How many digits were read."""
        return int(self.counts.sum())

    @property
    def correct(self) -> int:
        """How many of them were read right."""
        return int(np.trace(self.counts))

    @property
    def row_shares(self) -> npt.NDArray[np.float64]:
        """Each count as a share of its true class, ``(10, 10)``; a class without digits gives 0."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)


@dataclass(frozen=True)
class ConfusedPair:
    """How often one class was taken for another."""

    true: int
    predicted: int
    count: int


def count_confusions(
    labels: npt.NDArray[np.integer], predicted: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """Count ``(N,)`` true classes by ``(N,)`` predicted ones into ``(10, 10)``."""
    index = labels.astype(np.int64) * CLASSES + predicted
    return np.bincount(index, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def list_confused_pairs(confusion: ConfusionMatrix) -> list[ConfusedPair]:
    """The pairs that were confused at all, most frequent first."""
    pairs = [
        ConfusedPair(true, predicted, int(confusion.counts[true, predicted]))
        for true in range(CLASSES)
        for predicted in range(CLASSES)
        if true != predicted and confusion.counts[true, predicted]
    ]
    return sorted(pairs, key=lambda pair: -pair.count)
