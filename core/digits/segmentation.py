"""Segmentation: the digits found in strokes or in a picture, each with its box and its frame.

Heuristic over-segmentation (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
applied to document recognition", Proceedings of the IEEE 86 (1998), section V,
doi:10.1109/5.726791): the ink is cut into more pieces than there are digits. Neighbouring pieces
are grouped to candidates, a model scores the frame of each, and the best path through the pieces is
the number. This module does not know about models: it takes their scores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE, Frame

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """One digit, or one thing that may be a digit.

    Attributes:
        box: left, top, right and bottom of its ink, in pixels of the pad, or of the picture after
            it was turned upright.
        frame: ``(28, 28)`` float32, 0 paper … 1 ink.
        strokes: indices of the strokes it is made of; empty for a picture.
    """

    box: Box
    frame: Frame
    strokes: tuple[int, ...] = ()


# Rows from top to bottom, the digits of each from left to right; at least one row of one digit.
DigitRows = Sequence[Sequence[FoundDigit]]


def list_digits(rows: DigitRows) -> list[FoundDigit]:
    """All digits in reading order."""
    return [digit for row in rows for digit in row]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A group of neighbouring pieces of a row that may be a digit.

    Attributes:
        start: the group's first piece, counted from the left.
        end: the piece after its last one.
        digit: the group as a digit.
        penalty: what its shape and its borders cost, 0 or more, in units of log-confidence.
        ink: its amount of ink, as a share of all ink.
    """

    start: int
    end: int
    digit: FoundDigit
    penalty: float
    ink: float


@dataclass(frozen=True, eq=False)
class Layout:
    """One way to divide pieces into rows.

    Attributes:
        rows: the candidates of each row, from top to bottom. Some of them form a path from the
            row's first piece to its last one.
        penalty: what the borders between the rows cost, 0 or more, in units of log-confidence.
    """

    rows: tuple[tuple[Candidate, ...], ...]
    penalty: float = 0.0


@dataclass(frozen=True, eq=False)
class SegmentationGraph:
    """All candidates in strokes or in an ink image.

    Attributes:
        blocks: parts that lie clearly one below another, from top to bottom; of the layouts of each
            block, one is right.
    """

    blocks: tuple[tuple[Layout, ...], ...]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """All candidates: by block, layout and row."""
        return [
            candidate
            for block in self.blocks
            for layout in block
            for row in layout.rows
            for candidate in row
        ]

    @cached_property
    def frames(self) -> Frame:
        """The frame of each candidate, ``(N, 28, 28)`` float32."""
        frames = [candidate.digit.frame for candidate in self.candidates]
        return np.array(frames, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)


@dataclass(frozen=True, eq=False)
class SegmentationPath:
    """The candidates that were chosen.

    Attributes:
        rows: from top to bottom, the candidates of each from left to right.
        log_confidences: ``(D,)`` of the candidates in reading order.
        score: the sum of log-confidences, less all penalties.
    """

    rows: tuple[tuple[Candidate, ...], ...]
    log_confidences: npt.NDArray[np.float64]
    score: float

    @property
    def digit_rows(self) -> DigitRows:
        """The digits of each row."""
        return tuple(tuple(candidate.digit for candidate in row) for row in self.rows)

    @property
    def mean_score(self) -> float:
        """The score for each digit: comparable between ink hypotheses of one picture."""
        return self.score / max(1, len(self.log_confidences))

    @property
    def mean_log_confidence(self) -> float:
        """The mean log-confidence of the digits."""
        return float(self.log_confidences.mean()) if len(self.log_confidences) else 0.0

    @property
    def ink_share(self) -> float:
        """The share of all ink that the digits explain, 0…1; the rest is specks."""
        return sum(candidate.ink for row in self.rows for candidate in row)


def choose_path(graph: SegmentationGraph, log_confidences: npt.ArrayLike) -> SegmentationPath:
    """Choose the layout and the path with the highest sum of log-confidences less penalties.

    Args:
        graph: the candidates.
        log_confidences: ``(N,)``, one for each of ``graph.candidates``.
    """
    scores = iter(np.asarray(log_confidences, np.float64).tolist())
    rows: list[tuple[Candidate, ...]] = []
    confidences: list[float] = []
    total = 0.0
    for block in graph.blocks:
        score, paths = max(
            (_choose_in_layout(layout, scores) for layout in block), key=lambda found: found[0]
        )
        total += score
        rows += [tuple(candidate for candidate, _ in path) for path in paths]
        confidences += [confidence for path in paths for _, confidence in path]
    return SegmentationPath(tuple(rows), np.array(confidences, np.float64), total)


# Candidates with their log-confidences.
_ScoredPath = list[tuple[Candidate, float]]


def _choose_in_layout(layout: Layout, scores: Iterator[float]) -> tuple[float, list[_ScoredPath]]:
    found = [_choose_in_row(row, scores) for row in layout.rows]
    return sum(score for score, _ in found) - layout.penalty, [path for _, path in found]


def _choose_in_row(row: Sequence[Candidate], scores: Iterator[float]) -> tuple[float, _ScoredPath]:
    """The best path by dynamic programming over the pieces."""
    scored = sorted(zip(row, scores, strict=False), key=lambda item: item[0].end)
    best: dict[int, tuple[float, _ScoredPath]] = {0: (0.0, [])}
    for candidate, confidence in scored:
        if candidate.start in best:
            score, path = best[candidate.start]
            score += confidence - candidate.penalty
            if candidate.end not in best or score > best[candidate.end][0]:
                best[candidate.end] = score, [*path, (candidate, confidence)]
    return best[max(candidate.end for candidate in row)]
