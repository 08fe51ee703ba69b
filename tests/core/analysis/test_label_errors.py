import numpy as np
import pytest

from core.analysis.evaluation import Evaluation, load_test_evaluation
from core.analysis.label_errors import (
    KNOWN_MNIST_TEST_ERRORS,
    estimate_accuracy_without,
    find_suspects,
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
    suspects = find_suspects([evaluation])
    assert [(one.index, one.label, one.suggested) for one in suspects[:2]] == [(1, 4, 9), (3, 9, 4)]
    assert suspects[0].self_confidence == pytest.approx(0.01)
    # Nines are 0.6 sure of being one on average, fours 0.455: both suggestions reach that.
    assert [one.is_confident for one in suspects] == [True, True, False, False]


def test_a_suggestion_less_sure_than_its_class_is_on_average_is_no_confident_error():
    evaluation = make_evaluation([9, 9, 4], [{9: 0.99}, {9: 0.97}, {9: 0.7, 4: 0.1}])
    (suspect,) = find_suspects([evaluation], most=1)
    assert (suspect.index, suspect.suggested, suspect.is_confident) == (2, 9, False)


def test_several_models_doubt_by_their_mean():
    one = make_evaluation([1, 2], [{1: 0.8}, {2: 0.5}])
    other = make_evaluation([1, 2], [{1: 0.0, 7: 0.9}, {2: 0.5}])
    assert [suspect.index for suspect in find_suspects([one, other])] == [0, 1]
    with pytest.raises(ValueError, match="at least one evaluation"):
        find_suspects([])


def test_most_known_errors_of_the_mnist_test_set_are_among_our_suspects(mnist_test):
    evaluations = [load_test_evaluation(one, mnist_test) for one in list_model_ids()]
    suspects = find_suspects(evaluations)
    assert len(suspects) == 40
    found = {one.index for one in suspects} & set(KNOWN_MNIST_TEST_ERRORS)
    assert len(found) >= 8


def test_excluded_digits_do_not_count():
    evaluation = make_evaluation([1, 2, 3], [{1: 0.9}, {7: 0.9}, {8: 0.9}])
    assert estimate_accuracy_without(evaluation, []).value == pytest.approx(1 / 3)
    assert estimate_accuracy_without(evaluation, {1: 7}).value == pytest.approx(1 / 2)


def test_the_known_errors_are_labelled_otherwise_than_suggested(mnist_test):
    assert len(KNOWN_MNIST_TEST_ERRORS) == 15
    for index, suggested in KNOWN_MNIST_TEST_ERRORS.items():
        assert mnist_test.labels[index] != suggested
