"""The class report: precision, recall and F1 of each digit.

This is a module of its own because importing scikit-learn takes over a second and 100 MB. Only the
page that shows the table imports it.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from core.analysis.confusion import ConfusionMatrix
from core.digits.datasets import CLASSES


@dataclass(frozen=True)
class ClassReport:
    """Precision, recall and F1 of one class.

    Attributes:
        digit: the class, 0…9.
        precision: 0…1; None where the class was never predicted.
        recall: 0…1; None where the class has no digits.
        f1: 0…1; None where both are None.
        support: number of digits of the class.
    """

    digit: int
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


def report_classes(confusion: ConfusionMatrix) -> list[ClassReport]:
    """Compute precision, recall, F1 and support of each class, as defined by scikit-learn."""
    labels, predicted = np.divmod(np.arange(CLASSES**2), CLASSES)
    columns = precision_recall_fscore_support(
        labels,
        predicted,
        labels=np.arange(CLASSES),
        sample_weight=confusion.counts.ravel(),
        zero_division=np.nan,
    )
    return [
        ClassReport(
            digit,
            _none_if_undefined(precision),
            _none_if_undefined(recall),
            _none_if_undefined(f1),
            int(support),
        )
        for digit, (precision, recall, f1, support) in enumerate(zip(*columns, strict=True))
    ]


def _none_if_undefined(score: np.floating) -> float | None:
    return None if np.isnan(score) else float(score)
