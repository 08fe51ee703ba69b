"""Segmentation: the digits found in strokes or in a picture, each with its box and its frame.

This module does not know about models.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.digits.frame import Frame

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
