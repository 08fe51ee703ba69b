import numpy as np
import pytest

from core.analysis.evaluation import Evaluation, evaluate, report_from_evaluation
from core.analysis.misclassifications import (
    ORDERS,
    list_misclassifications,
    sort_misclassifications,
)
from core.inference.classifier import load_classifier


@pytest.fixture
def evaluation() -> Evaluation:
    """Digits 4, 4, 9, 1, 4, predicted as 9, 4, 4, 7, 9 with increasing confidence."""
    labels = np.array([4, 4, 9, 1, 4], np.uint8)
    probabilities = np.full((5, 10), 0.0, np.float32)
    for row, (digit, confidence) in enumerate(
        zip([9, 4, 4, 7, 9], [0.4, 0.5, 0.6, 0.7, 0.8], strict=True)
    ):
        probabilities[row] = (1 - confidence) / 9
        probabilities[row, digit] = confidence
    return Evaluation("m", "M", labels, probabilities)


def test_the_most_confident_misclassification_comes_first(evaluation):
    found = list_misclassifications(evaluation)
    assert [item.index for item in found] == [4, 3, 2, 0]
    assert (found[0].true, found[0].predicted) == (4, 9)
    assert found[0].confidence == pytest.approx(0.8)


def test_the_number_of_each_pair_can_be_limited(evaluation):
    found = list_misclassifications(evaluation, max_per_pair=1)
    assert [item.index for item in found] == [4, 3, 2]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("Highest confidence first", [4, 3, 2, 0]),
        ("Lowest confidence first", [0, 2, 3, 4]),
        ("By true digit", [3, 4, 0, 2]),
        ("By predicted digit", [2, 3, 4, 0]),
    ],
)
def test_misclassifications_are_sorted_in_an_order(evaluation, order, expected):
    found = sort_misclassifications(list_misclassifications(evaluation), order)
    assert [item.index for item in found] == expected
    assert order in ORDERS


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ({(4, 9)}, [4, 0]),
        ({(9, 4)}, [2]),
        ({(4, 9), (9, 4)}, [4, 2, 0]),
        ({(3, 5)}, []),
        (set(), []),
    ],
)
def test_pairs_are_ordered(evaluation, pairs, expected):
    found = list_misclassifications(evaluation, pairs=frozenset(pairs))
    assert [item.index for item in found] == expected


def test_confidence_bounds_are_inclusive(evaluation):
    low, high = (float(evaluation.confidence[row]) for row in (2, 3))
    assert [item.index for item in list_misclassifications(evaluation, confidence=(low, high))] == [
        3,
        2,
    ]


@pytest.mark.parametrize("model_id", ["lenet5", "logistic_regression"])
def test_the_number_of_misclassifications_agrees_with_the_confusion_matrix(
    bundled_digits, model_id
):
    evaluation = evaluate(load_classifier(model_id), bundled_digits)
    counts = report_from_evaluation(evaluation).confusion.counts
    for true, predicted in [(4, 9), (1, 7), (8, 1)]:
        found = list_misclassifications(evaluation, pairs=frozenset({(true, predicted)}))
        assert len(found) == counts[true, predicted]
    assert len(list_misclassifications(evaluation)) == counts.sum() - np.trace(counts)
