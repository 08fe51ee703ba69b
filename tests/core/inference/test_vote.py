"""The vote of several models on one frame."""

import numpy as np
import pytest

from core.inference.prediction import Prediction
from core.inference.vote import combine_predictions


def predict(digit: int, confidence: float, *, weight: float = 1.0) -> Prediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return Prediction("a_model", "A model", probabilities, 0.001, not_sure_below=0.5, weight=weight)


def test_models_that_agree_give_their_digit_with_their_mean_confidence():
    vote = combine_predictions([predict(9, 0.9), predict(9, 0.7)])
    assert (vote.character, vote.doubts) == ("9", 0)
    assert vote.confidence == pytest.approx(0.8)


def test_the_majority_wins_against_one_model():
    vote = combine_predictions([predict(4, 0.99), predict(9, 0.8), predict(9, 0.9)])
    assert vote.character == "9"


def test_models_that_all_disagree_find_no_digit():
    vote = combine_predictions([predict(1, 0.9), predict(2, 0.95), predict(3, 0.9)])
    assert (vote.character, vote.digit, vote.doubts) == ("?", 2, 0)


def test_a_model_that_knows_no_non_digits_does_not_overrule_two_that_do():
    doubting = [predict(0, 0.2, weight=0.6), predict(0, 0.2, weight=0.6)]
    assert combine_predictions([*doubting, predict(0, 0.99, weight=0.05)]).character == "?"
    # With the same weight it would.
    assert combine_predictions([predict(0, 0.3), predict(0, 0.3), predict(0, 0.99)]).is_digit


def test_one_model_alone_decides_by_its_threshold_whatever_its_weight():
    assert combine_predictions([predict(4, 0.51, weight=0.02)]).character == "4"
    unsure = combine_predictions([predict(4, 0.49, weight=0.02)])
    assert (unsure.character, unsure.digit, unsure.doubts) == ("?", 4, 1)


def test_a_vote_needs_a_prediction():
    with pytest.raises(ValueError, match="at least one"):
        combine_predictions([])
