from dataclasses import replace

import numpy as np
import pytest

from core.inference.prediction import Prediction, majority_vote


def predict(digit: int, confidence: float, title: str = "A model") -> Prediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return Prediction(title.lower(), title, probabilities, 0.001)


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


def test_the_majority_wins_against_a_more_confident_model():
    vote = majority_vote([predict(4, 0.99), predict(9, 0.5), predict(9, 0.6)])
    assert vote.digit == 9
    assert vote.confidence == pytest.approx(0.6)


def test_without_a_majority_the_most_confident_prediction_wins():
    assert majority_vote([predict(1, 0.5), predict(2, 0.8), predict(3, 0.7)]).digit == 2


def test_models_that_are_not_sure_do_not_vote_unless_all_are():
    unsure = [replace(predict(4, 0.4), not_sure=True), replace(predict(4, 0.5), not_sure=True)]
    assert majority_vote([*unsure, predict(9, 0.6)]).digit == 9
    assert majority_vote(unsure).digit == 4
    assert majority_vote(unsure).not_sure


def test_a_vote_needs_a_prediction():
    with pytest.raises(ValueError, match="at least one"):
        majority_vote([])
