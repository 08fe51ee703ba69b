"""Overlapping classes: two digits that a model confuses more often than others."""

from itertools import combinations

import numpy as np

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.metrics import SIGNIFICANCE_LEVEL, estimate_share

ID = "overlapping_classes"
PAIRS = tuple(combinations(range(10), 2))
# How many pairs are told at most.
MAX_FOUND = 3


def find_overlapping_classes(subject: Subject) -> list[Finding]:
    """Find the pairs that have more of the errors than each pair would have if all were alike.

    By the one-sided binomial test, with Bonferroni's correction for the number of pairs.
    """
    errors = int(subject.wrong.sum())
    by_pair = {pair: _find_errors(subject, *pair) for pair in PAIRS}
    found = sorted(by_pair, key=lambda pair: -len(by_pair[pair]))[:MAX_FOUND]
    return [
        _describe(pair, by_pair[pair], errors)
        for pair in found
        if _find_p_value(len(by_pair[pair]), errors) * len(PAIRS) < SIGNIFICANCE_LEVEL
    ]


def _find_errors(subject: Subject, first: int, second: int) -> np.ndarray:
    """The digits of two classes that are predicted as each other, the most confident first."""
    labels, predicted = subject.labels, subject.evaluation.predicted
    found = np.flatnonzero(
        ((labels == first) & (predicted == second)) | ((labels == second) & (predicted == first))
    )
    return found[np.argsort(-subject.evaluation.confidence[found], kind="stable")]


def _find_p_value(count: int, errors: int) -> float:
    """The probability of so many errors of a pair or more, if all pairs had the same chance."""
    from scipy.special import bdtrc  # noqa: PLC0415

    return float(bdtrc(count - 1, errors, 1 / len(PAIRS))) if count else 1.0


def _describe(pair: tuple[int, int], digits: np.ndarray, errors: int) -> Finding:
    share = estimate_share(len(digits), errors)
    first, second = pair
    return Finding(
        ID,
        f"{first} and {second} are confused {len(digits)} times: {share.value:.0%} of all errors",
        f"95% interval {share.low:.0%} to {share.high:.0%}. If all {len(PAIRS)} pairs were "
        f"confused equally often, each would have {1 / len(PAIRS):.0%}.",
        show_first(digits),
        f"{first}/{second}",
    )


OVERLAPPING_CLASSES = Kind(
    ID,
    "Classes that overlap",
    "Pairs of digits with more of the errors than chance would give them.",
    find_overlapping_classes,
)
