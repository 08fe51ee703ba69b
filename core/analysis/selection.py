"""Selections: some of the digits of a map, by their classes or by areas drawn around them.

An area is a polygon; a box is one with four corners. This module does not know how one is drawn.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation

# An address has room for so many corners, in one area or in several.
MIN_CORNERS, MAX_CORNERS = 3, 100
MAX_AREAS = 20
SIGNIFICANT_DIGITS = 3
# Maps extend from −1 to 1; far beyond, the arithmetic would overflow.
MAX_COORDINATE = 1e6
BETWEEN_AREAS = ";"


@dataclass(frozen=True)
class Area:
    """A polygon on a map; ``corners`` are ``MIN_CORNERS`` to ``MAX_CORNERS`` pairs of x and y."""

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not MIN_CORNERS <= len(self.corners) <= MAX_CORNERS:
            raise ValueError(
                f"expected {MIN_CORNERS} to {MAX_CORNERS} corners, got {len(self.corners)}"
            )
        if not (np.abs(self.corners) <= MAX_COORDINATE).all():  # a NaN is not
            raise ValueError(f"expected coordinates up to {MAX_COORDINATE:g}")

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


Areas = tuple[Area, ...]


def write_areas(areas: Areas) -> str:
    """Areas for an address, with ``BETWEEN_AREAS`` between them."""
    return BETWEEN_AREAS.join(area.to_text() for area in areas)


def read_areas(text: str) -> Areas:
    """Read areas back; what is none is left out, and so are those with too many corners."""
    read = filter(None, map(Area.from_text, text.split(BETWEEN_AREAS)))
    areas: list[Area] = []
    for area in read:
        if sum(len(one.corners) for one in [*areas, area]) <= MAX_CORNERS:
            areas.append(area)
    return tuple(areas)


def find_inside(areas: Areas, positions: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which of the positions ``(N, 2)`` are inside of at least one of the areas; ``(N,)``."""
    inside = [area.contains(positions) for area in areas]
    return np.logical_or.reduce([np.zeros(len(positions), bool), *inside])


def draw_areas(
    lassos: Sequence[Mapping[str, Sequence[float]]], boxes: Sequence[Mapping[str, Sequence[float]]]
) -> Areas:
    """Areas from what was drawn on a chart: at most ``MAX_AREAS``, with at most ``MAX_CORNERS``.

    Args:
        lassos: ``x`` and ``y`` of the corners of each, of which some are left out where there are
            many. A lasso that is a line is left out.
        boxes: ``x`` and ``y`` of two opposite corners of each.
    """
    outlines = [[*zip(lasso["x"], lasso["y"], strict=True)] for lasso in lassos]
    drawn = [*map(_find_corners, boxes), *outlines][-MAX_AREAS:]
    areas = []
    for corners in drawn:
        step = -(-len(corners) * len(drawn) // MAX_CORNERS)
        with suppress(ValueError):
            areas.append(Area(tuple(corners[::step])))
    return tuple(areas)


def _find_corners(box: Mapping[str, Sequence[float]]) -> list[tuple[float, float]]:
    (x0, x1), (y0, y1) = box["x"], box["y"]
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


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
