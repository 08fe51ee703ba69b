"""Segmentation of pen strokes: pieces, cuts within a stroke, and the candidates made of them.

A stroke as short as a tap beside longer ones is a speck: it belongs to no digit, wherever it lies,
so the dot of a dotted zero does not count either.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.candidates import build_graph, number_members
from core.digits.found_digits import Box, FoundDigit
from core.digits.frame import Points, draw_frame, validate_strokes
from core.digits.groups import Closeness
from core.digits.penalties import PenaltyWeights
from core.digits.segmentation import SegmentationGraph

# A stroke whose longer side is below this share of the longest stroke's is a speck.
MAX_SPECK_SIZE = 0.1
# A stroke at least this wide, by the height of the tallest stroke, may hold two digits unless it is
# less than half as high. It is cut where the pen passes a column once, into parts at least
# MIN_PART_WIDTH wide (by its height).
MIN_CUT_WIDTH = 1.1
MIN_PART_WIDTH = 0.1
MAX_CUTS = 3
COLUMNS = 48
# Points at which the distance between two strokes is measured.
SAMPLES = 32
# Strokes cross where this share of each of them, at least, lies on either side.
MIN_BEYOND = 0.15
# How close strokes are that may belong together, by the height of the row.
CLOSENESS = Closeness(joined=0.1, cluster=0.2)
# Units of log-confidence.
CUT_PENALTY = 1.5


@dataclass(frozen=True, eq=False)
class StrokePart:
    """A stroke or a part of it.

    Attributes:
        stroke: its index.
        points: ``(n, 2)``.
        place: among the parts of its stroke, in the order of writing.
    """

    stroke: int
    points: Points
    place: int = 0


def segment_strokes(strokes: Sequence[npt.ArrayLike]) -> SegmentationGraph:
    """Propose digits in pen strokes.

    Args:
        strokes: one ``(n, 2)`` array a stroke, of x (rightwards) and y (downwards) in any unit.

    Raises:
        ValueError: a stroke is not an ``(n, 2)`` array of finite numbers.
        EmptyDrawingError: there is too little ink to be a digit.
    """
    lines = validate_strokes(strokes)
    kept = _drop_specks(lines)
    tallest = max(float(np.ptp(lines[stroke][:, 1])) for stroke in kept)
    cut = [_cut_stroke(stroke, lines[stroke], tallest) for stroke in kept]
    return build_graph(_StrokePieces(lines, cut))


class _StrokePieces:
    """Parts of strokes as pieces."""

    def __init__(self, lines: Sequence[Points], cut: Sequence[Sequence[StrokePart]]) -> None:
        self._lines = lines
        self._parts = parts = [part for stroke in cut for part in stroke]
        self._part_counts = {stroke[0].stroke: len(stroke) for stroke in cut}
        self.wholes = number_members(cut)
        self.weights = PenaltyWeights()
        self.closeness = CLOSENESS
        self.boxes = np.array([_find_box([part.points]) for part in parts])
        self._samples = [_sample(part.points) for part in parts]
        lengths = np.array([_measure_length(part.points) for part in parts])
        self._shares = lengths / sum(map(_measure_length, lines))

    def measure_distances(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        samples = [self._samples[piece] for piece in pieces]
        return np.array([[_measure_distance(a, b) for b in samples] for a in samples])

    def measure_tips(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        tips = [self._samples[piece][[0, -1]] for piece in pieces]
        return np.array([[_measure_distance(a, b) for b in tips] for a in tips])

    def measure_crossings(self, pieces: Sequence[int]) -> npt.NDArray[np.bool_]:
        samples = [self._samples[piece] for piece in pieces]
        return np.array([[a is not b and _cross(a, b) for b in samples] for a in samples])

    def weigh_cut(self, _piece: int) -> float:
        return CUT_PENALTY

    def join(self, pieces: Sequence[int]) -> FoundDigit:
        parts = sorted(
            (self._parts[piece] for piece in pieces), key=lambda part: (part.stroke, part.place)
        )
        strokes = {
            stroke: [*own] for stroke, own in itertools.groupby(parts, lambda part: part.stroke)
        }
        lines = [line for stroke, own in strokes.items() for line in self._join_parts(stroke, own)]
        return FoundDigit(_find_box(lines), draw_frame(lines), tuple(strokes))

    def _join_parts(self, stroke: int, parts: Sequence[StrokePart]) -> list[Points]:
        """The stroke as it was written where all of its parts are there."""
        if len(parts) == self._part_counts[stroke]:
            return [self._lines[stroke]]
        return [part.points for part in parts]

    def measure_ink(self, pieces: Sequence[int]) -> float:
        return float(self._shares[list(pieces)].sum())


def _drop_specks(lines: Sequence[Points]) -> list[int]:
    """Indices of the strokes that are neither empty nor specks."""
    sizes = [float(np.ptp(line, axis=0).max()) if len(line) else -1.0 for line in lines]
    return [index for index, size in enumerate(sizes) if size >= MAX_SPECK_SIZE * max(sizes)]


def _cut_stroke(stroke: int, line: Points, tallest: float) -> list[StrokePart]:
    """Cut a wide stroke where a vertical line meets it only once."""
    width, height = np.ptp(line, axis=0)
    if width < MIN_CUT_WIDTH * tallest or height < tallest / 2:
        return [StrokePart(stroke, line)]
    dense = _fill(line, width / COLUMNS)
    cuts = _find_cuts(dense[:, 0], MIN_PART_WIDTH * min(1.0, height / width))
    edges = itertools.pairwise([0, *cuts, len(dense) - 1])
    return [
        StrokePart(stroke, dense[start : end + 1], place)
        for place, (start, end) in enumerate(edges)
    ]


def _fill(line: Points, spacing: float) -> Points:
    """Points of a line at most ``spacing`` apart, all of its own among them."""
    counts = np.maximum(1, np.ceil(np.hypot(*np.diff(line, axis=0).T) / spacing)).astype(int)
    ends = np.concatenate([[0], np.cumsum(counts)])  # of segments, in steps
    steps = np.arange(ends[-1] + 1)
    return np.stack([np.interp(steps, ends, axis) for axis in line.T], axis=1)


def _find_cuts(x: npt.NDArray[np.float64], margin: float) -> list[int]:
    """Points at which to cut a stroke, in the order of writing.

    Args:
        x: ``(n,)`` of the points.
        margin: the width of the narrowest part, as a share of the stroke's width.
    """
    columns = ((x - x.min()) * (COLUMNS / np.ptp(x))).astype(int)
    lower, upper = np.minimum(columns[1:], columns[:-1]), np.maximum(columns[1:], columns[:-1])
    changes = np.bincount(lower + 1, minlength=COLUMNS + 2) - np.bincount(
        upper + 1, minlength=COLUMNS + 2
    )
    once = np.cumsum(changes) == 1  # for each border between two columns
    first, last = max(1, round(margin * COLUMNS)), COLUMNS - max(1, round(margin * COLUMNS))
    once[:first] = once[last + 1 :] = False
    starts, ends = np.flatnonzero(np.diff(once.astype(int), prepend=0, append=0)).reshape(-1, 2).T
    longest = np.argsort(starts - ends, kind="stable")[:MAX_CUTS]
    borders = (starts[longest] + ends[longest] - 1) // 2
    crossing = (lower < borders[:, None]) & (borders[:, None] <= upper)  # (cuts, segments)
    return sorted(set((crossing.argmax(axis=1) + 1).tolist()) - {len(x) - 1})


def _find_box(lines: Sequence[Points]) -> Box:
    points = np.concatenate(lines)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom


def _measure_length(line: Points) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _sample(line: Points) -> Points:
    """``SAMPLES`` points of a line at equal distances, ``(SAMPLES, 2)``."""
    travelled = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    places = np.linspace(0, travelled[-1], SAMPLES)
    return np.stack([np.interp(places, travelled, axis) for axis in line.T], axis=1)


def _measure_distance(first: Points, second: Points) -> float:
    difference = first[:, None] - second
    return float(np.sqrt(np.einsum("ijk,ijk->ij", difference, difference).min()))


def _cross(first: Points, second: Points) -> bool:
    """Whether two strokes of ``SAMPLES`` points cross as in a plus sign.

    They cross away from their ends, and the middle of one lies left and right within the other.
    Neighbouring digits that run into each other do not.
    """
    if not (_holds_middle(first, second) or _holds_middle(second, first)):
        return False
    ends = round(MIN_BEYOND * SAMPLES)
    a, b = first[ends:-ends], second[ends:-ends]
    return bool((_find_sides(a, b) & _find_sides(b, a).T).any())


def _holds_middle(line: Points, other: Points) -> bool:
    x, places = line[:, 0], other[:, 0]
    return bool(x.min() <= (places.min() + places.max()) / 2 <= x.max())


def _find_sides(line: Points, other: Points) -> npt.NDArray[np.bool_]:
    """Whether each segment of a line has the ends of each segment of the other on both sides.

    Returns:
        ``(n − 1, m − 1)`` for ``n`` and ``m`` points.
    """
    steps, offsets = np.diff(line, axis=0)[:, None], other - line[:-1, None]
    sides = np.sign(steps[..., 0] * offsets[..., 1] - steps[..., 1] * offsets[..., 0])
    return sides[:, 1:] * sides[:, :-1] < 0
