"""Slices: the digits of one class, or of all, whose measures lie between bounds.

A slice has a name in words, such as "Sevens that are thin and lean to the left", and a short text
for addresses, ``7 thickness<2.31 slant<-8.25``. This module does not know models.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np
import numpy.typing as npt

from core.analysis.measures import MEASURES, Measures
from core.analysis.phrases import WORDINGS, Phrase, join_phrases

CLASS_NAMES = (
    "Zeros", "Ones", "Twos", "Threes", "Fours", "Fives", "Sixes", "Sevens", "Eights", "Nines",
)  # fmt: skip
DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
COUNTS = ("loops", "ends")
BOUND = re.compile(r"([a-z]+)([<>])(-?\d{1,4}(?:\.\d{1,4})?)")

Labels = npt.NDArray[np.integer]
Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Range:
    """The values of a measure between two limits, one of which may be infinite."""

    measure: str
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise ValueError(f"expected one of {', '.join(MEASURES)}, got {self.measure!r}")

    def contains(self, measures: Measures) -> Masks:
        """Which of ``(N,)`` digits have such a value."""
        values = measures[self.measure]
        return (values > self.low) & (values < self.high)

    def list_texts(self) -> Iterator[str]:
        """The limits as in an address: ``thickness<2.31``."""
        for sign, limit in ((">", self.low), ("<", self.high)):
            if abs(limit) < inf:
                yield f"{self.measure}{sign}{limit:g}"

    def list_limits(self) -> Iterator[str]:
        """The limits in words: ``thickness below 2.31 px``."""
        measure = MEASURES[self.measure]
        for side, limit in (("above", self.low), ("below", self.high)):
            if abs(limit) < inf:
                yield f"{measure.title.lower()} {side} {measure.format(limit)}"

    def list_phrases(self, median: float) -> list[Phrase]:
        """What the limits mean where the class has this median: ``are thin``."""
        if self.measure in COUNTS:
            return [Phrase("have", self._describe_count())]
        wording = WORDINGS[self.measure]
        middle = median if wording.middle is None else wording.middle
        if self.high <= middle + wording.slack:
            return [wording.small]
        if self.low >= middle - wording.slack:
            return [wording.large]
        if self.high == inf:
            return [wording.not_small]
        return [wording.not_large] if self.low == -inf else [*wording.between]

    def _describe_count(self) -> str:
        """``no loop``, ``1 end``, ``at most 2 ends``, ``2 loops or more``."""
        noun = MEASURES[self.measure].title.lower()
        least = 0 if self.low == -inf else floor(self.low) + 1
        if self.high == inf:
            return f"{least} {noun} or more" if least > 1 else noun
        most = ceil(self.high) - 1
        counted = f"{most or 'no'} {noun if most > 1 else noun.removesuffix('s')}"
        return counted if least == most else f"at most {counted}"


@dataclass(frozen=True)
class Slice:
    """A class, or all where it is None, and at least one range of a measure."""

    digit: int | None
    ranges: tuple[Range, ...]

    def __str__(self) -> str:
        """The text for addresses."""
        texts = [] if self.digit is None else [str(self.digit)]
        return " ".join([*texts, *(text for range_ in self.ranges for text in range_.list_texts())])

    def select(self, labels: Labels, measures: Measures) -> Masks:
        """Which of ``(N,)`` digits are in the slice."""
        within = [range_.contains(measures) for range_ in self.ranges]
        return np.logical_and.reduce([select_class(self.digit, labels), *within])

    def name(self, labels: Labels, measures: Measures) -> str:
        """The slice in words; medians are of its class, or of all digits where there is none."""
        of_class = select_class(self.digit, labels)
        of_class |= not of_class.any()
        phrases = [
            phrase
            for range_ in self.ranges
            for phrase in range_.list_phrases(float(np.median(measures[range_.measure][of_class])))
        ]
        return f"{name_class(self.digit)} that {join_phrases(phrases)}"

    def describe_limits(self) -> str:
        """The limits of the measures in words: ``thickness below 2.31 px, slant below −8°``."""
        return ", ".join(limit for range_ in self.ranges for limit in range_.list_limits())


def select_class(digit: int | None, labels: Labels) -> Masks:
    """Which of ``(N,)`` digits are of a class; all of them where it is None."""
    return np.ones(len(labels), bool) if digit is None else labels == digit


def name_class(digit: int | None) -> str:
    """``Sevens``; ``Digits`` for all classes."""
    return "Digits" if digit is None else CLASS_NAMES[digit]


def name_digits(digit: int, count: int) -> str:
    """``1 seven``; ``3 sevens``."""
    return f"{count:,} {DIGIT_NAMES[digit] if count == 1 else CLASS_NAMES[digit].lower()}"


def parse_slice(text: str) -> Slice:
    """Read the text of a slice.

    Raises:
        ValueError: the text is not one of a slice.
    """
    words = text.split()
    digit = int(words.pop(0)) if words and re.fullmatch("[0-9]", words[0]) else None
    limits: dict[str, dict[str, float]] = {}
    for word in words:
        match = BOUND.fullmatch(word)
        if not match:
            raise ValueError(f"expected a bound such as slant<-8, got {word[:60]!r}")
        side = "high" if match[2] == "<" else "low"
        limits.setdefault(match[1], {})[side] = float(match[3])
    if not limits:
        raise ValueError("expected at least one bound, such as slant<-8")
    return Slice(digit, tuple(Range(measure, **sides) for measure, sides in limits.items()))
