import numpy as np

from core.analysis.evaluation import Evaluation
from core.analysis.findings import overconfident_errors, overlapping_classes, weak_slices
from core.analysis.findings.finding import MAX_SHOWN, Finding, Subject
from core.analysis.findings.members import find_members
from core.analysis.findings.near_duplicates import NEAR_DUPLICATES
from core.analysis.findings.outliers import OUTLIERS
from core.analysis.findings.suspected_labels import SUSPECTED_LABELS
from core.analysis.findings.weak_slices import WEAK_SLICES
from core.digits.datasets import Dataset
from tests.core.analysis.findings.made_up import find_planted, make_subject


def name(kind: str, scope: str = "") -> Finding:
    return Finding(kind, "", "", (), scope)


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


def test_all_members_are_found_of_findings_that_list_only_the_first_ones():
    """Each kind is planted in more digits than a finding lists."""
    random = np.random.default_rng(0)
    count, planted = 400, MAX_SHOWN + 5
    subject = make_subject(0)
    labels = subject.labels[:count]
    images = random.integers(0, 80, (count, 28, 28)).astype(np.uint8)
    images[:planted] = random.integers(0, 256, (planted, 28, 28))  # far from all others
    images[100 : 100 + planted] = images[200 : 200 + planted]
    probabilities = np.full((count, 10), 0.001, np.float32)
    probabilities[np.arange(count), labels] = 0.991
    probabilities[300 : 300 + planted] = np.roll(probabilities[300 : 300 + planted], 1, axis=1)
    dataset = Dataset("made_up", "Made up", images, labels)
    subject = Subject(dataset, Evaluation("m", "M", labels, probabilities), {})
    for kind, starts in ((OUTLIERS, [0]), (NEAR_DUPLICATES, [100, 200]), (SUSPECTED_LABELS, [300])):
        expected = [start + step for start in starts for step in range(planted)]
        (finding,) = kind.find(subject)
        assert len(finding.indices) == MAX_SHOWN
        assert {*finding.indices} < {*expected}
        assert np.flatnonzero(find_members(finding, subject)).tolist() == expected
        assert finding.name == kind.id
