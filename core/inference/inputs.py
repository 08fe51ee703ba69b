"""Inputs: what somebody gives the models to classify, strokes or a picture, with the digits in it.

Knows neither where an input comes from nor what a model predicts for it.
"""

import hashlib
import io
import math
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
from PIL import Image, ImageOps

from core.digits.found_digits import Box, DigitRows, FoundDigit, list_digits, scale_boxes
from core.digits.image_file import find_reduction, open_image
from core.digits.ink import Ink
from core.digits.preprocessing_steps import (
    PreprocessingStep,
    list_steps_from_ink,
    list_steps_from_strokes,
)
from core.digits.strokes import Stroke
from core.inference.number import find_in_image, find_in_strokes

# The longer side of the preview of a picture, in pixels.
PREVIEW_SIDE = 900
# Of the paper around a digit that is cut out of a picture, as a share of its longer side.
CROP_MARGIN = 0.2


@dataclass(frozen=True, eq=False)
class StrokeInput:
    """Digits drawn on a pad.

    Attributes:
        strokes: one ``(n, 2)`` float64 array a stroke, in pad pixels.
        pen_width: width of the pen that drew them, in pad pixels.
        pad_side: side of the square pad, in pad pixels.
        rows: the digits found in the strokes.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """

    strokes: Sequence[Stroke]
    pen_width: float
    pad_side: int
    rows: DigitRows = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", find_in_strokes(self.strokes))

    def take_strokes(self, digit: FoundDigit) -> list[Stroke]:
        """The strokes of one digit; of a stroke that runs through several digits, its own part."""
        left, top, right, bottom = digit.box
        return [
            stroke[((stroke >= (left, top)) & (stroke <= (right, bottom))).all(axis=1)]
            for stroke in (self.strokes[index] for index in digit.strokes)
        ]

    def list_steps(self, digit: FoundDigit) -> list[PreprocessingStep]:
        """The preprocessing steps from the pad to the frame of one digit."""
        return list_steps_from_strokes(
            self.take_strokes(digit), side=self.pad_side, pen_width=self.pen_width
        )


@dataclass(frozen=True, eq=False)
class ImageInput:
    """A picture of digits, from a file or the camera.

    It holds neither the file, of up to 10 MB, nor its pixels, of which a photograph has 36 MB.

    Args:
        contents: of the image file.
        name: of the file.

    Attributes:
        name: of the file.
        sha256: hexadecimal digest of the file, by which it is known again.
        rows: the digits found in the picture, with boxes in pixels of the upright picture.
        size: width and height of the upright picture, in pixels.
        preview: the upright picture as a WebP file, reduced to ``PREVIEW_SIDE`` pixels.

    Raises:
        UnreadableImageError: the file cannot be decoded.
        EmptyDrawingError: there is too little ink to be a digit.
    """

    contents: InitVar[bytes]
    name: str
    sha256: str = field(init=False)
    rows: DigitRows = field(init=False)
    size: tuple[int, int] = field(init=False)
    preview: bytes = field(init=False, repr=False)

    def __post_init__(self, contents: bytes) -> None:
        with open_image(contents) as picture:
            reduction = find_reduction(picture)
            rows = scale_boxes(find_in_image(picture), reduction)
            preview = _write_preview(picture)
        object.__setattr__(self, "sha256", hashlib.sha256(contents).hexdigest())
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "preview", preview)
        object.__setattr__(self, "size", tuple(round(side * reduction) for side in picture.size))

    def list_steps(self, digit: FoundDigit) -> list[PreprocessingStep]:
        """The preprocessing steps from the picture to the frame of one digit."""
        is_alone = len(list_digits(self.rows)) == 1
        area = (0, 0, *self.size) if is_alone else self._widen(digit.box)
        return list_steps_from_ink(_place_ink(digit, area))

    def _widen(self, box: Box) -> tuple[int, int, int, int]:
        """The box of a digit with some paper around it, in whole pixels."""
        left, top, right, bottom = box
        margin = max(right - left, bottom - top) * CROP_MARGIN
        width, height = self.size
        return (
            max(0, math.floor(left - margin)),
            max(0, math.floor(top - margin)),
            min(width, math.ceil(right + margin)),
            min(height, math.ceil(bottom + margin)),
        )


NumberInput = StrokeInput | ImageInput


def _place_ink(digit: FoundDigit, area: tuple[int, int, int, int]) -> Ink:
    """The ink of a digit on an area of the picture without any other ink."""
    ink = np.zeros((1, 1), np.float32) if digit.ink is None else digit.ink
    left, top, right, bottom = digit.box
    scale = max(ink.shape) / max(right - left, bottom - top)
    page = np.zeros(
        (round((area[3] - area[1]) * scale) + 1, round((area[2] - area[0]) * scale) + 1), np.float32
    )
    y, x = max(0, round((top - area[1]) * scale)), max(0, round((left - area[0]) * scale))
    place = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    place[:] = ink[: place.shape[0], : place.shape[1]]
    return page


def _write_preview(picture: Image.Image) -> bytes:
    """The preview of a picture."""
    reduced = ImageOps.contain(picture, (min(PREVIEW_SIDE, max(picture.size)),) * 2)
    file = io.BytesIO()
    reduced.convert("RGBA" if reduced.has_transparency_data else "RGB").save(
        file, "WEBP", quality=80, method=2
    )
    return file.getvalue()
