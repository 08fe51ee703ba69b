"""What was found in strokes or in a picture: the digits of each row, with box and frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.digits.frame import Frame
from core.digits.ink import Ink

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class FoundDigit:
    """One digit, or one thing that may be a digit.

    Attributes:
        box: left, top, right and bottom of its ink, in pixels of the pad, or of the picture after
            it was turned upright.
        frame: ``(28, 28)`` float32, 0 paper … 1 ink.
        strokes: indices of the strokes it is made of; empty for a picture.
        ink: ``(h, w)`` float32 in 0…1, from which the frame was made; None for strokes.
    """

    box: Box
    frame: Frame
    strokes: tuple[int, ...] = ()
    ink: Ink | None = None


# Rows from top to bottom, the digits of each from left to right; at least one row of one digit.
DigitRows = Sequence[Sequence[FoundDigit]]


def scale_boxes(rows: DigitRows, factor: float) -> DigitRows:
    """The same digits with boxes in pixels of a picture that is larger by a factor."""
    return tuple(tuple(_scale_box(digit, factor) for digit in row) for row in rows)


def _scale_box(digit: FoundDigit, factor: float) -> FoundDigit:
    left, top, right, bottom = digit.box
    return replace(digit, box=(factor * left, factor * top, factor * right, factor * bottom))


def list_digits(rows: DigitRows) -> list[FoundDigit]:
    """All digits in reading order."""
    return [digit for row in rows for digit in row]
