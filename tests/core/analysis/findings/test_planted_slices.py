import pytest

from core.analysis.evaluation import load_test_evaluation
from core.inference.classifier import load_classifier
from tests.planted_slices import BLURRED, MISLABELLED, is_named, plant


# Ordered by the lower bound of the share of errors, a small part of these came first.
@pytest.mark.parametrize(("kind", "digit"), [(BLURRED, 7), (BLURRED, 9), (MISLABELLED, 4)])
def test_planted_digits_of_mnist_are_named_first(kind, digit, mnist_test):
    evaluation = load_test_evaluation("lenet5", mnist_test)
    planting = plant(kind, digit, mnist_test, evaluation, load_classifier("lenet5"), blur=4.5)
    assert is_named(planting)
