import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from core.analysis.class_report import report_classes
from core.analysis.confusion import (
    ConfusedPair,
    ConfusionMatrix,
    count_confusions,
    list_confused_pairs,
)


@pytest.fixture
def predictions(random) -> tuple[np.ndarray, np.ndarray]:
    labels = random.integers(0, 10, 800).astype(np.uint8)
    predicted = np.where(random.random(800) < 0.7, labels, random.integers(0, 10, 800))
    return labels, predicted


def test_counts_agree_with_scikit_learn(predictions):
    labels, predicted = predictions
    expected = confusion_matrix(labels, predicted, labels=range(10))
    assert np.array_equal(count_confusions(labels, predicted), expected)


def test_class_reports_agree_with_scikit_learn_on_single_predictions(predictions):
    labels, predicted = predictions
    expected = precision_recall_fscore_support(labels, predicted, labels=range(10))
    reports = report_classes(ConfusionMatrix(count_confusions(labels, predicted)))
    for column, name in enumerate(("precision", "recall", "f1", "support")):
        assert [getattr(report, name) for report in reports] == pytest.approx(
            expected[column].tolist()
        )


def test_a_score_that_divides_by_zero_is_none():
    counts = np.zeros((10, 10), int)
    counts[0, 0], counts[0, 1], counts[2, 0] = 5, 1, 4
    scores = [
        (report.precision, report.recall, report.f1)
        for report in report_classes(ConfusionMatrix(counts))
    ]
    assert scores[:4] == [
        (pytest.approx(5 / 9), pytest.approx(5 / 6), pytest.approx(10 / 15)),
        (0, None, 0),
        (None, 0, 0),
        (None, None, None),
    ]
    assert ConfusionMatrix(counts).row_shares[3].sum() == 0


def test_shares_are_of_the_true_class():
    counts = np.zeros((10, 10), int)
    counts[4, 4], counts[4, 9] = 30, 10
    matrix = ConfusionMatrix(counts)
    assert matrix.row_shares[4, 9] == pytest.approx(0.25)
    assert (matrix.total, matrix.correct) == (40, 30)


def test_pairs_are_sorted_by_count_without_correct_predictions():
    counts = np.diag(np.full(10, 100))
    counts[4, 9], counts[9, 4], counts[1, 7] = 3, 8, 5
    assert list_confused_pairs(ConfusionMatrix(counts)) == [
        ConfusedPair(9, 4, 8),
        ConfusedPair(1, 7, 5),
        ConfusedPair(4, 9, 3),
    ]


@pytest.mark.parametrize("counts", [np.zeros((9, 10)), np.full((10, 10), -1)])
def test_invalid_counts_are_refused(counts):
    with pytest.raises(ValueError, match="expected 10×10 counts"):
        ConfusionMatrix(counts)
