"""The vote: what several models together predict for one frame.

Pages, the API and batch prediction all call ``combine_predictions``, so that they give the same
character for the same frame and the same models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.inference.prediction import Prediction

# Written for what is no digit.
NO_DIGIT = "?"
# What a frame without a digit may be.
MAYBE_NO_DIGIT, MAYBE_TWO_DIGITS = "No digit?", "Two digits?"


@dataclass(frozen=True)
class Vote:
    """The result of a vote.

    Attributes:
        digit: the most likely digit, 0…9, also where the models doubt that there is one.
        confidence: of the vote in that digit, 0…1.
        is_digit: whether the models take the frame for a digit.
        doubts: the number of models that are not sure that the frame shows a digit.
        question: what the frame may be instead of one digit; empty where there is no doubt.
    """

    digit: int
    confidence: float
    is_digit: bool
    doubts: int
    question: str = ""

    @property
    def character(self) -> str:
        """The digit, or "?"."""
        return str(self.digit) if self.is_digit else NO_DIGIT


def combine_predictions(predictions: Sequence[Prediction]) -> Vote:
    """The digit that most models predict, with the confidence of the most confident of these.

    A tie is decided by confidence, too. Models that are not sure are left out, unless all are.

    Raises:
        ValueError: there is no prediction.
    """
    if not predictions:
        raise ValueError("expected at least one prediction, got none")
    voters = [prediction for prediction in predictions if not prediction.not_sure] or [*predictions]
    votes = [prediction.digit for prediction in voters]
    winner = max(voters, key=lambda voter: (votes.count(voter.digit), voter.confidence))
    return Vote(
        digit=winner.digit,
        confidence=winner.confidence,
        is_digit=not winner.not_sure,
        doubts=sum(prediction.not_sure for prediction in predictions),
        question=MAYBE_NO_DIGIT if winner.not_sure else "",
    )
