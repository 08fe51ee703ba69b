"""Segmentation of an ink image: pieces, cuts through touching digits, and the candidates.

Pieces are connected components of ink. Wide ones are cut further, along paths from top to bottom
that cross little ink. Components as small as specks belong to no digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.candidates import build_graph, number_members
from core.digits.cuts import find_cuts
from core.digits.found_digits import FoundDigit
from core.digits.frame import (
    BOX_THRESHOLD,
    FRAME_SIZE,
    MIN_DRAWING_SIZE,
    Frame,
    frame_from_ink,
)
from core.digits.groups import Closeness
from core.digits.ink import EmptyDrawingError, Ink
from core.digits.penalties import PenaltyWeights
from core.digits.segmentation import SegmentationGraph

# A component whose longer side is below this share of the digits' height is a speck.
MAX_SPECK_SIZE = 0.12
# An image with more components than this is not writing: the largest ones are used.
MAX_COMPONENTS = 120
# A component at least this wide, by its height, may hold two digits unless it is lower than
# MIN_CUT_HEIGHT, by the digits' height.
MIN_CUT_WIDTH = 0.75
MIN_CUT_HEIGHT = 0.5
# How many cuts are proposed: one, and so many more by the component's aspect ratio.
CUTS_PER_HEIGHT = 2.0
MAX_CUTS = 12
# What a cut costs, and what it costs in addition if it crosses as much ink as the component is
# high; in units of log-confidence.
CUT_PENALTY = 0.5
CROSSED_INK_PENALTY = 4.0
# Wide ink is more often two digits that touch than a wide stroke is.
WIDTH_WEIGHT = 3.0
# Ones side by side are as close as the strokes of an H: only ink that almost touches is one letter.
CLOSENESS = Closeness(joined=0.0, cluster=0.05)

Labels = npt.NDArray[np.int32]
Sides = tuple[int, int, int, int]  # left, top, right and bottom, in pixels


def segment_ink(ink: Ink) -> SegmentationGraph:
    """Propose digits in an ink image.

    Args:
        ink: ``(H, W)`` float32, 0 paper … 1 ink.

    Returns:
        The candidates. Their boxes are in pixels of the ink image.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """
    return build_graph(_InkPieces(ink))


@dataclass(frozen=True)
class InkPart:
    """A component, or one of the parts into which cuts divide it.

    Attributes:
        label: of its pixels.
        component: the label of the component before it was cut.
        sides: of its bounding box.
        cut_penalty: of the cut at its left edge.
    """

    label: int
    component: int
    sides: Sides
    cut_penalty: float = 0.0


class _InkPieces:
    """Components and parts of components as pieces."""

    def __init__(self, ink: Ink) -> None:
        self._ink, self._corner = _crop(ink)
        self._labels, self._count = scipy.ndimage.label(
            self._ink > BOX_THRESHOLD, structure=np.ones((3, 3), np.bool_)
        )
        sides = _list_sides(self._labels)
        components = _choose_components(sides)
        height = _find_height(components)
        divided = [self._divide(component, height) for component in components]
        self._parts = [part for component in divided for part in component]
        self.wholes = number_members(divided)
        self.weights = PenaltyWeights(width=WIDTH_WEIGHT)
        self.closeness = CLOSENESS
        self.boxes = np.array([part.sides for part in self._parts], np.float64)
        whole = {part.component for part in self._parts}
        self._specks = np.array(
            [box for label, box in sides.items() if label not in whole], np.float64
        ).reshape(-1, 4)
        amounts = np.bincount(self._labels.ravel(), self._ink.ravel())
        self._shares = amounts / amounts.sum()

    def measure_distances(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        boxes = self.boxes[list(pieces)]
        gaps = np.maximum(boxes[:, None, :2], boxes[:, :2]) - np.minimum(
            boxes[:, None, 2:], boxes[:, 2:]
        )
        return np.hypot(*np.moveaxis(np.maximum(gaps, 0), 2, 0))

    def measure_tips(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        return np.full((len(pieces), len(pieces)), np.inf)

    def measure_crossings(self, pieces: Sequence[int]) -> npt.NDArray[np.bool_]:
        return np.zeros((len(pieces), len(pieces)), bool)

    def weigh_cut(self, piece: int) -> float:
        return self._parts[piece].cut_penalty

    def measure_ink(self, pieces: Sequence[int]) -> float:
        return float(sum(self._shares[self._parts[piece].label] for piece in pieces))

    def join(self, pieces: Sequence[int]) -> FoundDigit:
        left, top = self.boxes[pieces, :2].min(axis=0).astype(int).tolist()
        right, bottom = self.boxes[pieces, 2:].max(axis=0).astype(int).tolist()
        # One pixel more on each side, for ink that is too faint to belong to a component.
        area = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
        ink = self._ink[area]
        if self._holds_others(pieces, (left - 1, top - 1, right + 1, bottom + 1)):
            kept = np.zeros(self._count + 1, np.bool_)
            kept[[0, *(self._parts[piece].label for piece in pieces)]] = True
            ink = np.where(kept[self._labels[area]], ink, np.float32(0))
        x, y = self._corner
        return FoundDigit((x + left, y + top, x + right, y + bottom), _build_frame(ink), ink=ink)

    def _holds_others(self, pieces: Sequence[int], sides: Sides) -> bool:
        """Whether other pieces or specks lie within a box."""
        others = np.concatenate([np.delete(self.boxes, pieces, axis=0), self._specks])
        apart = (others[:, :2] >= sides[2:]) | (others[:, 2:] <= sides[:2])
        return not apart.any(axis=1).all()

    def _divide(self, component: InkPart, height: float) -> list[InkPart]:
        """Cut a wide component, and give each part a label of its own."""
        left, top, right, bottom = component.sides
        shape = bottom - top, right - left
        if shape[1] < MIN_CUT_WIDTH * shape[0] or shape[0] < MIN_CUT_HEIGHT * height:
            return [component]
        labels = self._labels[top:bottom, left:right]
        own = labels == component.label
        ink = np.where(own, self._ink[top:bottom, left:right], np.float32(0))
        count = min(MAX_CUTS, 1 + round(CUTS_PER_HEIGHT * shape[1] / shape[0]))
        cuts = find_cuts(ink, max_cuts=count)
        if not cuts:
            return [component]
        right_of = [np.arange(shape[1]) >= cut.columns[:, None] for cut in cuts]
        numbers = np.where(own, np.sum(right_of, axis=0) + 1, 0)
        sides = _list_sides(numbers, left, top)
        if min(map(_find_longer_side, sides.values())) < MIN_DRAWING_SIZE:
            return [component]
        labels[own] = self._count + numbers[own]
        penalties = [0.0, *(CUT_PENALTY + CROSSED_INK_PENALTY * cut.crossed_ink for cut in cuts)]
        parts = [
            InkPart(self._count + number, component.label, box, penalties[number - 1])
            for number, box in sides.items()
        ]
        self._count += len(cuts) + 1
        return parts


def _crop(ink: Ink) -> tuple[Ink, tuple[int, int]]:
    """The area that has ink, and the position of its left upper corner."""
    rows, columns = np.flatnonzero(ink.max(axis=1)), np.flatnonzero(ink.max(axis=0))
    if not len(rows):
        raise EmptyDrawingError("There is no ink in this picture. Use another picture.")
    top, left = int(rows[0]), int(columns[0])
    return ink[top : rows[-1] + 1, left : columns[-1] + 1], (left, top)


def _choose_components(sides: Mapping[int, Sides]) -> list[InkPart]:
    """The components that are no specks."""
    longer = {label: _find_longer_side(box) for label, box in sides.items()}
    largest = sorted(longer, key=lambda label: -longer[label])[:MAX_COMPONENTS]
    if not largest or longer[largest[0]] < MIN_DRAWING_SIZE:
        raise EmptyDrawingError("The digit in this picture is too small. Use a larger picture.")
    components = [InkPart(label, label, sides[label]) for label in sorted(largest)]
    smallest = max(MIN_DRAWING_SIZE, MAX_SPECK_SIZE * _find_height(components))
    return [part for part in components if longer[part.label] >= smallest]


def _find_height(components: Sequence[InkPart]) -> float:
    """The height of digits: half of the components' total height belongs to lower ones."""
    heights = sorted(part.sides[3] - part.sides[1] for part in components)
    total = np.cumsum(heights)
    return float(heights[int(np.searchsorted(total, total[-1] / 2))])


def _build_frame(ink: Ink) -> Frame:
    """The frame of a candidate; blank where a few faint pixels are all its ink."""
    try:
        return frame_from_ink(ink)
    except EmptyDrawingError:
        return np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)


def _list_sides(labels: npt.NDArray[np.integer], left: int = 0, top: int = 0) -> dict[int, Sides]:
    """The bounding boxes of labels, in an area that begins at ``left`` and ``top``."""
    return {
        label: (
            left + columns.start,
            top + rows.start,
            left + columns.stop,
            top + rows.stop,
        )
        for label, area in enumerate(scipy.ndimage.find_objects(labels), start=1)
        if area is not None
        for rows, columns in [area]
    }


def _find_longer_side(sides: Sides) -> int:
    left, top, right, bottom = sides
    return max(right - left, bottom - top)
