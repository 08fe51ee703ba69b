import numpy as np
import pytest

from core.inference.prediction import Prediction


def test_a_prediction_knows_its_digit_its_confidence_and_its_best_three():
    prediction = Prediction(
        "m", "M", np.array([0, 0.1, 0, 0.6, 0, 0, 0, 0.3, 0, 0], np.float32), 0.001
    )
    assert prediction.digit == 3
    assert prediction.confidence == pytest.approx(0.6)
    assert [digit for digit, _ in prediction.top(3)] == [3, 7, 1]
    assert prediction.top(2)[1][1] == pytest.approx(0.3)


@pytest.mark.parametrize("probabilities", [np.ones(10), np.ones(9) / 9, np.full(10, np.nan)])
def test_probabilities_that_are_no_distribution_are_refused(probabilities):
    with pytest.raises(ValueError, match="add up to 1"):
        Prediction("m", "M", probabilities, 0.0)
