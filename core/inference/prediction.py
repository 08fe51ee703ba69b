"""A prediction: the probabilities of one model for one frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Prediction:
    """Ten probabilities and the model that predicted them.

    Attributes:
        probabilities: ``(10,)`` float32, a distribution over the digits 0…9.
        seconds: wall-clock time that the model took.
        not_sure_below: the confidence, 0…1, that nearly all real digits reach.
        weight: in a vote of several models, above 0.
        model_sha256: SHA-256 of the model's LiteRT file, in hexadecimal.
    """

    model_id: str
    title: str
    probabilities: npt.NDArray[np.float32]
    seconds: float
    not_sure_below: float = 0.0
    weight: float = 1.0
    model_sha256: str = ""

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

    @property
    def not_sure(self) -> bool:
        """Whether the confidence is lower than for nearly all real digits."""
        return self.confidence < self.not_sure_below

    def top(self, count: int) -> list[tuple[int, float]]:
        """The ``count`` most probable digits with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(int(digit), float(self.probabilities[digit])) for digit in order]
