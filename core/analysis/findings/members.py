"""The members of a finding: all of its digits, where a finding itself lists only the first ones.

Where digits have nothing in common that an address could say, they are found again.
"""

import numpy as np
import numpy.typing as npt

from core.analysis.findings import (
    near_duplicates,
    outliers,
    overconfident_errors,
    overlapping_classes,
    suspected_labels,
)
from core.analysis.findings.finding import CONFIDENT, Finding, Subject
from core.analysis.slices import parse_slice

# By kind: those of the findings that say what their digits are by nothing but a list.
LISTS = {
    outliers.ID: outliers.list_outliers,
    suspected_labels.ID: suspected_labels.list_suspects,
    near_duplicates.ID: near_duplicates.list_near_duplicates,
}


def find_members(finding: Finding, subject: Subject) -> npt.NDArray[np.bool_]:
    """Which of the ``(N,)`` digits a finding is about."""
    if finding.kind == overlapping_classes.ID:
        return _find_confused(finding.scope, subject)
    if finding.kind == overconfident_errors.ID:
        return subject.wrong & (subject.evaluation.confidence >= CONFIDENT)
    if finding.scope:
        return parse_slice(finding.scope).select(subject.labels, subject.measures)
    members = np.zeros(len(subject.labels), bool)
    members[LISTS[finding.kind](subject)] = True
    return members


def _find_confused(pair: str, subject: Subject) -> npt.NDArray[np.bool_]:
    """The digits of two classes, such as ``4/9``, that are predicted as each other."""
    digits = [int(digit) for digit in pair.split("/")]
    predicted = subject.evaluation.predicted
    return subject.wrong & np.isin(subject.labels, digits) & np.isin(predicted, digits)
