"""Each kind of finding, on predictions in which one thing is wrong and on those without it."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.evaluation import Evaluation
from core.analysis.findings.finding import MAX_SHOWN, Finding, Subject
from core.analysis.findings.model_differences import find_model_differences
from core.analysis.findings.near_duplicates import find_near_duplicates
from core.analysis.findings.outliers import find_outliers
from core.analysis.findings.registry import KINDS, find_all
from core.analysis.findings.stored import load_findings, save_findings
from core.models.files import FINDINGS_FILE, LITERT_FILE, load_card
from tests.core.analysis.findings.made_up import find_planted, make_subject


def predict(subject: Subject, predicted: np.ndarray, confidence: float) -> Subject:
    """The same digits with other predictions, all with one confidence."""
    count = len(predicted)
    probabilities = np.full((count, 10), (1 - confidence) / 9, np.float32)
    probabilities[np.arange(count), predicted] = confidence
    return replace(subject, evaluation=Evaluation("m", "M", subject.labels, probabilities))


def read_kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


@pytest.fixture(scope="module")
def subject():
    return make_subject(5)


def test_correct_predictions_have_no_findings(subject):
    assert find_all(predict(subject, subject.labels, 0.95)) == []


def test_a_slice_is_told_in_a_sentence_with_its_counts_and_its_interval():
    subject = make_subject(0, planted=True)
    finding = KINDS["weak_slices"].find(subject)[0]
    members = find_planted(subject.labels, subject.measures)
    assert finding.sentence.startswith("Sevens that are thin and lean to the left: ")
    assert "times the average of sevens" in finding.sentence
    assert finding.evidence.startswith("Thickness below 2.4")
    assert re.search(
        r"found on half of all digits and tested on the other half: \d+ of its \d+ digits there "
        r"are misclassified \(95% interval [\d.]+% to [\d.]+%; p < 0\.0001, corrected",
        finding.evidence,
    )
    assert subject.wrong[list(finding.indices)].all()
    assert members[list(finding.indices)].mean() > 0.7


def test_a_slice_of_correct_predictions_with_little_confidence_is_unsure():
    subject = make_subject(1)
    right = predict(subject, subject.labels, 0.95)
    members = np.flatnonzero(find_planted(subject.labels, subject.measures))
    right.evaluation.probabilities[members, subject.labels[members]] = 0.6
    (finding,) = KINDS["unsure_slices"].find(right)
    assert re.match(
        r"Sevens that are thin and lean to the left: \d+ of \d+ predicted with a confidence below "
        r"90%, [\d.]+ times the average of sevens",
        finding.sentence,
    )
    assert set(finding.indices) <= set(members)
    assert KINDS["weak_slices"].find(right) == []


def test_two_classes_that_are_taken_for_each_other_overlap(subject):
    predicted = subject.labels.astype(int)
    fours, nines = (np.flatnonzero(predicted == digit)[:12] for digit in (4, 9))
    predicted[fours], predicted[nines] = 9, 4
    predicted[np.flatnonzero(subject.labels == 0)[:8]] = np.arange(1, 9)
    (finding,) = KINDS["overlapping_classes"].find(predict(subject, predicted, 0.5))
    assert finding.sentence == "4 and 9 are confused 24 times: 75% of all errors"
    assert finding.scope == "4/9"
    assert len(finding.indices) == MAX_SHOWN
    assert {*finding.indices} < {*fours, *nines}


@pytest.mark.parametrize(("errors", "found"), [(100, True), (35, False)])
def test_confident_predictions_that_are_wrong_too_often_are_found(subject, errors, found):
    predicted = subject.labels.astype(int)
    predicted[:errors] = (predicted[:errors] + 1) % 10
    # With a confidence of 99 %, 30 of the 3,000 predictions may be wrong.
    findings = KINDS["overconfident_errors"].find(predict(subject, predicted, 0.99))
    assert [finding.sentence for finding in findings] == [
        "100 of the 3,000 predictions with a confidence of 90% or more are wrong; by their "
        "confidence, 30 would be"
    ] * found


def test_improbable_labels_are_suspected(subject):
    labels = subject.labels.astype(int)
    labels[17] = (labels[17] + 5) % 10
    right = predict(subject, labels, 0.999)
    (finding,) = KINDS["suspected_labels"].find(right)
    assert finding.indices == (17,)
    assert finding.sentence.startswith("1 label is suspected to be wrong")


@pytest.fixture
def drawn(subject):
    """Digits of dots that are all about as far from each other."""
    images = np.random.default_rng(0).integers(0, 80, (200, 28, 28)).astype(np.uint8)
    dataset = replace(subject.dataset, images=images, labels=subject.labels[:200])
    drawn = predict(replace(subject, dataset=dataset), subject.labels[:200], 0.95)
    assert find_outliers(drawn) == find_near_duplicates(drawn) == []
    return drawn


def change_image(subject: Subject, index: int, image: np.ndarray) -> Subject:
    images = subject.dataset.images.copy()
    images[index] = image
    return replace(subject, dataset=replace(subject.dataset, images=images))


def test_a_digit_unlike_all_others_is_an_outlier(drawn):
    (finding,) = find_outliers(change_image(drawn, 20, np.full((28, 28), 255)))
    assert finding.sentence.startswith("1 digit is unlike all others: none misclassified (0%")
    assert finding.indices == (20,)


def test_digits_that_are_almost_equal_are_near_duplicates(drawn):
    image = drawn.dataset.images[30].copy()
    image[3, 3] += 1
    (finding,) = find_near_duplicates(change_image(drawn, 90, image))
    assert finding.indices == (30, 90)
    differing = "none" if drawn.labels[30] == drawn.labels[90] else "2"
    assert f"equal to another one, {differing} of them with another label" in finding.sentence


def test_where_one_model_beats_another_is_found_in_that_direction_only():
    subject = make_subject(1, planted=True)
    predicted = subject.labels.astype(int)
    missed = np.random.default_rng(3).random(len(predicted)) < 0.06
    predicted[missed] = (predicted[missed] + 1) % 10
    other = predict(subject, predicted, 0.9)
    finding = find_model_differences(subject, replace(other.evaluation, title="Other"))[0]
    assert finding.sentence.startswith("Sevens that are thin and lean to the left: only Other is ")
    assert subject.wrong[list(finding.indices)].all()
    assert not other.wrong[list(finding.indices)].any()
    backwards = find_model_differences(other, subject.evaluation)
    assert not any("thin and lean to the left" in found.sentence for found in backwards)


def test_stored_findings_are_read_back_for_the_same_training_of_the_model(tmp_path):
    (tmp_path / "mlp").mkdir()
    card = load_card("mlp")
    found = [Finding("weak_slices", "A sentence", "Evidence", (1, 2), "7 slant<0")]
    save_findings(card, {"mnist_test": found}, tmp_path)
    assert load_findings(card, "mnist_test", tmp_path) == found
    assert load_findings(card, "bundled_digits", tmp_path) is None
    trained_again = replace(card, files={**card.files, LITERT_FILE: "0" * 64})
    assert load_findings(trained_again, "mnist_test", tmp_path) is None
    (tmp_path / "mlp" / FINDINGS_FILE).write_text("{", "utf-8")
    assert load_findings(card, "mnist_test", tmp_path) is None
