import numpy as np
import pytest

from core.analysis.evaluation import (
    Evaluation,
    load_test_evaluation,
    report_from_card,
    report_from_evaluation,
)
from core.models.files import list_model_ids, load_card


@pytest.mark.parametrize("model_id", list_model_ids())
def test_the_report_from_the_card_agrees_with_the_stored_probabilities(model_id, mnist_test):
    stored = report_from_evaluation(load_test_evaluation(model_id, mnist_test))
    card = report_from_card(load_card(model_id))
    assert np.array_equal(stored.confusion.counts, card.confusion.counts)
    assert stored.accuracy == card.accuracy
    assert stored.top_3_accuracy == card.top_3_accuracy


def test_probabilities_must_match_the_labels():
    with pytest.raises(ValueError, match=r"expected probabilities of shape \(3, 10\)"):
        Evaluation("m", "M", np.zeros(3, np.uint8), np.zeros((2, 10), np.float32))
