"""Rows of writing: which pieces of ink lie in one row, from their boxes alone.

Boxes are ``(P, 4)`` float64 arrays of left, top, right and bottom.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
MAX_DOUBTFUL_GAP = 0.15


def find_rows(boxes: Boxes) -> list[list[Row]]:
    """Divide pieces into blocks and each block into rows.

    Writing may slant: a row is a chain of neighbours.

    Args:
        boxes: ``(P, 4)``, P ≥ 1.

    Returns:
        The blocks from top to bottom, the rows of each from top to bottom. Blocks lie clearly one
        below another. The rows of one block do not: they may be parts of the same digits.
    """
    rows = _chain_pieces(boxes)
    if len(rows) == 1:
        return [rows]
    rows.sort(key=lambda row: _middle(boxes[row]))
    blocks = [[rows[0]]]
    for row in rows[1:]:
        if _is_close(boxes, [piece for above in blocks[-1] for piece in above], row):
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def sort_row(boxes: Boxes, pieces: Sequence[int]) -> Row:
    """Sort pieces from left to right, by the middles of their boxes."""
    return sorted(pieces, key=lambda piece: boxes[piece, 0] + boxes[piece, 2])


def _middle(boxes: Boxes) -> float:
    return float(boxes[:, 1].min() + boxes[:, 3].max())


def _chain_pieces(boxes: Boxes) -> list[Row]:
    """Rows as connected components of pieces that lie beside each other."""
    heights = boxes[:, 3] - boxes[:, 1]
    tall = np.flatnonzero(heights >= MIN_TALL_SHARE * heights.max())
    row_of = dict(zip(tall.tolist(), range(len(tall)), strict=True))
    order = sort_row(boxes, tall.tolist())
    for position, piece in enumerate(order):
        neighbour = _find_right_neighbour(boxes, piece, order[position + 1 :])
        if neighbour is not None:
            old, new = row_of[neighbour], row_of[piece]
            row_of = {key: new if row == old else row for key, row in row_of.items()}
    for piece in set(range(len(boxes))) - set(tall.tolist()):
        nearest = min(tall.tolist(), key=lambda other: _distance(boxes[piece], boxes[other]))
        row_of[piece] = row_of[nearest]
    return [
        sort_row(boxes, [piece for piece, own in row_of.items() if own == row])
        for row in sorted(set(row_of.values()))
    ]


def _find_right_neighbour(boxes: Boxes, piece: int, others: Sequence[int]) -> int | None:
    """The nearest of the pieces to the right that lies in the same row, if there is one."""
    if not others:
        return None
    _, top, right, bottom = boxes[piece]
    lefts, tops, _, bottoms = boxes[others].T
    heights = bottoms - tops
    lower = np.maximum(np.minimum(heights, bottom - top), 1e-9)
    overlap = (np.minimum(bottoms, bottom) - np.maximum(tops, top)) / lower
    taller = np.maximum(heights, bottom - top)
    gap = np.maximum(lefts - right, 0) / taller
    offset = np.abs(tops + bottoms - top - bottom) / taller
    in_row = overlap >= np.where(gap <= MAX_NEAR_GAP, MIN_NEAR_OVERLAP, MIN_FAR_OVERLAP)
    if not in_row.any():
        return None
    return others[int(np.argmin(np.where(in_row, gap + offset, np.inf)))]


def _is_close(boxes: Boxes, above: Sequence[int], below: Sequence[int]) -> bool:
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
