"""Labels known to be wrong, flagged wherever their digits are shown."""

import numpy as np
import pytest

from core.analysis.evaluation import Evaluation
from core.digits.datasets import Dataset
from pages.parts.compare.agreement import describe_digit
from pages.widgets.label_errors import FLAG

WRONG, RIGHT = 947, 946  # indices in the MNIST test set


@pytest.fixture
def eights() -> Evaluation:
    labels = np.full(1000, 8, np.uint8)
    return Evaluation("a", "A", labels, np.eye(10, dtype=np.float32)[np.full(1000, 9)])


def make_dataset(dataset_id: str, labels: np.ndarray) -> Dataset:
    images = np.zeros((len(labels), 28, 28), np.uint8)
    return Dataset(id=dataset_id, title=dataset_id, images=images, labels=labels)


def test_compare_flags_a_known_error_of_the_mnist_test_set_and_no_other_digit(eights):
    dataset = make_dataset("mnist_test", eights.labels)
    caption, sentence = describe_digit(WRONG, [eights], dataset)
    assert caption == f"8 → 9 {FLAG}"
    assert sentence == (
        "Number 947, an 8: A predicts 9. Its label is known to be wrong: it should be a 9"
    )
    assert describe_digit(RIGHT, [eights], dataset) == ("8 → 9", "Number 946, an 8: A predicts 9")


def test_the_same_index_in_another_data_set_is_not_flagged(eights):
    dataset = make_dataset("bundled_digits", eights.labels)
    assert FLAG not in describe_digit(WRONG, [eights], dataset)[0]
