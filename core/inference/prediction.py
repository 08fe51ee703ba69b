"""A prediction: what one model says of one frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Prediction:
    """Ten probabilities and how they came about.

    Attributes:
        probabilities: ``(10,)`` float32, a distribution over the digits 0…9.
        seconds: wall-clock time the model took.
        not_sure: the confidence is lower than nearly all real digits give; it may be no digit.
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


def majority_vote(predictions: list[Prediction]) -> Prediction:
    """The prediction that speaks for all: of the digit most models name, the surest.

    Models that are not sure have no say while another one is sure.

    Raises:
        ValueError: there is no prediction to choose from.
    """
    if not predictions:
        raise ValueError("expected at least one prediction, got none")
    voters = [one for one in predictions if not one.not_sure] or predictions
    votes = [prediction.digit for prediction in voters]
    return max(voters, key=lambda one: (votes.count(one.digit), one.confidence))
