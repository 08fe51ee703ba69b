"""Unsure slices: digits that look alike in some way and are predicted with little confidence.

A model with few errors may have no weak slice that stands out from chance, but it is less sure of
some digits than of others long before it misclassifies them.
"""

from core.analysis.findings.finding import CONFIDENT, Finding, Kind, Subject, show_first
from core.analysis.findings.slice_search import find_slices
from core.analysis.findings.weak_slices import compare_with_class, describe_test, order_members

ID = "unsure_slices"
# How many slices are told at most.
MAX_FOUND = 5


def find_unsure_slices(subject: Subject) -> list[Finding]:
    """Find the slices in which a model is unsure more often than in the rest of their class."""
    confidence = subject.evaluation.confidence
    unsure = confidence < CONFIDENT
    return [
        Finding(
            ID,
            f"{found.slice.name(subject.labels, subject.measures)}: {found.events:,} of "
            f"{found.total:,} predicted with a confidence below {CONFIDENT:.0%}, "
            f"{compare_with_class(found)}",
            describe_test(found, f"have a confidence below {CONFIDENT:.0%}"),
            show_first(order_members(found, unsure, -confidence)),
            str(found.slice),
        )
        for found in find_slices(subject.labels, subject.measures, unsure)[:MAX_FOUND]
    ]


UNSURE_SLICES = Kind(
    ID,
    "Unsure slices",
    f"Slices with many predictions below a confidence of {CONFIDENT:.0%}, right or wrong. They are "
    "found and confirmed as weak slices are.",
    find_unsure_slices,
)
