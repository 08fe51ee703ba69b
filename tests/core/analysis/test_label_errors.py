import numpy as np
import pytest

from core.analysis.evaluation import Evaluation, load_test_evaluation
from core.analysis.label_errors import (
    KNOWN_MNIST_TEST_ERRORS,
    estimate_accuracy_without,
    find_suspected_labels,
)
from core.models.files import list_model_ids


def make_evaluation(labels: list[int], rows: list[dict[int, float]]) -> Evaluation:
    """Probabilities as given, the rest spread over the other digits."""
    probabilities = np.zeros((len(rows), 10), np.float32)
    for place, row in enumerate(rows):
        probabilities[place] = (1 - sum(row.values())) / (10 - len(row))
        for digit, probability in row.items():
            probabilities[place, digit] = probability
    return Evaluation("m", "M", np.array(labels, np.uint8), probabilities)


def test_the_least_probable_label_comes_first():
    evaluation = make_evaluation(
        [4, 4, 9, 9], [{4: 0.9}, {9: 0.97, 4: 0.01}, {9: 0.9}, {4: 0.6, 9: 0.3}]
    )
    suspected = find_suspected_labels([evaluation])
    assert [(item.index, item.label, item.suggested) for item in suspected[:2]] == [
        (1, 4, 9), (3, 9, 4),
    ]  # fmt: skip
    assert suspected[0].self_confidence == pytest.approx(0.01)
    # The mean probability of 9 is 0.6 for nines, that of 4 is 0.455 for fours. Both suggestions are
    # at least as probable.
    assert [item.is_confident for item in suspected] == [True, True, False, False]


def test_a_suggestion_less_probable_than_its_class_on_average_is_no_confident_error():
    evaluation = make_evaluation([9, 9, 4], [{9: 0.99}, {9: 0.97}, {9: 0.7, 4: 0.1}])
    (suspected,) = find_suspected_labels([evaluation], count=1)
    assert (suspected.index, suspected.suggested, suspected.is_confident) == (2, 9, False)


def test_the_probabilities_of_several_models_are_averaged():
    first = make_evaluation([1, 2], [{1: 0.8}, {2: 0.5}])
    second = make_evaluation([1, 2], [{1: 0.0, 7: 0.9}, {2: 0.5}])
    assert [item.index for item in find_suspected_labels([first, second])] == [0, 1]
    with pytest.raises(ValueError, match="at least one evaluation"):
        find_suspected_labels([])


def test_most_known_errors_of_the_mnist_test_set_are_suspected(mnist_test):
    evaluations = [load_test_evaluation(model_id, mnist_test) for model_id in list_model_ids()]
    suspected = find_suspected_labels(evaluations)
    assert len(suspected) == 40
    found = {item.index for item in suspected} & set(KNOWN_MNIST_TEST_ERRORS)
    assert len(found) >= 8


def test_excluded_digits_do_not_count():
    evaluation = make_evaluation([1, 2, 3], [{1: 0.9}, {7: 0.9}, {8: 0.9}])
    assert estimate_accuracy_without(evaluation, []).value == pytest.approx(1 / 3)
    assert estimate_accuracy_without(evaluation, {1: 7}).value == pytest.approx(1 / 2)


def test_the_labels_of_known_errors_differ_from_the_suggested_digits(mnist_test):
    assert len(KNOWN_MNIST_TEST_ERRORS) == 15
    for index, suggested in KNOWN_MNIST_TEST_ERRORS.items():
        assert mnist_test.labels[index] != suggested
