"""Rows of writing: which pieces of ink lie in one row, from their boxes alone.

Boxes are ``(P, 4)`` float64 arrays of left, top, right and bottom.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy

Boxes = npt.NDArray[np.float64]
Row = list[int]  # indices of pieces, from left to right

# Pieces lower than this share of the tallest one are parts of digits, such as the bar of a 5. They
# belong to the row of the nearest taller piece.
MIN_TALL_SHARE = 0.4
# Neighbours lie in one row where their heights overlap by this share of the lower one; if they are
# further apart than MAX_NEAR_GAP (a share of the taller one), by MIN_FAR_OVERLAP.
MIN_NEAR_OVERLAP = 0.25
MIN_FAR_OVERLAP = 0.5
MAX_NEAR_GAP = 1.5
# Rows that are closer than this share of the tallest piece may be parts of one row of digits, such
# as the two rings of an 8.
MAX_DOUBTFUL_GAP = 0.35


def find_rows(boxes: Boxes) -> list[Row]:
    """Divide pieces into rows, from top to bottom; each is sorted from left to right.

    Writing may slant: a row is a chain of neighbours. Two rows that ``are_close`` may be one.

    Args:
        boxes: ``(P, 4)``, P ≥ 1.
    """
    return sorted(_chain_pieces(boxes), key=lambda row: _middle(boxes[row]))


def sort_row(boxes: Boxes, pieces: Sequence[int]) -> Row:
    """Sort pieces from left to right, by the middles of their boxes."""
    return sorted(pieces, key=lambda piece: boxes[piece, 0] + boxes[piece, 2])


def join_boxes(boxes: Boxes) -> tuple[float, float, float, float]:
    """The box around boxes, ``(P, 4)``."""
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _middle(boxes: Boxes) -> float:
    return float(boxes[:, 1].min() + boxes[:, 3].max())


def _chain_pieces(boxes: Boxes) -> list[Row]:
    """Rows as connected components of pieces that are next to each other in a row."""
    if len(boxes) == 1:
        return [[0]]
    heights = boxes[:, 3] - boxes[:, 1]
    tall = sort_row(boxes, np.flatnonzero(heights >= MIN_TALL_SHARE * heights.max()).tolist())
    count, rows = scipy.sparse.csgraph.connected_components(
        _link_neighbours(boxes[tall]), directed=False
    )
    row_of = dict(zip(tall, rows.tolist(), strict=True))
    for piece in set(range(len(boxes))) - set(tall):
        nearest = min(tall, key=lambda other: _distance(boxes[piece], boxes[other]))
        row_of[piece] = row_of[nearest]
    return [
        sort_row(boxes, [piece for piece, own in row_of.items() if own == row])
        for row in range(count)
    ]


def _link_neighbours(boxes: Boxes) -> npt.NDArray[np.bool_]:
    """Link each piece with the nearest one on its left and on its right in the same row.

    Args:
        boxes: ``(P, 4)`` from left to right.

    Returns:
        ``(P, P)``, true where the first piece is linked with the second.
    """
    lefts, tops, rights, bottoms = boxes.T
    heights = np.maximum(bottoms - tops, 1e-9)
    lower, taller = np.minimum(heights[:, None], heights), np.maximum(heights[:, None], heights)
    overlaps = np.minimum(bottoms[:, None], bottoms) - np.maximum(tops[:, None], tops)
    gaps = np.maximum(lefts[:, None], lefts) - np.minimum(rights[:, None], rights)
    gaps = np.maximum(gaps, 0) / taller
    offsets = np.abs((tops + bottoms)[:, None] - tops - bottoms) / taller
    in_row = overlaps / lower >= np.where(gaps <= MAX_NEAR_GAP, MIN_NEAR_OVERLAP, MIN_FAR_OVERLAP)
    farness = np.where(in_row, gaps + offsets, np.inf)
    links = np.zeros_like(in_row)
    for piece in range(len(boxes)):
        for side in (slice(0, piece), slice(piece + 1, None)):
            if in_row[piece, side].any():
                links[piece, side][int(farness[piece, side].argmin())] = True
    return links


def are_close(boxes: Boxes, above: Sequence[int], below: Sequence[int]) -> bool:
    """Whether two rows are so close that they may be parts of the same digits."""
    upper, lower = boxes[list(above)][:, None], boxes[list(below)]
    beside = np.minimum(upper[..., 2], lower[..., 2]) >= np.maximum(upper[..., 0], lower[..., 0])
    gaps = np.where(beside, lower[..., 1] - upper[..., 3], np.inf)
    tallest = max((upper[..., 3] - upper[..., 1]).max(), (lower[..., 3] - lower[..., 1]).max())
    return bool(gaps.min() < MAX_DOUBTFUL_GAP * tallest)


def _distance(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """The distance between two boxes, 0 where they overlap."""
    gaps = np.maximum(first[:2], second[:2]) - np.minimum(first[2:], second[2:])
    return float(np.hypot(*np.maximum(gaps, 0)))
