import numpy as np

from core.analysis.findings import (
    outliers,
    overconfident_errors,
    overlapping_classes,
    weak_slices,
)
from core.analysis.findings.finding import MAX_SHOWN, Finding
from core.analysis.findings.members import find_members
from core.analysis.findings.weak_slices import WEAK_SLICES
from tests.core.analysis.findings.made_up import find_planted, make_subject


def name(kind: str, scope: str = "", indices: tuple[int, ...] = ()) -> Finding:
    return Finding(kind, "", "", indices, scope)


def test_the_members_of_a_found_slice_are_all_its_digits():
    subject = make_subject(0, planted=True)
    first = WEAK_SLICES.find(subject)[0]
    members = find_members(first, subject)
    assert members.sum() > MAX_SHOWN
    assert members[list(first.indices)].all()
    planted = find_planted(subject.labels, subject.measures)
    assert (members & planted).sum() > 0.8 * planted.sum()
    assert first.name == first.scope
    linked = name(weak_slices.ID, "7 thickness<2.45 slant<0")
    assert (find_members(linked, subject) == planted).all()


def test_the_members_of_other_findings():
    subject = make_subject(0)
    labels, predicted = subject.labels, subject.evaluation.predicted
    confused = [{int(a), int(b)} == {4, 5} for a, b in zip(labels, predicted, strict=True)]
    assert sum(confused) > 0
    pair = name(overlapping_classes.ID, "4/5")
    assert find_members(pair, subject).tolist() == confused
    confident = name(overconfident_errors.ID)
    assert (
        find_members(confident, subject) == subject.wrong
    ).all()  # all have a confidence of 0.91
    listed = name(outliers.ID, indices=(7, 3))
    assert np.flatnonzero(find_members(listed, subject)).tolist() == [3, 7]
    assert listed.name == outliers.ID
