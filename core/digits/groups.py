"""Groups: which neighbouring pieces of a row may be one digit, and what speaks against each.

Penalties are 0 or more, in units of log-confidence, and come from boxes alone. All lengths are
measured in the height of the row, so the unit of the boxes does not matter.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

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
# Overlaps of pieces narrower than this are measured as shares of this width.
MIN_WIDTH = 0.15
# A digit is seldom wider than the first, or lower than the second.
USUAL_WIDTH = 1.1
USUAL_HEIGHT = 0.5


@dataclass(frozen=True)
class PenaltyWeights:
    """Penalties, chosen on numbers made of pen digits (``core.analysis.numbers``).

    Attributes:
        gap: for a gap between two pieces of one group, as wide as the row is high.
        overlap: for a border between two pieces, one of which covers the width of the other.
        width: for a group that is wider than ``USUAL_WIDTH`` by the height of the row.
        lowness: for a group that is lower than ``USUAL_HEIGHT`` by the height of the row.
    """

    gap: float = 4.0
    overlap: float = 4.0
    width: float = 4.0
    lowness: float = 8.0


@dataclass(frozen=True)
class Group:
    """Pieces ``start`` to ``end − 1`` of a row, and the penalty if they are a digit."""

    start: int
    end: int
    penalty: float


def propose_groups(
    boxes: Boxes,
    cut_penalties: npt.NDArray[np.float64],
    height: float,
    *,
    weights: PenaltyWeights | None = None,
) -> list[Group]:
    """Propose groups of neighbouring pieces, each piece by itself among them.

    Args:
        boxes: ``(P, 4)`` of the pieces from left to right: left, top, right, bottom.
        cut_penalties: ``(P − 1,)``, what the border between two neighbours costs in addition to
            their overlap: 0, or the penalty of a cut through a stroke.
        height: of the row.
        weights: of the penalties.
    """
    weights = weights or PenaltyWeights()
    overlaps = _measure_overlaps(boxes, height)
    borders = np.append(weights.overlap * overlaps + cut_penalties, 0.0)
    return [
        Group(start, end, _weigh_group(boxes[start:end], height, weights) + float(borders[end - 1]))
        for start, end in _list_spans(boxes, overlaps, height)
    ]


def _list_spans(
    boxes: Boxes, overlaps: npt.NDArray[np.float64], height: float
) -> Iterator[tuple[int, int]]:
    count = len(boxes)
    loose = np.flatnonzero(overlaps < MIN_CLUSTER_OVERLAP) + 1
    edges = [0, *loose.tolist(), count]
    clusters = set(itertools.pairwise(edges))
    for start in range(count):
        for end in range(start + 1, count + 1):
            span = start, end
            if end == start + 1 or span in clusters or _may_be_digit(boxes[start:end], height):
                yield span


def _may_be_digit(boxes: Boxes, height: float) -> bool:
    width = boxes[:, 2].max() - boxes[:, 0].min()
    return bool(
        len(boxes) <= MAX_PIECES
        and width <= MAX_WIDTH * height
        and _measure_gaps(boxes).max() <= MAX_GAP * height
    )


def _measure_gaps(boxes: Boxes) -> npt.NDArray[np.float64]:
    """The gaps, ``(P − 1,)``, between each piece and all before it; 0 where they overlap."""
    return np.maximum(boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2]), 0)


def _measure_overlaps(boxes: Boxes, height: float) -> npt.NDArray[np.float64]:
    """How much boxes overlap across each border, ``(P − 1,)``, as shares 0…1 of narrower ones."""
    left, right = boxes[:, 0], boxes[:, 2]
    common = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)  # (P, P)
    widths = np.maximum(right - left, MIN_WIDTH * height)
    shares = np.clip(common / np.minimum(widths[:, None], widths), 0, 1)
    return np.array(
        [
            shares[max(0, border - MAX_PIECES) : border, border : border + MAX_PIECES].max()
            for border in range(1, len(boxes))
        ]
    )


def _weigh_group(boxes: Boxes, height: float, weights: PenaltyWeights) -> float:
    width, tall = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    return float(
        weights.gap * _measure_gaps(boxes).sum() / height
        + weights.width * max(0.0, width / height - USUAL_WIDTH)
        + weights.lowness * max(0.0, USUAL_HEIGHT - tall / height)
    )
