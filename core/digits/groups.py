"""Groups: which neighbouring pieces of a row may be one digit."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.penalties import (
    PenaltyWeights,
    PieceRow,
    find_between,
    measure_overlaps,
    weigh_borders,
    weigh_group,
)

# A digit consists of at most this many pieces, without those that cuts made, or of all pieces that
# overlap or cross one another.
MAX_PIECES = 5
# Pieces further apart than this, by the height of the row, are two digits.
MAX_GAP = 0.4
# A group with a larger penalty, without that of its border, is not worth a model's time.
MAX_PENALTY = 3.0
# Pieces whose boxes overlap by this share of the narrower one hang together.
MIN_CLUSTER_OVERLAP = 0.5
# Two pieces together wider than this, by the height of the row, are not parts of one thing.
MAX_JOINED_WIDTH = 1.2
# A letter is not wider than this, by its own height.
MAX_CLUSTER_WIDTH = 1.6
# A piece with both sides shorter than this, by the height of the row, may be a speck.
SMALL = 0.3

Span = tuple[int, int]


@dataclass(frozen=True)
class Group:
    """Pieces ``start`` to ``end − 1`` of a row.

    Attributes:
        penalty: if they are a digit, or skipped.
        skipped: whether they belong to no digit.
        is_joined: whether pieces next to them touch them and are with them as narrow as a digit.
        is_cluster: whether they are close to one another and to no others, as in a letter.
    """

    start: int
    end: int
    penalty: float
    skipped: bool = False
    is_joined: bool = False
    is_cluster: bool = False


@dataclass(frozen=True)
class Closeness:
    """Distances, by the height of the row, below which pieces may belong together.

    Attributes:
        joined: of two pieces that may be parts of one thing that is no digit.
        cluster: of two pieces that may be parts of one letter.
    """

    joined: float
    cluster: float


def propose_groups(row: PieceRow, weights: PenaltyWeights, closeness: Closeness) -> list[Group]:
    """Propose groups of neighbouring pieces, among which there is a path through the row."""
    borders = [*weigh_borders(row, weights).tolist(), 0.0]
    beside = [False, *find_between(_find_close(row, closeness.joined)).tolist(), False]
    clusters = _list_clusters(row, closeness.cluster)
    certain = _list_certain(row) | clusters
    groups = [Group(piece, piece + 1, weights.skipped, skipped=True) for piece in _list_small(row)]
    for start, end in itertools.combinations(range(len(row.boxes) + 1), 2):
        if (start, end) not in certain and not _may_be_digit(row, start, end):
            continue
        penalty = weigh_group(row, start, end, weights)
        if (start, end) in certain or penalty <= MAX_PENALTY:
            is_joined = beside[start] or beside[end]
            is_cluster = (start, end) in clusters
            groups.append(
                Group(start, end, penalty + borders[end - 1], False, is_joined, is_cluster)
            )
    return groups


def _list_small(row: PieceRow) -> list[int]:
    """The pieces, cut from no other, that may be specks beside larger ones."""
    sides = (row.boxes[:, 2:] - row.boxes[:, :2]).max(axis=1)
    cut = np.concatenate([[False], row.cuts > 0, [False]])
    small = sides < SMALL * row.height
    return [] if small.all() else np.flatnonzero(small & ~cut[1:] & ~cut[:-1]).tolist()


def _list_certain(row: PieceRow) -> set[Span]:
    """The spans that are proposed whatever their penalty is."""
    certain = _list_connected(row.cuts > 0)
    certain |= _list_connected(measure_overlaps(row) >= MIN_CLUSTER_OVERLAP)
    certain |= _list_connected(find_between(row.crossings))
    if len(set(row.wholes)) <= MAX_PIECES:
        certain.add((0, len(row.boxes)))
    return certain


def _list_clusters(row: PieceRow, distance: float) -> set[Span]:
    """The spans of several pieces that are close to one another and no wider than a letter."""
    spans = _list_connected(find_between(_find_close(row, distance)))
    return {span for span in spans if _is_narrow_cluster(row, *span)}


def _list_connected(connected: npt.NDArray[np.bool_]) -> set[Span]:
    """The spans of pieces of which each is connected with the next, ``(P − 1,)``."""
    edges = (np.flatnonzero(~connected) + 1).tolist()
    return set(itertools.pairwise([0, *edges, len(connected) + 1]))


def _find_close(row: PieceRow, distance: float) -> npt.NDArray[np.bool_]:
    """Whether two pieces are close and together no wider than one thing, ``(P, P)``."""
    left, right = row.boxes[:, 0], row.boxes[:, 2]
    widths = np.maximum(right[:, None], right) - np.minimum(left[:, None], left)
    return (row.distances < distance * row.height) & (widths <= MAX_JOINED_WIDTH * row.height)


def _is_narrow_cluster(row: PieceRow, start: int, end: int) -> bool:
    boxes = row.boxes[start:end]
    width, height = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    return bool(end - start > 1 and width <= MAX_CLUSTER_WIDTH * height)


def _may_be_digit(row: PieceRow, start: int, end: int) -> bool:
    boxes = row.boxes[start:end]
    gaps = boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])
    few = len(set(row.wholes[start:end])) <= MAX_PIECES
    return bool(few and (gaps <= MAX_GAP * row.height).all())
