"""Confusion matrices: which class a model takes for which, and what follows from the counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_fscore_support

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


@dataclass(frozen=True)
class ClassReport:
    """Precision, recall and F1 (0…1) of one class, and its number of digits."""

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


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


def report_classes(confusion: ConfusionMatrix) -> list[ClassReport]:
    """Precision, recall, F1 and support of each class, as scikit-learn defines them."""
    labels, predicted = np.divmod(np.arange(CLASSES**2), CLASSES)
    columns = precision_recall_fscore_support(
        labels,
        predicted,
        labels=np.arange(CLASSES),
        sample_weight=confusion.counts.ravel(),
        zero_division=0.0,
    )
    return [
        ClassReport(digit, float(precision), float(recall), float(f1), int(support))
        for digit, (precision, recall, f1, support) in enumerate(zip(*columns, strict=True))
    ]
