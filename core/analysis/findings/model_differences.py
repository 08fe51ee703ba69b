"""Model differences: slices that one of two models classifies correctly and the other does not."""

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation
from core.analysis.findings.finding import Finding, Subject, show_first
from core.analysis.findings.slice_search import FoundSlice, find_slices
from core.analysis.findings.weak_slices import compare_with_class, describe_test, order_members

ID = "model_differences"
# Slices that are shown where there is more to show besides.
MAX_BESIDES = 3


def find_model_differences(subject: Subject, better: Evaluation) -> list[Finding]:
    """Find the slices in which another model beats that of the subject.

    In these, digits that only the other model classifies correctly are more frequent than in the
    rest of their class, and more frequent than those that only the subject's model does.

    Args:
        subject: the model that is wrong there, and the digits.
        better: the other model's predictions for the same digits.
    """
    only_better = subject.wrong & (better.predicted == subject.labels)
    only_own = ~subject.wrong & (better.predicted != subject.labels)
    return [
        _describe(item, int(only_own[item.members].sum()), only_better, subject, better.title)
        for item in find_slices(subject.labels, subject.measures, only_better)
        if item.events > only_own[item.members].sum()
    ]


def _describe(
    found: FoundSlice,
    own: int,
    only_better: npt.NDArray[np.bool_],
    subject: Subject,
    title: str,
) -> Finding:
    """Tell of a slice of which ``own`` digits are right only for the subject's model."""
    name = found.slice.name(subject.labels, subject.measures)
    return Finding(
        ID,
        f"{name}: only {title} is right for {found.events:,} of {found.total:,}, "
        f"{compare_with_class(found)}; only {subject.evaluation.title} for {own}",
        describe_test(found, f"are classified correctly only by {title}"),
        show_first(order_members(found, only_better, subject.evaluation.confidence)),
        str(found.slice),
    )
