"""Selections: some of the digits of a map, by their classes or by areas drawn around them.

An area is a polygon; a box is one with four corners. This module does not know how one is drawn.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation
from core.analysis.outlines import MIN_CORNERS, simplify_polygons

# So many corners, in one area or in several, take about 1,900 characters of an address.
MAX_CORNERS = 350
MAX_AREAS = 20
# Of a lasso, before it is simplified, which takes the square of their number. A mouse makes fewer.
MAX_DRAWN = 1_000
# As precise as the positions on a stored map. Maps extend from −1 to 1; float16 ends at 65,504.
COORDINATE, MAX_COORDINATE = "<f2", 6e4
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
        """The corners for an address: Base64 of their coordinates as float16."""
        return urlsafe_b64encode(np.array(self.corners, COORDINATE).tobytes()).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> "Area | None":
        """Read an area back, or one such as ``0.1,0.2,0.5,0.2,0.3,0.7``; None for other texts."""
        try:
            if "," in text:
                values = np.array(text.split(","), float)
            else:
                values = np.frombuffer(urlsafe_b64decode(text + "=="), COORDINATE)
            return cls.from_array(values.reshape(-1, 2))
        except ValueError:
            return None

    @classmethod
    def from_array(cls, corners: npt.NDArray[np.floating]) -> "Area":
        """An area with the corners ``(N, 2)``."""
        return cls(tuple((x, y) for x, y in corners.tolist()))


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
    """Areas from what was drawn on a chart: at most ``MAX_AREAS``, ``MAX_CORNERS`` in all.

    Args:
        lassos: ``x`` and ``y`` of the corners of each. Where there are too many, those that change
            the shapes least are left out, and so is a lasso that is a line.
        boxes: ``x`` and ``y`` of two opposite corners of each.
    """
    outlines = [*map(_find_corners, boxes), *map(_take_corners, lassos)]
    drawn = [np.array(one, float) for one in outlines[-MAX_AREAS:]]
    areas = []
    for corners in simplify_polygons(drawn, MAX_CORNERS):
        with suppress(ValueError):
            clipped = corners.clip(-MAX_COORDINATE, MAX_COORDINATE)
            areas.append(Area.from_array(clipped.astype(COORDINATE)))
    return tuple(areas)


def _find_corners(box: Mapping[str, Sequence[float]]) -> list[tuple[float, float]]:
    (x0, x1), (y0, y1) = box["x"], box["y"]
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _take_corners(lasso: Mapping[str, Sequence[float]]) -> list[tuple[float, float]]:
    corners = [*zip(lasso["x"], lasso["y"], strict=True)]
    return corners[:: -(-len(corners) // MAX_DRAWN) or 1]


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
