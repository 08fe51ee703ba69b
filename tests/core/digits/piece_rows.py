"""Rows of pieces for the tests of groups and penalties."""

import numpy as np

from core.digits.penalties import PieceRow


def make_row(*boxes: tuple[float, ...], cuts=None, crossings=(), height=100.0) -> PieceRow:
    """A row whose pieces are as far apart as their boxes.

    Args:
        boxes: left, top, right and bottom of each piece.
        cuts: the penalty of each border that is a cut, 0 for others.
        crossings: pairs of strokes that cross.
        height: of the row.
    """
    array = np.array(boxes, np.float64)
    gaps = np.maximum(array[:, None, :2], array[:, :2]) - np.minimum(
        array[:, None, 2:], array[:, 2:]
    )
    distances = np.hypot(*np.moveaxis(np.maximum(gaps, 0), 2, 0))
    borders = np.zeros(len(boxes) - 1) if cuts is None else np.array(cuts, np.float64)
    wholes = np.concatenate([[0], np.cumsum(borders == 0)]).tolist()
    tips = np.full_like(distances, np.inf)
    crossing = np.zeros_like(distances, bool)
    for first, second in crossings:
        crossing[first, second] = crossing[second, first] = True
    return PieceRow(array, distances, tips, crossing, wholes, borders, height)
