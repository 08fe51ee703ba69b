"""Pairs: the digits of two classes that models confuse, by what is predicted for them.

Several models are pooled: a digit counts once, however many of them confuse it, and the number of
errors is the sum of theirs. This module does not know what the digits look like.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.confusion import ConfusionMatrix, count_confusions
from core.analysis.evaluation import Evaluation

# How many borderline digits of each class are listed by default.
BORDERLINE_DIGITS = 20
TINY = 1e-9

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """The digits of one class of a pair.

    Attributes:
        label: their class, 0…9.
        other: the other class of the pair, 0…9.
        errors: for each model, how many of them it predicts as the other class.
        right: ``(n,)`` indices of those that every model classifies correctly, ascending.
        confused: ``(m,)`` indices of those that at least one model predicts as the other class,
            ascending.
    """

    label: int
    other: int
    errors: tuple[int, ...]
    right: Indices
    confused: Indices


@dataclass(frozen=True)
class BorderlineDigit:
    """A digit whose probabilities of both classes of a pair are close.

    Attributes:
        index: of the digit in its data set, from 0.
        label: the label, 0…9.
        margin: the mean probability of the label minus that of the other class, as a share of
            their sum, −1…1; below 0 for digits that the models confuse.
        is_suspected: whether its label may be wrong.
    """

    index: int
    label: int
    margin: float
    is_suspected: bool


def pool_confusions(evaluations: Sequence[Evaluation]) -> ConfusionMatrix:
    """The sum of the confusion matrices of several models, at least one."""
    counts = [count_confusions(one.labels, one.predicted) for one in evaluations]
    return ConfusionMatrix(np.sum(counts, axis=0))


def divide_pair(
    evaluations: Sequence[Evaluation], pair: tuple[int, int], *, excluded: Collection[int] = ()
) -> tuple[Side, Side]:
    """Divide the digits of two classes by whether the models confuse them.

    Digits that a model predicts as a third class are on neither list.

    Args:
        evaluations: one for each model, all of the same data set, at least one.
        pair: two classes, 0…9.
        excluded: indices that are left out of the lists but counted as errors, such as those of
            wrong labels.

    Returns:
        The digits of the first class and those of the second.
    """
    first, second = pair
    labels = evaluations[0].labels
    predicted = np.array([evaluation.predicted for evaluation in evaluations])  # (models, N)
    counted = np.ones(len(labels), bool)
    counted[list(excluded)] = False

    def divide(label: int, other: int) -> Side:
        own = labels == label
        confused = own & (predicted == other)
        return Side(
            label,
            other,
            tuple(confused.sum(axis=1).tolist()),
            np.flatnonzero(counted & own & (predicted == label).all(axis=0)),
            np.flatnonzero(counted & confused.any(axis=0)),
        )

    return divide(first, second), divide(second, first)


def list_borderline(
    evaluations: Sequence[Evaluation],
    side: Side,
    *,
    suspected: Collection[int] = (),
    count: int = BORDERLINE_DIGITS,
) -> list[BorderlineDigit]:
    """List the digits of one class that are closest to the border of a pair.

    Digits to which the models give a third class, by the mean of their probabilities, are not
    between these two.

    Args:
        evaluations: one for each model, all of the same data set, at least one.
        side: the class and the other class.
        suspected: indices of digits of the data set whose labels may be wrong.
        count: how many to list, suspected labels not counted.

    Returns:
        The digits with the smallest margin in size first, then those whose label is suspected and
        for which the other class is more probable, in the same order.
    """
    labels = evaluations[0].labels
    means = np.mean([evaluation.probabilities for evaluation in evaluations], axis=0)  # (N, 10)
    own_share, other_share = means[:, side.label], means[:, side.other]
    margins = (own_share - other_share) / np.maximum(own_share + other_share, TINY)
    is_suspected = np.zeros(len(labels), bool)
    is_suspected[list(suspected)] = True
    is_between = np.isin(means.argmax(axis=1), (side.label, side.other))
    own = np.flatnonzero((labels == side.label) & is_between)
    ordered = own[np.argsort(np.abs(margins[own]), kind="stable")]
    doubtful = is_suspected[ordered]
    listed = [*ordered[~doubtful][:count], *ordered[doubtful & (margins[ordered] < 0)]]
    return [
        BorderlineDigit(int(index), side.label, float(margins[index]), bool(is_suspected[index]))
        for index in listed
    ]
