"""A prediction: the probabilities of one model for one frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Prediction:
    """Ten probabilities and the model that predicted them.

    Attributes:
        probabilities: ``(10,)`` float32, a distribution over the digits 0…9.
        seconds: wall-clock time that the model took.
        not_sure: whether the confidence is lower than for nearly all real digits: the input may not
            be a digit.
    """

    model_id: str
    title: str
    probabilities: npt.NDArray[np.float32]
    seconds: float
    not_sure: bool = False

    def __post_init__(self) -> None:
        total = float(np.sum(self.probabilities))
        if self.probabilities.shape != (10,) or not abs(total - 1) <= 1e-3:
            raise ValueError(
                f"expected ten probabilities that add up to 1, got shape "
                f"{self.probabilities.shape} and a sum of {total:.4f}"
            )

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """The probability of the most probable digit."""
        return float(self.probabilities.max())

    def top(self, count: int) -> list[tuple[int, float]]:
        """The ``count`` most probable digits with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in order]


def majority_vote(predictions: Sequence[Prediction]) -> Prediction:
    """The prediction of the digit that most models predict; of these, the most confident one.

    A tie is decided by confidence, too. Models that are not sure are left out, unless all are.

    Raises:
        ValueError: there is no prediction to choose from.
    """
    if not predictions:
        raise ValueError("expected at least one prediction, got none")
    voters = [prediction for prediction in predictions if not prediction.not_sure] or [*predictions]
    votes = [prediction.digit for prediction in voters]
    return max(voters, key=lambda voter: (votes.count(voter.digit), voter.confidence))
