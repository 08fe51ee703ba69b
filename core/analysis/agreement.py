"""Agreement: which digits several models read alike, and whether one of two is really better."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from core.analysis.evaluation import Evaluation

RESAMPLES = 10_000
SEED = 1


@dataclass(frozen=True, eq=False)
class Region:
    """The digits that the same models read right and the same others wrong.

    Attributes:
        right: of each model, whether it read them right.
        indices: ``(n,)`` places of the digits in their data set, from 0, in its order.
    """

    right: tuple[bool, ...]
    indices: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """A difference of two shares, −1…1, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedComparison:
    """Two models on the same digits.

    Attributes:
        only_first: digits that the first read right and the second wrong.
        only_second: the other way round.
        difference: accuracy of the first less that of the second.
        p_value: of McNemar's exact test, 0…1: how often chance alone would part two equally good
            models as far as these.
    """

    first: str
    second: str
    only_first: int
    only_second: int
    difference: Difference
    p_value: float


def list_regions(evaluations: Sequence[Evaluation]) -> list[Region]:
    """Part a data set by which models read a digit right; every digit is in exactly one region.

    Args:
        evaluations: of one data set.

    Returns:
        All combinations, ``2 ** len(evaluations)`` of them, those with most models right first.

    Raises:
        ValueError: there is no evaluation, or they are of different data sets.
    """
    right = _stack_right(evaluations)
    combinations = itertools.product((True, False), repeat=len(evaluations))
    return [
        Region(one, np.flatnonzero((right == np.array(one)[:, None]).all(axis=0)))
        for one in sorted(combinations, key=lambda one: -sum(one))
    ]


def compare_pairs(evaluations: Sequence[Evaluation]) -> list[PairedComparison]:
    """Compare every two models. Raises ValueError as ``list_regions`` does."""
    right = _stack_right(evaluations)
    return [
        compare_answers(evaluations[a].title, evaluations[b].title, right[a], right[b])
        for a, b in itertools.combinations(range(len(evaluations)), 2)
    ]


def compare_answers(
    first: str, second: str, first_right: npt.NDArray[np.bool_], second_right: npt.NDArray[np.bool_]
) -> PairedComparison:
    """Compare two models by whether each read ``(N,)`` digits right."""
    total = len(first_right)
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    return PairedComparison(
        first,
        second,
        only_first,
        only_second,
        bootstrap_difference(only_first, only_second, total),
        mcnemar_p_value(only_first, only_second),
    )


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """The two-sided p-value of McNemar's exact test.

    Of the digits that only one of two models read right, each is as likely the one's as the
    other's if both are equally good. Q. McNemar, "Note on the sampling error of the difference
    between correlated proportions or percentages", Psychometrika 12 (1947),
    doi:10.1007/BF02295996; exact by the binomial distribution.
    """
    fewer, both = min(only_first, only_second), only_first + only_second
    return float(min(1.0, 2 * bdtr(fewer, both, 0.5)))


def bootstrap_difference(only_first: int, only_second: int, total: int) -> Difference:
    """A difference in accuracy with its bootstrap interval, by the percentile method.

    The same digits are drawn for both models, ``total`` of them with replacement. That draws from
    three kinds of digit, told apart by who read them right, so that three counts are drawn in place
    of the digits. B. Efron, "Bootstrap methods: another look at the jackknife", Annals of
    Statistics 7 (1979), doi:10.1214/aos/1176344552.

    Raises:
        ValueError: there are no digits, or more were told apart than there are.
    """
    alike = total - only_first - only_second
    if total < 1 or min(only_first, only_second, alike) < 0:
        raise ValueError(
            f"expected counts of at most {total} digits, at least 1, got {only_first} and "
            f"{only_second}"
        )
    shares = np.array([only_first, only_second, alike]) / total
    counts = np.random.default_rng(SEED).multinomial(total, shares, size=RESAMPLES)
    low, high = np.percentile(counts[:, 0] - counts[:, 1], [2.5, 97.5]) / total
    return Difference((only_first - only_second) / total, float(low), float(high))


def _stack_right(evaluations: Sequence[Evaluation]) -> npt.NDArray[np.bool_]:
    """Whether each model read each digit right, ``(models, N)``."""
    if not evaluations:
        raise ValueError("expected at least one evaluation, got none")
    labels = evaluations[0].labels
    if any(not np.array_equal(one.labels, labels) for one in evaluations):
        raise ValueError("expected evaluations of one data set, got several")
    return np.array([one.predicted == labels for one in evaluations])
