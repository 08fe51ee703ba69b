"""The choice of ink: which hypothesis about a picture looks most like digits.

The judge scores the ink of every hypothesis of ``core.digits.hypotheses`` as one digit. The most
plausible ones are divided into several digits, too. The highest score wins.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from core.digits.found_digits import DigitRows, FoundDigit, list_digits
from core.digits.frame import BOX_THRESHOLD, frame_from_ink
from core.digits.hypotheses import SHARE_WEIGHT, Hypothesis, propose_hypotheses
from core.digits.ink import EmptyDrawingError, Ink
from core.digits.ink_segmentation import segment_ink
from core.digits.segmentation import SegmentationGraph
from core.inference.judge import Judge, choose_digits

# The search goes on while a higher score is possible, by at least this.
MIN_GAIN = 0.03
# Less plausible hypotheses are no ink, whatever they look like: the edge of a sheet looks like a 1.
MIN_PLAUSIBILITY = -0.3
# What explains less of the ink is none either, unless it looks like digits.
MIN_SHARE = 0.1
# So many parts that look so little like digits, on average, are the letters of a text.
MIN_TEXT = 6
TEXT_LOG_CONFIDENCE = -0.8
# So many hypotheses are divided into several digits.
MAX_DIVIDED = 2
# The first one that is more plausible than this is divided before others are proposed.
SURE_PLAUSIBILITY = 0.5
# What a gap between two parts of one digit costs if it is as wide as the digit is high, and what it
# costs if a digit is wider than USUAL_WIDTH by its height. A part has MIN_PART of the ink or more.
GAP_PENALTY = 4.0
USUAL_WIDTH = 1.1
WIDTH_PENALTY = 3.0
MIN_PART = 0.1
# What several digits cost against one, in units of log-confidence.
DIVISION_PENALTY = 0.1


@dataclass(frozen=True, eq=False)
class ChosenInk:
    """A hypothesis with its digits.

    Attributes:
        hypothesis: with the ink.
        rows: the digits of each row, with boxes in pixels of the ink image.
        score: in units of log-confidence, at most ``SHARE_WEIGHT``.
    """

    hypothesis: Hypothesis
    rows: DigitRows
    score: float

    @property
    def is_doubtful(self) -> bool:
        """Whether something else in the picture, or a text, looks a little like digits."""
        log_confidence = self.score - self.hypothesis.plausibility
        if len(list_digits(self.rows)) >= MIN_TEXT and log_confidence < TEXT_LOG_CONFIDENCE:
            return True
        return self.score < 0 and self.hypothesis.share < MIN_SHARE

    @property
    def digit_rows(self) -> DigitRows:
        """The digits of each row, with boxes in pixels of the picture."""
        return tuple(
            tuple(replace(digit, box=self.hypothesis.locate(digit.box)) for digit in row)
            for row in self.rows
        )


def choose_ink(image: Image.Image, judge: Judge) -> ChosenInk:
    """Find the ink in a picture and divide it into digits.

    Args:
        image: any Pillow image, upright.
        judge: scores frames.

    Raises:
        EmptyDrawingError: there is no ink, or too little of it to be a digit.
    """
    hypotheses: list[Hypothesis] = []
    found: list[ChosenInk] = []

    def max_penalty() -> float:
        best = max((chosen.score for chosen in found), default=-math.inf)
        return SHARE_WEIGHT - max(best + MIN_GAIN, MIN_PLAUSIBILITY)

    divided: list[Hypothesis] = []
    for hypothesis in propose_hypotheses(image, max_penalty):
        hypotheses.append(hypothesis)
        found += _score_as_one_digit(hypothesis, judge)
        may_be_several = hypothesis.is_whole and hypothesis.plausibility > SURE_PLAUSIBILITY
        if not divided and may_be_several and max_penalty() > DIVISION_PENALTY:
            divided = [hypothesis]
            found += _score_divided(divided, judge)
        if max_penalty() < 0:
            break
    if max_penalty() > DIVISION_PENALTY:
        least = SHARE_WEIGHT - max_penalty()
        others = [one for one in hypotheses if one not in divided and one.plausibility >= least]
        found += _score_divided(_select_plausible(others), judge)
    if not found:
        raise EmptyDrawingError(
            "There is no ink in this picture. Use a darker pen or a picture with more contrast."
        )
    best = max(found, key=lambda chosen: chosen.score)
    if best.is_doubtful:
        raise EmptyDrawingError(
            "No digit was found in this picture. Crop the picture to the digits, or use another."
        )
    return best


def _score_as_one_digit(hypothesis: Hypothesis, judge: Judge) -> list[ChosenInk]:
    """The hypothesis as one digit; nothing where there is too little ink."""
    ink = hypothesis.ink
    try:
        frame = frame_from_ink(ink)
    except EmptyDrawingError:
        return []
    log_confidence = float(judge.log_confidences(frame[None])[0])
    score = _weigh(hypothesis, log_confidence, hypothesis.share) - _weigh_shape(ink)
    digit = FoundDigit((0, 0, ink.shape[1], ink.shape[0]), frame, ink=ink)
    return [ChosenInk(hypothesis, ((digit,),), score)]


def _weigh_shape(ink: Ink) -> float:
    """What speaks against one digit: gaps between its parts, and that it is wide."""
    height, width = ink.shape
    gap = _find_gap(ink, axis=0) + _find_gap(ink, axis=1)
    return (GAP_PENALTY * gap + WIDTH_PENALTY * max(0.0, width - USUAL_WIDTH * height)) / height


def _find_gap(ink: Ink, axis: int) -> int:
    """The widest gap between two parts of the ink, in pixels, in its sum along an axis."""
    covered = np.flatnonzero(ink.max(axis=axis) > BOX_THRESHOLD)
    before = np.cumsum(ink.sum(axis=axis))[covered[:-1]] / ink.sum()
    gaps = np.where((before > MIN_PART) & (before < 1 - MIN_PART), np.diff(covered) - 1, 0)
    return int(gaps.max(initial=0))


def _select_plausible(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """The whole hypotheses that leave little ink out, none of them twice."""
    whole = [hypothesis for hypothesis in hypotheses if hypothesis.is_whole]
    whole.sort(key=lambda hypothesis: -hypothesis.plausibility)
    selected: dict[tuple[int, ...], Hypothesis] = {}
    for hypothesis in whole:
        place = (round(hypothesis.left), round(hypothesis.top), *hypothesis.ink.shape)
        selected.setdefault(place, hypothesis)
    return list(selected.values())[:MAX_DIVIDED]


def _score_divided(hypotheses: Sequence[Hypothesis], judge: Judge) -> list[ChosenInk]:
    found = []
    for hypothesis in hypotheses:
        graph = _divide(hypothesis)
        if graph is None or len(graph.candidates) < 2:
            continue
        path = choose_digits(graph, judge)
        if not len(path.log_confidences):
            continue
        share = path.ink_share * hypothesis.share
        penalty = DIVISION_PENALTY * (len(path.log_confidences) > 1)
        # Penalties decide between the paths through the same ink, not between hypotheses.
        score = _weigh(hypothesis, float(path.log_confidences.mean()), share) - penalty
        found.append(ChosenInk(hypothesis, path.digit_rows, score))
    return found


def _divide(hypothesis: Hypothesis) -> SegmentationGraph | None:
    try:
        return segment_ink(hypothesis.ink)
    except EmptyDrawingError:
        return None


def _weigh(hypothesis: Hypothesis, log_confidence: float, share: float) -> float:
    return log_confidence + SHARE_WEIGHT * share - hypothesis.penalty
