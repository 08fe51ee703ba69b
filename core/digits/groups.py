"""Groups: which neighbouring pieces of a row may be one digit, and what speaks against each.

Penalties are 0 or more, in units of log-confidence, and come from boxes and distances alone. All
lengths are measured in the height of the row, so the unit of the boxes does not matter.
"""

import itertools
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from operator import mul

import numpy as np
import numpy.typing as npt

from core.digits.rows import Boxes

# A digit consists of at most this many pieces, without those that cuts made, or of all pieces that
# overlap or cross one another.
MAX_PIECES = 5
# Pieces further apart than this are two digits.
MAX_GAP = 0.4
# A group with a larger penalty, without that of its border, is not worth a model's time.
MAX_PENALTY = 3.0
# Pieces whose boxes overlap by this share of the narrower one hang together.
MIN_CLUSTER_OVERLAP = 0.5
# Overlaps of pieces narrower or lower than this are measured as shares of this length.
MIN_SIDE = 0.15
# Boxes whose heights overlap by a smaller share lie one above the other. They are never left and
# right digits, so their overlap counts STACKED times.
MIN_BESIDE_OVERLAP = 0.2
STACKED = 3.0
# A digit is seldom wider than this, by its own height, or lower than this, by the row's. Its width
# counts up to MAX_EXCESS more.
USUAL_WIDTH = 0.9
MAX_EXCESS = 1.0
USUAL_HEIGHT = 0.85
# Two pieces of one digit are both higher than this only where they touch or almost do, as in a 4.
TALL = 0.45
# Ends of strokes that are closer than this meet.
MEETING = 0.06
# Two pieces that are together wider than this are not parts of one thing.
MAX_JOINED_WIDTH = 1.2
# A letter is not wider than this, by its own height.
MAX_CLUSTER_WIDTH = 1.6
# A piece with both sides shorter than this, by the height of the row, may be a speck.
SMALL = 0.3
# Larger distances between pieces of one digit count as this one.
MAX_DISTANCE = 0.15

Lengths = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PenaltyWeights:
    """Penalties, chosen on numbers made of pen digits (``core.analysis.numbers``).

    Attributes:
        pieces: for each piece beyond the first.
        tall_distance: for two tall pieces of one group as far apart as ``MAX_DISTANCE``.
        low_distance: for a low piece of a group that is as far from the others.
        width: for a group that is wider than ``USUAL_WIDTH`` by its own height.
        lowness: for a group that is lower than ``USUAL_HEIGHT`` by the height of the row.
        overlap: for a border between two pieces, one of which covers the width of the other.
        offset: for a border between two tall pieces, one of which begins where the other one ends.
        tips: for a border between two strokes that begin or end at the same place.
        crossing: for a border between strokes that cross each other, as in a plus sign.
        skipped: for a small piece that belongs to no digit.
        joining: no penalty, but the distance at which two pieces may be parts of one thing that is
            no digit, if both together are as narrow as a digit.
        letter_gap: no penalty, but the distance at which two pieces may be parts of one letter.
    """

    pieces: float = 0.8
    tall_distance: float = 1.0
    low_distance: float = 1.0
    width: float = 2.0
    lowness: float = 5.0
    overlap: float = 2.0
    offset: float = 2.0
    tips: float = 1.0
    crossing: float = 4.0
    skipped: float = 1.25
    joining: float = 0.1
    letter_gap: float = 0.2


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


@dataclass(frozen=True, eq=False)
class PieceRow:
    """The pieces of a row from left to right, in any unit.

    Attributes:
        boxes: ``(P, 4)``: left, top, right, bottom.
        distances: ``(P, P)`` between the ink of two pieces.
        wholes: the stroke or component that each piece is, or was cut from.
        tips: ``(P, P)``, the distances between the ends of two strokes; infinite for ink.
        crossings: ``(P, P)``, whether two strokes cross as in a plus sign; False for ink.
        cuts: ``(P − 1,)``, the penalty of a border that cuts a stroke or component; 0 for others.
        height: of the row.
    """

    boxes: Boxes
    distances: Lengths
    tips: Lengths
    crossings: npt.NDArray[np.bool_]
    wholes: Sequence[int]
    cuts: Lengths
    height: float


def propose_groups(row: PieceRow, weights: PenaltyWeights) -> list[Group]:
    """Propose groups of neighbouring pieces, among which there is a path through the row."""
    weight_of = astuple(weights)
    overlaps, offsets = _measure_borders(row)
    meeting = (np.diagonal(row.tips, 1) < MEETING * row.height) & (row.cuts == 0)
    crossing = _find_between(row.crossings)
    joined = _find_between(_find_joined(row, weights.joining))
    division = (
        weights.overlap * overlaps
        + weights.offset * offsets
        + weights.tips * meeting
        + weights.crossing * crossing
    )
    borders = [*(division + row.cuts).tolist(), 0.0]
    certain = _list_clusters(row.cuts > 0) | _list_clusters(overlaps >= MIN_CLUSTER_OVERLAP)
    certain |= _list_clusters(crossing)
    near = _find_between(_find_joined(row, weights.letter_gap))
    clusters = {span for span in _list_clusters(near) if _is_narrow_cluster(row, *span)}
    certain |= clusters
    if len(set(row.wholes)) <= MAX_PIECES:
        certain.add((0, len(row.boxes)))
    beside = [False, *joined.tolist(), False]
    groups = [Group(piece, piece + 1, weights.skipped, skipped=True) for piece in _list_small(row)]
    for start, end in itertools.combinations(range(len(row.boxes) + 1), 2):
        if (start, end) in certain or _may_be_digit(row, start, end):
            penalty = sum(map(mul, weight_of, _measure_group(row, start, end)))
            if (start, end) in certain or penalty <= MAX_PENALTY:
                is_joined = bool(beside[start] or beside[end])
                groups.append(
                    Group(
                        start,
                        end,
                        penalty + borders[end - 1],
                        is_joined=is_joined,
                        is_cluster=(start, end) in clusters,
                    )
                )
    return groups


