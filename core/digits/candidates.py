"""Candidates: builds the segmentation graph from pieces of strokes or of ink.

This module knows the boxes of pieces, not what they are made of.
"""

import itertools
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.digits.groups import Group, PieceRow, propose_groups
from core.digits.rows import Boxes, Row, find_rows, sort_row
from core.digits.segmentation import Candidate, FoundDigit, Layout, SegmentationGraph

# What a border costs between two rows that are so close that they may be one, in units of
# log-confidence; and if they touch, that is: are closer than this share of the taller row.
ROW_BREAK_PENALTY = 1.0
TOUCHING_ROWS_PENALTY = 3.0
TOUCHING = 0.05
# A row is at least as high as this share of its widest piece: a horizontal bar has no height.
MIN_ROW_HEIGHT = 0.33


class Pieces(Protocol):
    """Pieces of ink, in any order."""

    @property
    def boxes(self) -> Boxes:
        """``(P, 4)``: left, top, right and bottom of each piece."""

    def measure_distances(self, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
        """The distances between the ink of any two pieces, ``(N, N)``, in the unit of boxes."""

    def weigh_cut(self, left: int, right: int) -> float:
        """The penalty of the cut between two neighbours; 0 where there is none."""

    def join(self, pieces: Sequence[int]) -> FoundDigit:
        """The digit that pieces are together."""

    def measure_ink(self, pieces: Sequence[int]) -> float:
        """The ink of pieces as a share of all ink."""


def build_graph(pieces: Pieces) -> SegmentationGraph:
    """Divide pieces into rows and propose groups of neighbours in each."""
    return SegmentationGraph(tuple(_lay_out(pieces, rows) for rows in find_rows(pieces.boxes)))


def _lay_out(pieces: Pieces, rows: Sequence[Row]) -> tuple[Layout, ...]:
    """The rows of a block as they are, and as one row."""
    breaks = sum(_weigh_row_break(pieces, *pair) for pair in itertools.pairwise(rows))
    apart = Layout(tuple(_build_row(pieces, row) for row in rows), breaks)
    if len(rows) == 1:
        return (apart,)
    joined = sort_row(pieces.boxes, [piece for row in rows for piece in row])
    return apart, Layout((_build_row(pieces, joined),))


def _weigh_row_break(pieces: Pieces, above: Row, below: Row) -> float:
    boxes = pieces.boxes[[*above, *below]]
    distances = pieces.measure_distances([*above, *below])[: len(above), len(above) :]
    touch = distances.min() < TOUCHING * float((boxes[:, 3] - boxes[:, 1]).max())
    return TOUCHING_ROWS_PENALTY if touch else ROW_BREAK_PENALTY


def _build_row(pieces: Pieces, row: Row) -> tuple[Candidate, ...]:
    boxes = pieces.boxes[row]
    width, height = (boxes[:, 2:] - boxes[:, :2]).max(axis=0).tolist()
    cuts = [pieces.weigh_cut(left, right) for left, right in itertools.pairwise(row)]
    groups = propose_groups(
        PieceRow(
            boxes,
            pieces.measure_distances(row),
            np.array(cuts),
            max(height, MIN_ROW_HEIGHT * width),
        )
    )
    return tuple(_build_candidate(pieces, row[group.start : group.end], group) for group in groups)


def _build_candidate(pieces: Pieces, members: Row, group: Group) -> Candidate:
    return Candidate(
        group.start,
        group.end,
        pieces.join(members),
        group.penalty,
        pieces.measure_ink(members),
    )
