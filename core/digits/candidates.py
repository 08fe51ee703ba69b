"""Candidates: builds the segmentation graph from pieces of strokes or of ink.

This module knows the boxes of pieces, not what they are made of.
"""

from collections.abc import Sequence
from itertools import chain, combinations, count, pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.digits.found_digits import FoundDigit
from core.digits.groups import Closeness, Group, propose_groups
from core.digits.penalties import PenaltyWeights, PieceRow
from core.digits.rows import Boxes, Row, are_close, find_rows, join_boxes, sort_row
from core.digits.segmentation import Candidate, CandidateRow, SegmentationGraph

# What a border costs between two rows that are so close that they may be one, in units of
# log-confidence; and if they touch, that is: are closer than this share of the tallest piece.
ROW_BREAK_PENALTY = 2.0
TOUCHING_ROWS_PENALTY = 3.0
TOUCHING = 0.05
# So many rows at most are joined to one.
MAX_JOINED_ROWS = 3
# A row is at least as high as this share of its widest piece: a horizontal bar has no height.
MIN_ROW_HEIGHT = 0.33


class Pieces(Protocol):
    """Pieces of ink, in any order."""

    boxes: Boxes
    """``(P, 4)``: left, top, right and bottom of each piece."""

    wholes: list[list[int]]
    """The pieces of each stroke or component; those of one lie in the same row."""

    weights: PenaltyWeights
    """Of what speaks against a group of pieces."""

    closeness: Closeness
    """Of pieces that may belong together."""

    def measure_distances(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        """The distances between the ink of any two pieces, ``(N, N)``, in the unit of boxes."""

    def measure_tips(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        """The distances between the ends of any two, ``(N, N)``; infinite where there are none."""

    def measure_crossings(self, pieces: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Whether any two cross as in a plus sign, ``(N, N)``; False where there are no strokes."""

    def weigh_cut(self, piece: int) -> float:
        """The penalty of the cut on the left of a piece that was cut."""

    def join(self, pieces: Sequence[int]) -> FoundDigit:
        """The digit that pieces are together."""

    def measure_ink(self, pieces: Sequence[int]) -> float:
        """The ink of pieces as a share of all ink."""


def build_graph(pieces: Pieces) -> SegmentationGraph:
    """Divide pieces into rows and propose groups of neighbours in each."""
    wholes = [join_boxes(pieces.boxes[members]) for members in pieces.wholes]
    rows = [
        [*chain(*(pieces.wholes[whole] for whole in row))] for row in find_rows(np.array(wholes))
    ]
    breaks = [_weigh_row_break(pieces, above, below) for above, below in pairwise(rows)]
    return SegmentationGraph(
        tuple(
            _build_row(pieces, rows[start:end], start, breaks[end - 1] if end < len(rows) else 0.0)
            for start, end in combinations(range(len(rows) + 1), 2)
            if end - start <= MAX_JOINED_ROWS and all(breaks[start : end - 1])
        )
    )


def number_members(groups: Sequence[Sequence[object]]) -> list[list[int]]:
    """The positions that the members of each group have in all groups together."""
    positions = count()
    return [[next(positions) for _ in group] for group in groups]


def _weigh_row_break(pieces: Pieces, above: Row, below: Row) -> float:
    """What dividing two rows costs; 0 where they are certainly two."""
    boxes = pieces.boxes[[*above, *below]]
    tallest = float((boxes[:, 3] - boxes[:, 1]).max())
    if not are_close(pieces.boxes, above, below):
        return 0.0
    distances = pieces.measure_distances([*above, *below])[: len(above), len(above) :]
    return TOUCHING_ROWS_PENALTY if distances.min() < TOUCHING * tallest else ROW_BREAK_PENALTY


def _build_row(pieces: Pieces, rows: Sequence[Row], start: int, penalty: float) -> CandidateRow:
    row = sort_row(pieces.boxes, [*chain(*rows)])
    whole_of = {piece: whole for whole, own in enumerate(pieces.wholes) for piece in own}
    wholes = [whole_of[piece] for piece in row]
    measured = PieceRow(
        boxes=pieces.boxes[row],
        distances=pieces.measure_distances(row),
        tips=pieces.measure_tips(row),
        crossings=pieces.measure_crossings(row),
        wholes=wholes,
        cuts=_weigh_cuts(pieces, row, wholes),
        height=_find_height(pieces.boxes, rows),
    )
    candidates = [
        _build_candidate(pieces, row[group.start : group.end], group)
        for group in propose_groups(measured, pieces.weights, pieces.closeness)
    ]
    return CandidateRow(start, start + len(rows), tuple(candidates), penalty)


def _weigh_cuts(pieces: Pieces, row: Row, wholes: Sequence[int]) -> npt.NDArray[np.float64]:
    """The penalties, ``(P − 1,)``, of borders that divide a stroke or component; 0 for others."""
    penalties = [
        max(
            (
                pieces.weigh_cut(row[wholes.index(whole, border)])
                for whole in {*wholes[:border]} & {*wholes[border:]}
            ),
            default=0.0,
        )
        for border in range(1, len(row))
    ]
    return np.array(penalties, np.float64)


def _find_height(boxes: Boxes, rows: Sequence[Row]) -> float:
    """The height of the tallest piece, or of all together if they are parts of one row."""
    sides = boxes[rows[0]][:, 2:] - boxes[rows[0]][:, :2]
    if len(rows) == 1:
        return max(float(sides[:, 1].max()), MIN_ROW_HEIGHT * float(sides[:, 0].max()))
    _, top, _, bottom = join_boxes(boxes[[*chain(*rows)]])
    return bottom - top


def _build_candidate(pieces: Pieces, members: Row, group: Group) -> Candidate:
    digit = None if group.skipped else pieces.join(members)
    ink = pieces.measure_ink(members)
    return Candidate(
        group.start,
        group.end,
        digit,
        group.penalty,
        ink,
        is_joined=group.is_joined,
        is_cluster=group.is_cluster,
    )
