"""Agreement: which digits several models predict correctly, and whether two models differ.

This module does not know how the models were evaluated or what the digits look like.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy

from core.analysis.evaluation import Evaluation
from core.analysis.metrics import SIGNIFICANCE_LEVEL, correct_p_values

RESAMPLES = 10_000
SEED = 1
# Smaller p-values are written as smaller than this.
MIN_P_VALUE = 0.0001


@dataclass(frozen=True, eq=False)
class Region:
    """The digits that exactly the same models predict correctly.

    Attributes:
        right: for each model, whether it predicts these digits correctly.
        indices: ``(n,)`` indices of the digits in their data set, ascending.
    """

    right: tuple[bool, ...]
    indices: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """The difference of two shares, −1…1, with the bounds of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedComparison:
    """The comparison of two models on the same digits.

    Attributes:
        first: title of the first model.
        second: title of the second model.
        only_first: number of digits that only the first model predicts correctly.
        only_second: number of digits that only the second model predicts correctly.
        difference: accuracy of the first model minus that of the second.
        p_value: of McNemar's exact test, 0…1: the probability of a difference at least this large
            between two equally accurate models. Of several pairs, it is corrected by Holm's method.
    """

    first: str
    second: str
    only_first: int
    only_second: int
    difference: Difference
    p_value: float

    @property
    def better(self) -> str | None:
        """The title of the significantly better model; None where neither is."""
        if self.p_value >= SIGNIFICANCE_LEVEL:
            return None
        return self.first if self.difference.value > 0 else self.second


def list_regions(evaluations: Sequence[Evaluation]) -> list[Region]:
    """Divide a data set by which models predict a digit correctly.

    Args:
        evaluations: one for each model, all of the same data set.

    Returns:
        A region for each of the ``2 ** len(evaluations)`` combinations, those with most correct
        models first. Every digit is in exactly one region.

    Raises:
        ValueError: there is no evaluation, or they are of different data sets.
    """
    right = _stack_right(evaluations)
    combinations = itertools.product((True, False), repeat=len(evaluations))
    return [
        Region(combination, np.flatnonzero((right == np.array(combination)[:, None]).all(axis=0)))
        for combination in sorted(combinations, key=lambda combination: -sum(combination))
    ]


def compare_pairs(evaluations: Sequence[Evaluation]) -> list[PairedComparison]:
    """Compare every pair of models; takes and raises what ``list_regions`` does.

    The p-values are corrected for the number of pairs.
    """
    right = _stack_right(evaluations)
    pairs = [
        compare_predictions(evaluations[a].title, evaluations[b].title, right[a], right[b])
        for a, b in itertools.combinations(range(len(evaluations)), 2)
    ]
    corrected = correct_p_values([pair.p_value for pair in pairs])
    return [replace(pair, p_value=one) for pair, one in zip(pairs, corrected, strict=True)]


def compare_predictions(
    first: str, second: str, first_right: npt.NDArray[np.bool_], second_right: npt.NDArray[np.bool_]
) -> PairedComparison:
    """Compare two models.

    Args:
        first: title of the first model.
        second: title of the second model.
        first_right: ``(N,)``, whether the first model predicts each digit correctly.
        second_right: ``(N,)``, the same for the second model.
    """
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
    """Compute the two-sided p-value, 0…1, of McNemar's exact test.

    If two models are equally accurate, a digit that only one of them predicts correctly is equally
    likely to be either model's. The p-value is exact, from the binomial distribution.

    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12 (1947), doi:10.1007/BF02295996.

    Args:
        only_first: number of digits that only the first model predicts correctly.
        only_second: number of digits that only the second model predicts correctly.
    """
    fewer, total = min(only_first, only_second), only_first + only_second
    return float(min(1.0, 2 * scipy.special.bdtr(fewer, total, 0.5)))


def format_p_value(p_value: float) -> str:
    """A p-value with four decimals, or as smaller than the smallest of these."""
    return f"{p_value:.4f}" if p_value >= MIN_P_VALUE else f"< {MIN_P_VALUE:.4f}"


def explain_tests(pairs: int) -> str:
    """What the tests of so many pairs of models mean, in sentences for people."""
    corrected = f", corrected for the {pairs} pairs by Holm's method" if pairs > 1 else ""
    interval = "Each interval is for one pair alone and" if pairs > 1 else "The interval"
    return (
        "The p-value (McNemar's exact test) is the chance of a gap at least this large between "
        f"equally good models{corrected}. The column Better names the more accurate model where "
        f"the p-value is below {SIGNIFICANCE_LEVEL}; elsewhere, chance alone can explain the gap. "
        f"{interval} comes from {RESAMPLES:,} bootstrap samples."
    )


def bootstrap_difference(only_first: int, only_second: int, total: int) -> Difference:
    """Estimate the difference of two accuracies with its 95% bootstrap percentile interval.

    Each resample draws ``total`` digits with replacement, the same ones for both models. Only three
    kinds of digit matter: correct for the first model alone, for the second alone, and all others.
    So it is enough to draw the three counts from a multinomial distribution.

    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979),
    doi:10.1214/aos/1176344552.

    Args:
        only_first: number of digits that only the first model predicts correctly.
        only_second: number of digits that only the second model predicts correctly.
        total: number of all digits, at least 1.

    Raises:
        ValueError: there are no digits, or the counts are negative or add up to more than all.
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
    """Whether each model predicts each digit correctly, ``(models, N)``."""
    if not evaluations:
        raise ValueError("expected at least one evaluation, got none")
    labels = evaluations[0].labels
    if any(not np.array_equal(evaluation.labels, labels) for evaluation in evaluations):
        raise ValueError("expected evaluations of one data set, got several")
    return np.array([evaluation.predicted == labels for evaluation in evaluations])
