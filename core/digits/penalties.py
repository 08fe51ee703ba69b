"""Penalties: what speaks against a group of pieces, and against a border between two of them.

Penalties are 0 or more, in units of log-confidence, and come from boxes and distances alone. All
lengths are measured in the height of the row, so the unit of the boxes does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.rows import Boxes

# Overlaps of pieces narrower or lower than this are measured as shares of this length.
MIN_SIDE = 0.15
# Boxes whose heights overlap by a smaller share lie one above the other. They are never left and
# right digits, so their overlap counts STACKED times.
MIN_BESIDE_OVERLAP = 0.2
STACKED = 3.0
# A piece is compared with this many on the other side of a border.
MAX_COMPARED = 5
# A digit is seldom wider than this, by its own height, or lower than this, by the row's. Its width
# counts up to MAX_EXCESS more.
USUAL_WIDTH = 0.9
MAX_EXCESS = 1.0
USUAL_HEIGHT = 0.85
# Two pieces of one digit are both higher than this only where they touch or almost do, as in a 4.
TALL = 0.45
# Ends of strokes that are closer than this meet.
MEETING = 0.06
# Larger distances between pieces of one digit count as this one.
MAX_DISTANCE = 0.15

Lengths = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PenaltyWeights:
    """Chosen on numbers made of pen digits (``core.analysis.numbers``).

    Attributes:
        pieces: for each piece of a group beyond the first.
        tall_distance: for two tall pieces of one group as far apart as ``MAX_DISTANCE``.
        low_distance: for a low piece of a group that is as far from the others.
        width: for a group that is wider than ``USUAL_WIDTH`` by its own height.
        lowness: for a group that is lower than ``USUAL_HEIGHT`` by the height of the row.
        overlap: for a border between two pieces, one of which covers the width of the other.
        offset: for a border between two tall pieces, one of which begins where the other one ends.
        tips: for a border between two strokes that begin or end at the same place.
        crossing: for a border between strokes that cross each other, as in a plus sign.
        skipped: for a small piece that belongs to no digit.
    """

    pieces: float = 0.8
    tall_distance: float = 1.0
    low_distance: float = 1.0
    width: float = 2.0
    lowness: float = 5.0
    overlap: float = 2.0
    offset: float = 2.0
    tips: float = 1.0
    crossing: float = 4.0
    skipped: float = 1.25


@dataclass(frozen=True, eq=False)
class PieceRow:
    """The pieces of a row from left to right, in any unit.

    Attributes:
        boxes: ``(P, 4)``: left, top, right, bottom.
        distances: ``(P, P)`` between the ink of two pieces.
        wholes: the stroke or component that each piece is, or was cut from.
        tips: ``(P, P)``, the distances between the ends of two strokes; infinite for ink.
        crossings: ``(P, P)``, whether two strokes cross as in a plus sign; False for ink.
        cuts: ``(P − 1,)``, the penalty of a border that cuts a stroke or component; 0 for others.
        height: of the row.
    """

    boxes: Boxes
    distances: Lengths
    tips: Lengths
    crossings: npt.NDArray[np.bool_]
    wholes: Sequence[int]
    cuts: Lengths
    height: float


def weigh_group(row: PieceRow, start: int, end: int, weights: PenaltyWeights) -> float:
    """The penalty of pieces ``start`` to ``end − 1`` as one digit, without that of its border."""
    boxes = row.boxes[start:end]
    width, height = ((boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)) / row.height).tolist()
    excess = max(0.0, width - USUAL_WIDTH * height) / height if height else MAX_EXCESS
    tall, low = _measure_distances(row, start, end)
    return (
        weights.pieces * (len(set(row.wholes[start:end])) - 1)
        + weights.tall_distance * tall
        + weights.low_distance * low
        + weights.width * min(MAX_EXCESS, excess)
        + weights.lowness * max(0.0, USUAL_HEIGHT - height)
    )


def _measure_distances(row: PieceRow, start: int, end: int) -> tuple[float, float]:
    """How far apart the tall pieces of a group are, and how far the low ones from the others."""
    distances = row.distances[start:end, start:end]
    heights = row.boxes[start:end, 3] - row.boxes[start:end, 1]
    tall = low = 0.0
    for piece in range(1, end - start):
        nearest = int(distances[piece, :piece].argmin())
        distance = min(1.0, distances[piece, nearest] / row.height / MAX_DISTANCE)
        if min(heights[piece], heights[nearest]) > TALL * row.height:
            tall += distance
        else:
            low += distance
    return tall, low


def weigh_borders(row: PieceRow, weights: PenaltyWeights) -> Lengths:
    """The penalty of each border between two neighbours, ``(P − 1,)``, cuts included."""
    uncut = row.cuts == 0
    meeting = np.diagonal(row.tips, 1) < MEETING * row.height
    return (
        weights.overlap * measure_overlaps(row)
        + weights.offset * (_measure_offsets(row) * uncut)
        + weights.tips * (meeting & uncut)
        + weights.crossing * find_between(row.crossings)
        + row.cuts
    )


def measure_overlaps(row: PieceRow) -> Lengths:
    """How much pieces on either side of a border overlap, ``(P − 1,)``; 0 for cuts.

    As a share of the narrower piece; up to ``STACKED`` where one lies above the other.
    """
    widths, heights = _measure_shares(row)
    shares = widths * np.where(heights < MIN_BESIDE_OVERLAP, STACKED, 1.0)
    overlaps = [
        shares[max(0, border - MAX_COMPARED) : border, border : border + MAX_COMPARED].max()
        for border in range(1, len(row.boxes))
    ]
    return overlaps * (row.cuts == 0)


def _measure_offsets(row: PieceRow) -> Lengths:
    """How much less than the whole height two tall neighbours overlap, ``(P − 1,)``.

    As a share of the lower one; 0 where one of them is not tall.
    """
    tall = row.boxes[:, 3] - row.boxes[:, 1] > TALL * row.height
    _, heights = _measure_shares(row)
    return (1 - np.diagonal(heights, 1)) * (tall[1:] & tall[:-1])


def _measure_shares(row: PieceRow) -> tuple[Lengths, Lengths]:
    """How much any two pieces overlap, by the smaller one's width and height, ``(P, P)`` each."""
    starts, ends = row.boxes[:, :2].T, row.boxes[:, 2:].T
    common = np.minimum(ends[:, :, None], ends[:, None]) - np.maximum(
        starts[:, :, None], starts[:, None]
    )
    sides = np.maximum(ends - starts, MIN_SIDE * row.height)
    widths, heights = np.clip(common / np.minimum(sides[:, :, None], sides[:, None]), 0, 1)
    return widths, heights


def find_between(pairs: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a border lies between any two pieces of a kind, ``(P − 1,)`` of ``(P, P)``."""
    return np.array([pairs[:border, border:].any() for border in range(1, len(pairs))], bool)
