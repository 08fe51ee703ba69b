"""The class report: precision, recall and F1 of each digit.

Apart from the confusion matrix, because scikit-learn takes over a second and 100 MB to import, and
only the page that shows this table should pay for it.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from core.analysis.confusion import CLASSES, ConfusionMatrix


@dataclass(frozen=True)
class ClassReport:
    """Precision, recall and F1 (0…1) of one class, and its number of digits.

    One is None where it divides by none: precision where no digit was read as this one, recall
    where none is labelled so, F1 where neither is.
    """

    digit: int
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


def report_classes(confusion: ConfusionMatrix) -> list[ClassReport]:
    """Precision, recall, F1 and support of each class, as scikit-learn defines them."""
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
            _drop_undefined(precision),
            _drop_undefined(recall),
            _drop_undefined(f1),
            int(support),
        )
        for digit, (precision, recall, f1, support) in enumerate(zip(*columns, strict=True))
    ]


def _drop_undefined(score: np.floating) -> float | None:
    return None if np.isnan(score) else float(score)
