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
ROWS = 40
# What a step over paper costs, as a share of one over ink, so that paths are short; and how much
# longer a diagonal step is.
PAPER_COST = 0.03
DIAGONAL_COST = 0.05
# Cuts lie at least this far from one another, and leave at least this share of the ink on either
# side. Lengths are shares of the component's height.
MIN_DISTANCE = 0.12
MIN_INK_SHARE = 0.06
# A path that crosses more ink than this, by the component's height, is no cut.
MAX_CROSSED_INK = 0.6

Costs = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Cut:
    """A path from top to bottom.

    Attributes:
        columns: ``(H,)``; in each row, the pixels from this column on lie right of the cut.
        crossed_ink: the ink on the path, by the component's height.
    """

    columns: npt.NDArray[np.int64]
    crossed_ink: float


def find_cuts(ink: Ink, *, max_cuts: int) -> list[Cut]:
    """Propose cuts from left to right.

    Args:
        ink: ``(H, W)`` float32, 0 paper … 1 ink, of one component.
        max_cuts: those that cross the least ink are proposed.
    """
    factor = max(1, len(ink) // ROWS)
    small = np.asarray(Image.fromarray(ink).reduce(factor)) if factor > 1 else ink
    costs = small + np.float32(PAPER_COST)
    above = _accumulate(costs)
    below = _accumulate(costs[::-1])[::-1]
    middle = len(small) // 2
    through = above[middle] + below[middle] - costs[middle]  # of the best path through each column
    cuts: list[tuple[int, Cut]] = []
    total = small.sum()
    for column in np.argsort(through, kind="stable").tolist():
        if len(cuts) == max_cuts or through[column] > MAX_CROSSED_INK * len(small):
            break
        if any(abs(column - other) < MIN_DISTANCE * len(small) for other, _ in cuts):
            continue
        path = _trace(above, below, column)
        left = small[np.arange(small.shape[1]) < path[:, None]].sum() / total
        if MIN_INK_SHARE <= left <= 1 - MIN_INK_SHARE:
            crossed = float(small[np.arange(len(small)), path].sum() / len(small))
            full = np.repeat(path * factor + factor // 2, factor)[: len(ink)]
            cuts.append((column, Cut(full, crossed)))
    return [cut for _, cut in sorted(cuts, key=lambda item: item[0])]


def _accumulate(costs: Costs) -> Costs:
    """The cost of the best path from the first row to each pixel, ``(H, W)``."""
    result = costs.copy()
    for row in range(1, len(costs)):
        previous = result[row - 1]
        best = previous.copy()
        np.minimum(best[1:], previous[:-1] + np.float32(DIAGONAL_COST), out=best[1:])
        np.minimum(best[:-1], previous[1:] + np.float32(DIAGONAL_COST), out=best[:-1])
        result[row] += best
    return result


def _trace(above: Costs, below: Costs, column: int) -> npt.NDArray[np.int64]:
    """The best path, ``(H,)``, through a column of the middle row."""
    middle = len(above) // 2
    path = np.full(len(above), column)
    for row in range(middle - 1, -1, -1):
        path[row] = _step(above[row], int(path[row + 1]))
    for row in range(middle + 1, len(above)):
        path[row] = _step(below[row], int(path[row - 1]))
    return path


def _step(costs: Costs, column: int) -> int:
    """The cheapest of the three columns next to one."""
    start = max(0, column - 1)
    nearby = costs[start : column + 2].tolist()
    steps = [abs(start + index - column) * DIAGONAL_COST for index in range(len(nearby))]
    return start + min(range(len(nearby)), key=lambda index: nearby[index] + steps[index])
