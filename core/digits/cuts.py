"""Cuts through touching digits: paths from top to bottom that cross little ink.

A path is found by dynamic programming, as in "Seam carving for content-aware image resizing"
(S. Avidan, A. Shamir, ACM Transactions on Graphics 26 (2007), doi:10.1145/1276377.1276390). Unlike
a vertical line, it follows the valleys between digits that lean or overlap. This module does not
know which cuts are right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.digits.ink import Ink

# Paths are searched in an image reduced to about this many rows.
ROWS = 32
# What a step over paper costs, as a share of one over ink, so that paths are short; and how much
# longer a diagonal step is.
PAPER_COST = 0.03
DIAGONAL_COST = 0.05
# Cuts lie at least this far from one another, by the component's height. They leave at least this
# share of the ink on either side, and half of it between them.
MIN_DISTANCE = 0.12
MIN_INK_SHARE = 0.06
# A path that crosses more ink than this, by the component's height, is no cut.
MAX_CROSSED_INK = 0.6

Columns = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cut:
    """A path from top to bottom.

    Attributes:
        columns: ``(H,)``; in each row, the pixels from this column on lie right of the cut.
        crossed_ink: the ink on the path, by the component's height.
    """

    columns: Columns
    crossed_ink: float


def find_cuts(ink: Ink, *, max_cuts: int) -> list[Cut]:
    """Propose cuts from left to right.

    Args:
        ink: ``(H, W)`` float32, 0 paper … 1 ink, of one component.
        max_cuts: those that cross the least ink are proposed.
    """
    factor = max(1, len(ink) // ROWS)
    small = np.asarray(Image.fromarray(ink).reduce(factor)) if factor > 1 else ink
    height = len(small)
    paths, costs = _find_paths(small)
    rows = np.arange(height)[:, None]
    crossed = small[rows, paths].sum(axis=0) / height
    left = (np.cumsum(small, axis=1) - small)[rows, paths].sum(axis=0) / small.sum()
    possible = (crossed <= MAX_CROSSED_INK) & (np.abs(left - 0.5) <= 0.5 - MIN_INK_SHARE)
    chosen: list[int] = []
    for column in np.argsort(costs, kind="stable").tolist():
        apart = all(
            abs(column - other) >= MIN_DISTANCE * height
            and abs(left[column] - left[other]) >= MIN_INK_SHARE / 2
            for other in chosen
        )
        if possible[column] and apart and len(chosen) < max_cuts:
            chosen.append(column)
    return [
        Cut(_enlarge(paths[:, column], factor, len(ink)), float(crossed[column]))
        for column in sorted(chosen)
    ]


def _find_paths(ink: Ink) -> tuple[Columns, npt.NDArray[np.float32]]:
    """The best path through each column of the middle row.

    Returns:
        The paths, ``(H, W)``: the column in each row; and their costs, ``(W,)``.
    """
    height, width = ink.shape
    middle = height // 2
    costs = ink + np.float32(PAPER_COST)
    # From the first row down to the middle one, and from the last row up to it.
    above, from_above = _accumulate(costs[: middle + 1])
    below, from_below = _accumulate(costs[: middle - 1 if middle else None : -1])
    paths = np.empty((height, width), np.int64)
    paths[middle] = np.arange(width)
    for row in range(middle, 0, -1):
        paths[row - 1] = from_above[row][paths[row]]
    for row in range(middle, height - 1):
        paths[row + 1] = from_below[height - 1 - row][paths[row]]
    return paths, above + below - costs[middle]


def _accumulate(costs: Ink) -> tuple[npt.NDArray[np.float32], Columns]:
    """The best paths from the first row to the last one.

    Returns:
        The cost of the path to each pixel of the last row, ``(W,)``, and the column in the row
        before from which the best path comes to each pixel, ``(H, W)``.
    """
    width = costs.shape[1]
    origins = np.zeros(costs.shape, np.int64)
    steps = np.arange(-1, 2)[:, None]
    columns = np.arange(width)
    # The three columns from which a path may come, with paper that is too dear on either side.
    reach = np.full((3, width + 2), np.inf, np.float32)
    total = costs[0].copy()
    for row in range(1, len(costs)):
        reach[0, 2:-1] = total[:-1] + np.float32(DIAGONAL_COST)
        reach[1, 1:-1] = total
        reach[2, 1:-2] = total[1:] + np.float32(DIAGONAL_COST)
        best = reach[:, 1:-1].argmin(axis=0)
        origins[row] = columns + steps[best, 0]
        total = reach[best, columns + 1] + costs[row]
    return total, origins


def _enlarge(path: Columns, factor: int, height: int) -> Columns:
    """A path in the image before it was reduced."""
    return np.repeat(path * factor + factor // 2, factor)[:height]
