"""The vote of several models on one frame."""

from dataclasses import replace

import numpy as np
import pytest

from core.inference.prediction import Prediction
from core.inference.vote import MAYBE_NO_DIGIT, combine_predictions


def predict(digit: int, confidence: float) -> Prediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[digit] = confidence
    return Prediction("a_model", "A model", probabilities, 0.001)


def test_the_majority_wins_against_a_more_confident_model():
    vote = combine_predictions([predict(4, 0.99), predict(9, 0.5), predict(9, 0.6)])
    assert vote.digit == 9
    assert vote.confidence == pytest.approx(0.6)


def test_without_a_majority_the_most_confident_prediction_wins():
    assert combine_predictions([predict(1, 0.5), predict(2, 0.8), predict(3, 0.7)]).digit == 2


def test_models_that_are_not_sure_do_not_vote_unless_all_are():
    unsure = [replace(predict(4, 0.4), not_sure=True), replace(predict(4, 0.5), not_sure=True)]
    one_is_sure = combine_predictions([*unsure, predict(9, 0.6)])
    assert (one_is_sure.character, one_is_sure.doubts) == ("9", 2)
    assert not one_is_sure.question
    none_is_sure = combine_predictions(unsure)
    assert (none_is_sure.character, none_is_sure.digit, none_is_sure.doubts) == ("?", 4, 2)
    assert none_is_sure.question == MAYBE_NO_DIGIT


def test_a_vote_needs_a_prediction():
    with pytest.raises(ValueError, match="at least one"):
        combine_predictions([])