def _list_small(row: PieceRow) -> list[int]:
    """The pieces, cut from no other, that may be specks beside larger ones."""
    sides = (row.boxes[:, 2:] - row.boxes[:, :2]).max(axis=1)
    cut = np.concatenate([[False], row.cuts > 0, [False]])
    small = sides < SMALL * row.height
    return [] if small.all() else np.flatnonzero(small & ~cut[1:] & ~cut[:-1]).tolist()


def _measure_group(row: PieceRow, start: int, end: int) -> tuple[float, ...]:
    """What speaks against pieces ``start`` to ``end − 1``, in the order of ``PenaltyWeights``."""
    boxes, distances = row.boxes[start:end], row.distances[start:end, start:end]
    heights = boxes[:, 3] - boxes[:, 1]
    width, height = ((boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)) / row.height).tolist()
    tall = low = 0.0
    for piece in range(1, end - start):
        nearest = int(distances[piece, :piece].argmin())
        distance = min(1.0, distances[piece, nearest] / row.height / MAX_DISTANCE)
        if min(heights[piece], heights[nearest]) > TALL * row.height:
            tall += distance
        else:
            low += distance
    return (
        len(set(row.wholes[start:end])) - 1,
        tall,
        low,
        min(MAX_EXCESS, max(0.0, width - USUAL_WIDTH * height) / height) if height else MAX_EXCESS,
        max(0.0, USUAL_HEIGHT - height),
    )


def _find_joined(row: PieceRow, joining: float) -> npt.NDArray[np.bool_]:
    """Whether two pieces touch and are together as narrow as a digit, ``(P, P)``."""
    left, right = row.boxes[:, 0], row.boxes[:, 2]
    widths = np.maximum(right[:, None], right) - np.minimum(left[:, None], left)
    return (row.distances < joining * row.height) & (widths <= MAX_JOINED_WIDTH * row.height)


def _find_between(pairs: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a border lies between any two pieces of a kind, ``(P − 1,)`` of ``(P, P)``."""
    return np.array([pairs[:border, border:].any() for border in range(1, len(pairs))], bool)


def _list_clusters(connected: npt.NDArray[np.bool_]) -> set[tuple[int, int]]:
    """The spans of pieces of which each is connected with the next, ``(P − 1,)``."""
    edges = (np.flatnonzero(~connected) + 1).tolist()
    return set(itertools.pairwise([0, *edges, len(connected) + 1]))


def _is_narrow_cluster(row: PieceRow, start: int, end: int) -> bool:
    """Whether several pieces are together no wider than a letter."""
    boxes = row.boxes[start:end]
    width, height = boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)
    return bool(end - start > 1 and width <= MAX_CLUSTER_WIDTH * height)


def _may_be_digit(row: PieceRow, start: int, end: int) -> bool:
    boxes = row.boxes[start:end]
    gaps = boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])
    few = len(set(row.wholes[start:end])) <= MAX_PIECES
    return bool(few and (gaps <= MAX_GAP * row.height).all())


def _measure_borders(row: PieceRow) -> tuple[Lengths, Lengths]:
    """What speaks against dividing two neighbours, ``(P − 1,)`` each; 0 for cuts.

    Returns:
        How much boxes on either side overlap, as a share of the narrower one; and how much less
        than the whole height the neighbours overlap, if both are tall, as a share of the lower one.
    """
    starts, ends = row.boxes[:, :2].T, row.boxes[:, 2:].T
    common = np.minimum(ends[:, :, None], ends[:, None]) - np.maximum(
        starts[:, :, None], starts[:, None]
    )  # (2, P, P): of widths and of heights
    sides = np.maximum(ends - starts, MIN_SIDE * row.height)
    shares = np.clip(common / np.minimum(sides[:, :, None], sides[:, None]), 0, 1)
    tall = sides[1] > TALL * row.height
    offsets = (1 - np.diagonal(shares[1], 1)) * (tall[1:] & tall[:-1])
    shares = shares[0] * np.where(shares[1] < MIN_BESIDE_OVERLAP, STACKED, 1.0)
    overlaps = [
        shares[max(0, border - MAX_PIECES) : border, border : border + MAX_PIECES].max()
        for border in range(1, len(row.boxes))
    ]
    uncut = row.cuts == 0
    return overlaps * uncut, offsets * uncut
