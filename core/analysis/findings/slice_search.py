"""The search for slices of a data set in which an event is more frequent than in the rest.

The digits are divided into two halves. A shallow decision tree is fitted to each half, for every
class and for all digits together. The slices of its nodes in which the event is most frequent are
tested on the other half, which had no part in choosing them. This module does not know what the
event is: an error of a model, or that one model is right where another is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.analysis.measures import Measures
from core.analysis.metrics import SIGNIFICANCE_LEVEL, correct_p_values, estimate_share
from core.analysis.phrases import WORDINGS
from core.analysis.slices import COUNTS, Range, Slice, select_class
from core.models.card import Estimate

# What a tree may divide the digits by.
NAMES = (*WORDINGS, *COUNTS)
# All classes together, then each.
GROUPS = (None, *range(10))
# Depth and size of the leaves are chosen among these by cross-validation.
DEPTHS, LEAF_SIZES = (2, 3), (10, 30)
FOLDS = 3
# Fewer digits have no two leaves in each half, and fewer events are not in every fold of each half.
MIN_DIGITS = 4 * min(LEAF_SIZES)
MIN_EVENTS = 2 * FOLDS
# Slices of one tree that are tested.
MAX_CANDIDATES = 2
# Of the events of a slice, more than this share must not be in slices that it could repeat.
MIN_NEW_SHARE = 0.5
SEED = 1

Labels = npt.NDArray[np.integer]
Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FoundSlice:
    """A slice in which an event is more frequent than elsewhere.

    Attributes:
        slice: the slice.
        members: ``(N,)``, its digits.
        events: how often the event occurs among them.
        average: share of the event in the class of the slice, 0…1.
        tested: the share of the event with its 95% interval, among the members in the half that
            had no part in choosing the slice.
        tested_events: their events.
        tested_total: their number.
        p_value: of Fisher's exact test on that half, corrected by Holm's method.
    """

    slice: Slice
    members: Masks
    events: int
    average: float
    tested: Estimate
    tested_events: int
    tested_total: int
    p_value: float

    @property
    def total(self) -> int:
        """How many digits the slice has."""
        return int(self.members.sum())

    @property
    def share(self) -> float:
        """The share of its digits with the event, 0…1."""
        return self.events / self.total

    @property
    def ratio(self) -> float:
        """The share of the event in the slice as a multiple of that in its class."""
        return self.share / self.average

    def score(self, event: Masks) -> float:
        """How well the slice separates the digits with the event, ``(N,)``, from the others.

        The F1 score (0…1) of "is in the slice" as a prediction of the event: it is high if most
        digits of the slice have the event, and most digits with the event are in the slice.
        """
        return 2 * self.events / (self.total + int(event.sum()))


@dataclass(frozen=True, eq=False)
class Digits:
    """Labels, measures, and whether the event occurs, ``(N,)`` each."""

    labels: Labels
    measures: Measures
    event: Masks

    def choose(self, chosen: Masks) -> "Digits":
        """Those of a mask ``(N,)``."""
        measures = {name: self.measures[name][chosen] for name in NAMES}
        return Digits(self.labels[chosen], measures, self.event[chosen])


def find_slices(labels: Labels, measures: Measures, event: Masks) -> list[FoundSlice]:
    """Find the slices in which an event is more frequent than in the rest of their class.

    With a probability of at least 95%, none is found where the event has nothing to do with the
    measures: the p-values of Fisher's exact test are corrected for all tests by Holm's method.

    Args:
        labels: ``(N,)`` classes.
        measures: ``(N,)`` each.
        event: ``(N,)``, where it occurs.

    Returns:
        The slices, that with the highest F1 score first. Most events of each are in no slice before
        it, or the event is more frequent in it beyond chance.
    """
    digits = Digits(labels, measures, event)
    half = _halve(labels, event)
    searched = [
        (group, chosen)
        for chosen in (half, ~half)
        for group in GROUPS
        if _can_be_searched(event[chosen & select_class(group, labels)])
    ]
    candidates = [
        _test(slice_, digits, ~chosen)
        for group, chosen in searched
        for slice_ in _propose(group, digits.choose(chosen & select_class(group, labels)))
    ]
    # The largest number of tests there can be: the actual one depends on the digits.
    tests = MAX_CANDIDATES * len(searched)
    found = sorted(_correct(candidates, tests), key=lambda item: -item.score(event))
    return list(_drop_repeated(found, event))


def _halve(labels: Labels, event: Masks) -> Masks:
    """A random half of the digits, with half of the events of every class."""
    random = np.random.default_rng(SEED)
    half = np.zeros(len(labels), bool)
    for group in GROUPS[1:]:
        for value in (False, True):
            places = random.permutation(np.flatnonzero((labels == group) & (event == value)))
            half[places[random.integers(2) :: 2]] = True
    return half


def _can_be_searched(event: Masks) -> bool:
    """Whether digits with the event, and without it, are in every fold of the cross-validation."""
    return FOLDS <= int(event.sum()) <= len(event) - FOLDS


def _propose(group: int | None, digits: Digits) -> list[Slice]:
    """The slices of a class's tree in which the event is most frequent; they do not overlap."""
    slices = [Slice(group, ranges) for ranges in _grow_tree(digits)]
    members = {slice_: slice_.select(digits.labels, digits.measures) for slice_ in slices}
    p_values = {slice_: find_p_value(digits.event, members[slice_]) for slice_ in slices}
    proposed: list[Slice] = []
    for slice_ in sorted(slices, key=p_values.__getitem__):
        if not any((members[slice_] & members[one]).any() for one in proposed):
            proposed.append(slice_)
    return proposed[:MAX_CANDIDATES]


