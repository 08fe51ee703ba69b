"""Selections: some of the digits of a map, by their classes or by an area drawn around them.

An area is a polygon; a box is one with four corners. This module does not know how one is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation

# An address has room for an area with so many corners.
MIN_CORNERS, MAX_CORNERS = 3, 100
SIGNIFICANT_DIGITS = 3


@dataclass(frozen=True)
class Area:
    """A polygon on a map; ``corners`` are ``MIN_CORNERS`` to ``MAX_CORNERS`` pairs of x and y."""

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not MIN_CORNERS <= len(self.corners) <= MAX_CORNERS:
            raise ValueError(
                f"expected {MIN_CORNERS} to {MAX_CORNERS} corners, got {len(self.corners)}"
            )
        if not np.isfinite(self.corners).all():
            raise ValueError("expected finite coordinates")

    def contains(self, positions: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Which of the positions ``(N, 2)`` are inside, by the even-odd rule; ``(N,)``."""
        x, y = positions.T
        inside = np.zeros(len(positions), bool)
        for (x0, y0), (x1, y1) in zip(
            self.corners, self.corners[1:] + self.corners[:1], strict=True
        ):
            if y0 != y1:  # the edge crosses the ray to the right of the points between y0 and y1
                crossing = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
                inside ^= ((y0 > y) != (y1 > y)) & (x < crossing)
        return inside

    def to_text(self) -> str:
        """The coordinates of the corners for an address, such as ``0.1,0.2,0.5,0.2,0.3,0.7``."""
        return ",".join(
            f"{value:.{SIGNIFICANT_DIGITS}g}" for corner in self.corners for value in corner
        )

    @classmethod
    def from_text(cls, text: str) -> "Area | None":
        """Read an area back; None where the text is none."""
        try:
            values = [float(part) for part in text.split(",")]
            return cls(tuple(zip(values[::2], values[1::2], strict=True)))
        except ValueError:
            return None


def draw_area(x: Sequence[float], y: Sequence[float], *, is_box: bool) -> Area:
    """An area from what was drawn on a chart; of a lasso with many corners, some are left out.

    Args:
        x: of the corners of a lasso; of two opposite corners of a box.
        y: of the same corners.
        is_box: whether it is a box.
    """
    if is_box:
        (x0, x1), (y0, y1) = x, y
        return Area(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    step = -(-len(x) // MAX_CORNERS)
    return Area(tuple(zip(x[::step], y[::step], strict=True)))


def choose_digits(
    evaluation: Evaluation, *, true: int | None, predicted: int | None
) -> npt.NDArray[np.bool_]:
    """Which digits have a label and a prediction, ``(N,)``; None stands for any."""
    chosen = np.ones(len(evaluation.labels), bool)
    if true is not None:
        chosen &= evaluation.labels == true
    if predicted is not None:
        chosen &= evaluation.predicted == predicted
    return chosen


def sort_by_difficulty(
    evaluation: Evaluation, chosen: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """The indices of the chosen digits: the misclassified first, and the least confident first."""
    indices = np.flatnonzero(chosen)
    is_correct = (evaluation.predicted == evaluation.labels)[indices]
    return indices[np.lexsort((evaluation.confidence[indices], is_correct))]


def take_digits(evaluation: Evaluation, indices: npt.NDArray[np.int64]) -> Evaluation:
    """The evaluation of some of the digits."""
    return replace(
        evaluation,
        labels=evaluation.labels[indices],
        probabilities=evaluation.probabilities[indices],
    )
