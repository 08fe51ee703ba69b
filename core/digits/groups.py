"""Groups: which neighbouring pieces of a row may be one digit, and what speaks against each.

Penalties are 0 or more, in units of log-confidence, and come from boxes and distances alone. All
lengths are measured in the height of the row, so the unit of the boxes does not matter.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from core.digits.rows import Boxes

# A digit consists of at most this many pieces, or of all pieces that overlap one another.
MAX_PIECES = 5
# Pieces further apart than this are two digits.
MAX_GAP = 0.5
# Pieces that are wider together are several digits.
MAX_WIDTH = 2.0
# Pieces whose boxes overlap by this share of the narrower one hang together.
MIN_CLUSTER_OVERLAP = 0.5
# Overlaps of pieces narrower or lower than this are measured as shares of this length.
MIN_WIDTH = 0.15
# Boxes whose heights overlap by a smaller share lie one above the other.
MIN_BESIDE_OVERLAP = 0.2
STACKED = 3.0
# A digit is seldom wider than the first, or lower than the second.
USUAL_WIDTH = 1.1
USUAL_HEIGHT = 0.85
# Two pieces of one digit are both higher than this only where they touch or almost do, as in a 4.
TALL = 0.45
# Larger distances between pieces of one digit count as this one.
MAX_DISTANCE = 0.15


@dataclass(frozen=True)
class PenaltyWeights:
    """Penalties, chosen on numbers made of pen digits (``core.analysis.numbers``).

    Attributes:
        pieces: for each piece beyond the first.
        tall_distance: for two tall pieces of one group as far apart as ``MAX_DISTANCE``.
        low_distance: for a low piece of a group that is as far from the others.
        width: for a group that is wider than ``USUAL_WIDTH`` by the height of the row.
        lowness: for a group that is lower than ``USUAL_HEIGHT`` by the height of the row.
        overlap: for a border between two pieces, one of which covers the width of the other.
    """

    pieces: float = 0.4
    tall_distance: float = 1.0
    low_distance: float = 1.0
    width: float = 1.5
    lowness: float = 5.0
    overlap: float = 1.0


@dataclass(frozen=True)
class Group:
    """Pieces ``start`` to ``end − 1`` of a row, and the penalty if they are a digit."""

    start: int
    end: int
    penalty: float


@dataclass(frozen=True, eq=False)
class PieceRow:
    """The pieces of a row from left to right, in any unit.

    Attributes:
        boxes: ``(P, 4)``: left, top, right, bottom.
        distances: ``(P, P)`` between the ink of two pieces.
        cut_penalties: ``(P − 1,)``, what a border between two neighbours costs beyond what their
            boxes and their distance say: for a cut through ink.
        height: of the row.
    """

    boxes: Boxes
    distances: npt.NDArray[np.float64]
    cut_penalties: npt.NDArray[np.float64]
    height: float


def propose_groups(row: PieceRow, *, weights: PenaltyWeights | None = None) -> list[Group]:
    """Propose groups of neighbouring pieces, each piece by itself among them."""
    spans, features, fixed = measure_groups(row)
    penalties = features @ astuple(weights or PenaltyWeights()) + fixed
    return [
        Group(start, end, penalty)
        for (start, end), penalty in zip(spans, penalties.tolist(), strict=True)
    ]


def measure_groups(
    row: PieceRow,
) -> tuple[list[tuple[int, int]], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure what speaks against each group.

    Returns:
        The spans of the groups, ``(G, 6)`` features to be multiplied with the weights, and the
        ``(G,)`` penalties of cuts at their right edges.
    """
    boxes, distances = row.boxes / row.height, row.distances / row.height
    overlaps = _measure_overlaps(boxes)
    # Nothing is divided at the right edge of the last piece.
    borders = np.zeros((len(boxes), 2))
    borders[:-1] = np.stack([overlaps, row.cut_penalties], axis=1)
    spans = [*_list_spans(boxes, overlaps)]
    features = np.array(
        [
            [*_measure_group(boxes[start:end], distances[start:end, start:end]), *borders[end - 1]]
            for start, end in spans
        ]
    )
    return spans, features[:, :-1], features[:, -1]


def _list_spans(boxes: Boxes, overlaps: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    count = len(boxes)
    loose = np.flatnonzero(overlaps < MIN_CLUSTER_OVERLAP) + 1
    clusters = set(itertools.pairwise([0, *loose.tolist(), count]))
    for start in range(count):
        for end in range(start + 1, count + 1):
            span = start, end
            if end == start + 1 or span in clusters or _may_be_digit(boxes[start:end]):
                yield span


def _may_be_digit(boxes: Boxes) -> bool:
    width = boxes[:, 2].max() - boxes[:, 0].min()
    gaps = boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])
    return bool(len(boxes) <= MAX_PIECES and width <= MAX_WIDTH and gaps.max() <= MAX_GAP)


def _measure_overlaps(boxes: Boxes) -> npt.NDArray[np.float64]:
    """How much boxes overlap across each border, ``(P − 1,)``, as shares 0…1 of narrower ones.

    A box above another one counts ``STACKED`` times: those two are never left and right digits.
    """
    starts, ends = boxes[:, :2].T, boxes[:, 2:].T
    common = np.minimum(ends[:, :, None], ends[:, None]) - np.maximum(
        starts[:, :, None], starts[:, None]
    )  # (2, P, P)
    sides = np.maximum(ends - starts, MIN_WIDTH)
    shares = np.clip(common / np.minimum(sides[:, :, None], sides[:, None]), 0, 1)
    shares = shares[0] * np.where(shares[1] < MIN_BESIDE_OVERLAP, STACKED, 1.0)
    return np.array(
        [
            shares[max(0, border - MAX_PIECES) : border, border : border + MAX_PIECES].max()
            for border in range(1, len(boxes))
        ]
    )


def _measure_group(boxes: Boxes, distances: npt.NDArray[np.float64]) -> Sequence[float]:
    heights = boxes[:, 3] - boxes[:, 1]
    width, height = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    tall = low = 0.0
    for piece in range(1, len(boxes)):
        nearest = int(distances[piece, :piece].argmin())
        distance = min(1.0, distances[piece, nearest] / MAX_DISTANCE)
        if min(heights[piece], heights[nearest]) > TALL:
            tall += distance
        else:
            low += distance
    return len(boxes) - 1, tall, low, max(0.0, width - USUAL_WIDTH), max(0.0, USUAL_HEIGHT - height)