def _grow_tree(digits: Digits) -> list[tuple[Range, ...]]:
    """The ranges of every node of a decision tree but the root."""
    # The import takes a second that few pages need.
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    values = np.column_stack([digits.measures[name] for name in NAMES]).astype(np.float32)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    parts = [*folds.split(values, digits.event)]

    def measure_brier_score(tree: Any) -> float:
        """The mean over the folds. GridSearchCV computes the same in more than twice the time."""
        scores = []
        for learned, rest in parts:
            tree.fit(values[learned], digits.event[learned], check_input=False)
            shares = tree.predict_proba(values[rest], check_input=False)[:, 1]
            scores.append(np.mean((shares - digits.event[rest]) ** 2))
        return float(np.mean(scores))

    trees = [
        DecisionTreeClassifier(max_depth=depth, min_samples_leaf=size, random_state=SEED)
        for depth in DEPTHS
        for size in LEAF_SIZES
    ]
    best = min(trees, key=measure_brier_score)
    return list(_walk(best.fit(values, digits.event, check_input=False).tree_, 0, {}))


def _walk(tree: Any, node: int, limits: dict[str, Range]) -> Iterator[tuple[Range, ...]]:
    """The ranges of a node and of all below it."""
    if limits:
        yield tuple(limits[name] for name in NAMES if name in limits)
    if tree.children_left[node] < 0:
        return
    name = NAMES[tree.feature[node]]
    limit = round(float(tree.threshold[node]), 2)
    outer = limits.get(name, Range(name))
    sides = ((tree.children_left, Range(name, outer.low, limit)),
             (tree.children_right, Range(name, limit, outer.high)))  # fmt: skip
    for children, inner in sides:
        yield from _walk(tree, int(children[node]), limits | {name: inner})


def _test(slice_: Slice, digits: Digits, other: Masks) -> FoundSlice | None:
    """Test a slice on the half that had no part in choosing it; None where it has no digit there.

    Args:
        slice_: chosen on one half.
        digits: all.
        other: ``(N,)``, the other half.
    """
    members = slice_.select(digits.labels, digits.measures)
    of_class = select_class(slice_.digit, digits.labels)
    tested = members & other
    total, events = int(tested.sum()), int(digits.event[tested].sum())
    if not total:
        return None
    return FoundSlice(
        slice_,
        members,
        int(digits.event[members].sum()),
        float(digits.event[of_class].mean()),
        estimate_share(events, total),
        events,
        total,
        find_p_value(digits.event[of_class & other], members[of_class & other]),
    )


def find_p_value(event: Masks, members: Masks) -> float:
    """The one-sided p-value of Fisher's exact test.

    The probability that as many or more of the members have the event, if the members are a random
    sample. R. A. Fisher, "On the interpretation of χ² from contingency tables, and the calculation
    of P", Journal of the Royal Statistical Society 85 (1922), doi:10.2307/2340521.
    """
    from scipy.stats import hypergeom  # noqa: PLC0415  half a second that few pages need

    inside = int(event[members].sum())
    return float(hypergeom.sf(inside - 1, len(event), int(event.sum()), int(members.sum())))


def _correct(candidates: Iterable[FoundSlice | None], tests: int) -> Iterator[FoundSlice]:
    """Those that are significant by Holm's method, with the p-values that it corrects."""
    tested = sorted(filter(None, candidates), key=lambda item: item.p_value)
    p_values = correct_p_values([item.p_value for item in tested], tests=tests)
    for item, p_value in zip(tested, p_values, strict=True):
        if p_value < SIGNIFICANCE_LEVEL:
            yield replace(item, p_value=p_value)


def _drop_repeated(found: Iterable[FoundSlice], event: Masks) -> Iterator[FoundSlice]:
    """Leave out slices that say little new: most of their events are in slices before them.

    A slice says more than one before it if the event is more frequent in it beyond chance.
    """
    kept: list[FoundSlice] = []
    for item in found:
        before = [one.members for one in kept if one.share >= item.tested.low]
        events = item.members & event
        new = events & ~np.logical_or.reduce([np.zeros_like(event), *before])
        if new.sum() > MIN_NEW_SHARE * events.sum():
            kept.append(item)
            yield item
