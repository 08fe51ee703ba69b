"""Weak slices: digits that look alike in some way and are misclassified more often than others."""

import numpy as np
import numpy.typing as npt

from core.analysis.findings.finding import Finding, Kind, Subject, show_first
from core.analysis.findings.slice_search import FoundSlice, find_slices
from core.analysis.slices import name_class

ID = "weak_slices"


def find_weak_slices(subject: Subject) -> list[Finding]:
    """Find the slices that a model misclassifies more often than the rest of their class."""
    found = find_slices(subject.labels, subject.measures, subject.wrong)
    return [_describe(item, subject) for item in found]


def _describe(found: FoundSlice, subject: Subject) -> Finding:
    name = found.slice.name(subject.labels, subject.measures)
    return Finding(
        ID,
        f"{name}: {found.events:,} of {found.total:,} misclassified, {compare_with_class(found)}",
        describe_test(found, "are misclassified"),
        show_first(order_members(found, subject.wrong, subject.evaluation.confidence)),
        str(found.slice),
    )


def compare_with_class(found: FoundSlice) -> str:
    """``3 times the average of sevens (4.8%)``."""
    group = f"{'all ' * (found.slice.digit is None)}{name_class(found.slice.digit).lower()}"
    return f"{found.ratio:.2g} times the average of {group} ({found.average:.1%})"


def describe_test(found: FoundSlice, happened: str) -> str:
    """The limits of a slice, and what happened on the half that had no part in choosing it."""
    limits = found.slice.describe_limits()
    p_value = f"p = {found.p_value:.4f}" if found.p_value >= 0.0001 else "p < 0.0001"
    return (
        f"{limits[0].upper()}{limits[1:]}. The slice was found on half of all digits and tested on "
        f"the other half: {found.tested_events:,} of its {found.tested_total:,} digits there "
        f"{happened} (95% interval {found.tested.low:.1%} to {found.tested.high:.1%}; {p_value}, "
        "corrected for the number of tests)."
    )


def order_members(
    found: FoundSlice, event: npt.NDArray[np.bool_], confidence: npt.NDArray[np.floating]
) -> npt.NDArray[np.int64]:
    """The digits of a slice: those with the event first, then by confidence in the prediction."""
    members = np.flatnonzero(found.members)
    return members[np.lexsort((-confidence[members], ~event[members]))]


WEAK_SLICES = Kind(
    ID,
    "Weak slices",
    "Decision trees on half of the digits find the slices by their measures. Fisher's exact test "
    "confirms them on the other half. The slice that separates errors from correct predictions "
    "best, by the F1 score, comes first.",
    find_weak_slices,
)
