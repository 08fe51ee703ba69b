"""Outliers: digits that are unlike all others of a data set."""

import numpy as np
import numpy.typing as npt

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.findings.nearest_digits import NEAREST, find_nearest_digits
from core.analysis.metrics import estimate_share

ID = "outliers"
# Beyond so many interquartile ranges above the upper quartile, a value is far out. J. W. Tukey,
# "Exploratory data analysis" (1977), section 2D.
FAR_OUT = 3


def find_outliers(subject: Subject) -> list[Finding]:
    """Find the digits whose nearest digits are far away, compared with others of their class."""
    far = list_outliers(subject)
    if not len(far):
        return []
    errors = int(subject.wrong[far].sum())
    share = estimate_share(errors, len(far))
    return [
        Finding(
            ID,
            f"{len(far):,} {'digits are' if len(far) > 1 else 'digit is'} unlike all others: "
            f"{errors or 'none'} misclassified "
            f"({share.value:.0%}; of all digits {subject.wrong.mean():.1%})",
            f"The mean distance to their {NEAREST} nearest digits is unusually large: more than "
            f"{FAR_OUT} interquartile ranges above the upper quartile of their class. 95% interval "
            f"of the share misclassified {share.low:.0%} to {share.high:.0%}.",
            show_first(far),
        )
    ]


def list_outliers(subject: Subject) -> npt.NDArray[np.int64]:
    """All outliers by index: the misclassified first, and those furthest away first."""
    nearest = find_nearest_digits(subject.dataset)
    if nearest is None:
        return np.empty(0, np.int64)
    distance = nearest[0].mean(axis=1)
    far = np.flatnonzero(_exceed_fence(distance, subject.labels))
    return far[np.lexsort((-distance[far], ~subject.wrong[far]))]


def _exceed_fence(
    distance: npt.NDArray[np.floating], labels: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Which of ``(N,)`` distances are far out in their class; none where all are alike."""
    is_far = np.zeros(len(labels), bool)
    for digit in np.unique(labels):
        of_class = labels == digit
        low, high = np.percentile(distance[of_class], [25, 75])
        is_far[of_class] = (high > low) & (distance[of_class] > high + FAR_OUT * (high - low))
    return is_far


OUTLIERS = Kind(
    ID,
    "Outliers",
    f"Digits that are far from their {NEAREST} nearest digits, by their pixels.",
    find_outliers,
)
