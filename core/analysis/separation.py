"""Separation: how well a measure of digits tells two groups of them apart.

This module does not know what is measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from core.analysis.metrics import SIGNIFICANCE_LEVEL, Z
from core.analysis.pairs import Indices, Side
from core.models.card import Estimate

TINY = 1e-9

Values = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Separation:
    """How well a measure separates the groups of a pair: areas under ROC curves.

    Attributes:
        measure: its name.
        areas: of three comparisons, None where one of the groups is empty: the second class above
            the first, both classified correctly; confused digits of the first class above its
            right ones; the same of the second class.
    """

    measure: str
    areas: tuple[Estimate | None, Estimate | None, Estimate | None]

    @property
    def strength(self) -> float:
        """How far the interval that is furthest from 0.5 is from it, 0…0.5; 0 where none is."""
        known = (area for area in self.areas if area)
        return max((max(area.low - 0.5, 0.5 - area.high, 0) for area in known), default=0)


@dataclass(frozen=True)
class Trait:
    """What digits of another class look like by one measure, and how many confused ones do.

    Attributes:
        measure: its name.
        boundary: the value that separates both classes best.
        is_above: whether the other class lies above the boundary rather than below.
        confused: how many of the confused digits lie on the side of the other class, and how many
            confused digits there are.
        right: the same of the digits that are classified correctly.
        p_value: 0…1, of Fisher's exact test of these two shares, times the number of measures
            (Bonferroni).
    """

    measure: str
    boundary: float
    is_above: bool
    confused: tuple[int, int]
    right: tuple[int, int]
    p_value: float

    @property
    def excess(self) -> float:
        """Its share of the confused digits minus its share of the right ones, −1…1."""
        (few, confused), (many, right) = self.confused, self.right
        return few / confused - many / right

    @property
    def is_more_frequent(self) -> bool:
        """Whether confused digits have it more often than the others, beyond chance."""
        return self.p_value < SIGNIFICANCE_LEVEL and self.excess > 0


def estimate_auc(first: Values, second: Values) -> Estimate:
    """Estimate the probability that a value of the second group is larger, with its 95% interval.

    This is the area under the ROC curve of the measure: 0.5 where it does not separate the groups,
    0 or 1 where it separates all. Equal values count half. The interval is method 5 of R. G.
    Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic.
    Part 2", Statistics in Medicine 25 (2006), doi:10.1002/sim.2324. Like Wilson's, it does not
    shrink to a point at 0 and 1.

    Args:
        first: ``(m,)``, at least one.
        second: ``(n,)``, at least one.

    Raises:
        ValueError: one of the groups is empty.
    """
    m, n = len(first), len(second)
    if not m or not n:
        raise ValueError(f"expected values in both groups, got {m} and {n}")
    ordered = np.sort(first)
    below, up_to = (np.searchsorted(ordered, second, side) for side in ("left", "right"))
    area = float((below + up_to).mean() / (2 * m))
    extra = (m + n) / 2 - 1

    def exceed(bound: float) -> float:
        """How far a bound is from the estimate, in squared widths of the interval."""
        spread = 1 + extra * ((1 - bound) / (2 - bound) + bound / (1 + bound))
        return (area - bound) ** 2 - Z**2 * bound * (1 - bound) * spread / (m * n)

    # At an estimate of 0 or 1 itself, the distance is 0, too.
    low = scipy.optimize.brentq(exceed, 0, area - TINY) if area > TINY else 0.0
    high = scipy.optimize.brentq(exceed, area + TINY, 1) if area < 1 - TINY else 1.0
    return Estimate(area, min(low, area), max(high, area))


def compare_groups(measures: Mapping[str, Values], sides: tuple[Side, Side]) -> list[Separation]:
    """Compare the groups of a pair by each measure.

    Args:
        measures: of all ``N`` digits of the data set, ``(N,)`` each, by name.
        sides: the digits of both classes.

    Returns:
        The measures that separate two of the groups best first.
    """
    first, second = sides
    separations = [
        Separation(
            name,
            (
                _compare(values, first.right, second.right),
                _compare(values, first.right, first.confused),
                _compare(values, second.right, second.confused),
            ),
        )
        for name, values in measures.items()
    ]
    return sorted(separations, key=lambda separation: -separation.strength)


def find_boundary(own: Values, other: Values) -> tuple[float, bool]:
    """Find the value that separates two groups best: the largest difference of shares below it.

    Args:
        own: ``(m,)``, at least one.
        other: ``(n,)``, at least one.

    Returns:
        The value, midway between two that occur, and whether the other group lies above it.
    """
    found = np.unique(np.concatenate([own, other]))
    if len(found) == 1:
        return float(found[0]), True
    cuts = (found[1:] + found[:-1]) / 2
    own_below, other_below = (
        np.searchsorted(np.sort(group), cuts) / len(group) for group in (own, other)
    )
    best = np.abs(own_below - other_below).argmax()
    return float(cuts[best]), bool(own_below[best] > other_below[best])


def find_traits(measures: Mapping[str, Values], side: Side, other: Side) -> list[Trait]:
    """Find what confused digits have in common with the class that they are confused with.

    The boundary between the classes comes from the digits that are classified correctly, so the
    confused ones had no part in choosing it.

    Args:
        measures: of all ``N`` digits of the data set, ``(N,)`` each, by name.
        side: the class whose confused digits are described.
        other: the class that they are confused with.

    Returns:
        One trait for each measure, those that are more frequent beyond chance first, and among
        these the largest excess first. None where there are no digits to compare.
    """
    if not (len(side.right) and len(side.confused) and len(other.right)):
        return []
    traits = [
        _describe_trait(name, values, side, other, tests=len(measures))
        for name, values in measures.items()
    ]
    return sorted(traits, key=lambda trait: (trait.is_more_frequent, trait.excess), reverse=True)


def _compare(values: Values, first: Indices, second: Indices) -> Estimate | None:
    if not (len(first) and len(second)):
        return None
    return estimate_auc(values[first], values[second])


def _describe_trait(name: str, values: Values, side: Side, other: Side, *, tests: int) -> Trait:
    from scipy.stats import fisher_exact  # noqa: PLC0415  takes half a second that few views need

    boundary, is_above = find_boundary(values[side.right], values[other.right])

    def count(group: Indices) -> tuple[int, int]:
        beyond = values[group] > boundary if is_above else values[group] < boundary
        return int(beyond.sum()), len(group)

    confused, right = count(side.confused), count(side.right)
    table = [[having, total - having] for having, total in (confused, right)]
    p_value = min(1.0, float(fisher_exact(table).pvalue) * tests)
    return Trait(name, boundary, is_above, confused, right, p_value)
