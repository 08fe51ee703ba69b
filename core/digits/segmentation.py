"""Segmentation: what may be digits in strokes or in a picture, and the best choice among it.

Heuristic over-segmentation (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
applied to document recognition", Proceedings of the IEEE 86 (1998), section V,
doi:10.1109/5.726791): the ink is cut into more pieces than there are digits. Neighbouring pieces
are grouped to candidates, a model scores the frame of each, and the best path through the pieces is
the number. This module does not know about models: it takes their scores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from core.digits.found_digits import DigitRows, FoundDigit
from core.digits.frame import FRAME_SIZE, Frame

# How much more the log-confidence of a candidate counts that is joined to others.
JOINED_FACTOR = 8.0


@dataclass(frozen=True, eq=False)
class Candidate:
    """A group of neighbouring pieces of a row that may be a digit.

    Attributes:
        start: the group's first piece, counted from the left.
        end: the piece after its last one.
        digit: the group as a digit; None for a speck, which a path may skip.
        penalty: what its shape and its borders cost, 0 or more, in units of log-confidence.
        ink: its amount of ink, as a share of all ink.
        is_joined: whether its neighbours touch it and are with it as narrow as a digit.
        is_cluster: whether its pieces are close to one another and to no others.
    """

    start: int
    end: int
    digit: FoundDigit | None
    penalty: float
    ink: float
    is_joined: bool = False
    is_cluster: bool = False


@dataclass(frozen=True, eq=False)
class CandidateRow:
    """Pieces that may be a row of digits, or the parts of rows that are in truth one row.

    Attributes:
        start: the first of its parts, counted from the top.
        end: the part after its last one.
        candidates: some of them form a path from the row's first piece to its last one.
        penalty: what its lower border costs, 0 or more, in units of log-confidence.
    """

    start: int
    end: int
    candidates: tuple[Candidate, ...]
    penalty: float = 0.0


@dataclass(frozen=True, eq=False)
class SegmentationGraph:
    """All candidates in strokes or in an ink image.

    Attributes:
        rows: some of them form a path from the top to the bottom.
    """

    rows: tuple[CandidateRow, ...]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """All candidates except specks, row by row."""
        return [candidate for row in self.rows for candidate in row.candidates if candidate.digit]

    @property
    def clusters(self) -> npt.NDArray[np.intp]:
        """Which of the candidates are clusters, ``(C,)``."""
        return np.flatnonzero([candidate.is_cluster for candidate in self.candidates])

    @cached_property
    def frames(self) -> Frame:
        """The frame of each candidate, ``(N, 28, 28)`` float32."""
        frames = [candidate.digit.frame for candidate in self.candidates if candidate.digit]
        return np.array(frames, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)


@dataclass(frozen=True, eq=False)
class SegmentationPath:
    """The candidates that were chosen.

    Attributes:
        rows: from top to bottom, the candidates of each from left to right, without specks.
        log_confidences: ``(D,)`` of the candidates in reading order.
        score: the sum of log-confidences, less all penalties.
    """

    rows: tuple[tuple[Candidate, ...], ...]
    log_confidences: npt.NDArray[np.float64]
    score: float

    @property
    def digit_rows(self) -> DigitRows:
        """The digits of each row."""
        return tuple(
            tuple(candidate.digit for candidate in row if candidate.digit) for row in self.rows
        )

    @property
    def ink_share(self) -> float:
        """The share of all ink that the digits explain, 0…1; the rest is specks."""
        return sum(candidate.ink for row in self.rows for candidate in row)


def choose_path(
    graph: SegmentationGraph, log_confidences: npt.ArrayLike, divisions: npt.ArrayLike = 0.0
) -> SegmentationPath:
    """Choose the rows and digits with the highest sum of log-confidences less penalties.

    Args:
        graph: the candidates.
        log_confidences: ``(N,)``, one for each of ``graph.candidates``.
        divisions: ``(N,)``, the penalty of each border within a candidate that is a cluster.
    """
    count = len(graph.candidates)
    scores = iter(np.asarray(log_confidences, np.float64).tolist())
    weights = iter(np.broadcast_to(np.asarray(divisions, np.float64), count).tolist())
    scored = []
    for row in graph.rows:
        own = [(item, next(scores) if item.digit else 0.0) for item in row.candidates]
        borders = _weigh_borders(row, weights)
        score, path = _find_best(
            [
                (item, _weigh(item, one) - item.penalty - borders.get(item.end, 0.0), (item, one))
                for item, one in own
            ]
        )
        scored.append((row, score - row.penalty, path))
    total, paths = _find_best(scored)
    chosen = [[(item, one) for item, one in path if item.digit] for path in paths]
    return SegmentationPath(
        tuple(tuple(item for item, _ in row) for row in chosen),
        np.array([one for row in chosen for _, one in row], np.float64),
        total,
    )


def _weigh_borders(row: CandidateRow, weights: Iterator[float]) -> dict[int, float]:
    """The penalties of the borders within the clusters of a row, by the piece after the border."""
    weighed = [(item, next(weights)) for item in row.candidates if item.digit]
    return {
        border: weight
        for item, weight in weighed
        if item.is_cluster
        for border in range(item.start + 1, item.end)
    }


def _weigh(candidate: Candidate, log_confidence: float) -> float:
    """The score of a candidate: doubt counts more in what may be a part of something else."""
    return (JOINED_FACTOR if candidate.is_joined else 1.0) * log_confidence


class _Span(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


T = TypeVar("T")


def _find_best(spans: Sequence[tuple[_Span, float, T]]) -> tuple[float, list[T]]:
    """The best path by dynamic programming: the sum of its scores, and what its spans carry."""
    best: dict[int, tuple[float, list[T]]] = {0: (0.0, [])}
    for span, score, carried in sorted(spans, key=lambda item: item[0].end):
        if span.start in best:
            total, path = best[span.start]
            if span.end not in best or total + score > best[span.end][0]:
                best[span.end] = total + score, [*path, carried]
    return best[max(best)]
