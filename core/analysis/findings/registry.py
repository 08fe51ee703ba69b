"""The registry of all kinds of findings, in the order in which pages show them."""

from core.analysis.findings.finding import Finding, Subject
from core.analysis.findings.near_duplicates import NEAR_DUPLICATES
from core.analysis.findings.outliers import OUTLIERS
from core.analysis.findings.overconfident_errors import OVERCONFIDENT_ERRORS
from core.analysis.findings.overlapping_classes import OVERLAPPING_CLASSES
from core.analysis.findings.suspected_labels import SUSPECTED_LABELS
from core.analysis.findings.unsure_slices import UNSURE_SLICES
from core.analysis.findings.weak_slices import WEAK_SLICES

KINDS = {
    kind.id: kind
    for kind in (
        WEAK_SLICES,
        UNSURE_SLICES,
        OVERLAPPING_CLASSES,
        OVERCONFIDENT_ERRORS,
        OUTLIERS,
        SUSPECTED_LABELS,
        NEAR_DUPLICATES,
    )
}


def find_all(subject: Subject) -> list[Finding]:
    """All findings of all kinds, kind by kind, the most important of each first."""
    return [finding for kind in KINDS.values() for finding in kind.find(subject)]
