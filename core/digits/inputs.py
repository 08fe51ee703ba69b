"""Inputs: what somebody gives a model to classify, strokes or a picture, with the frame made of it.

Knows neither where an input comes from nor what a model makes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from core.digits.frame import Frame, frame_from_image, frame_from_strokes
from core.digits.preprocessing_steps import (
    PreprocessingStep,
    list_steps_from_image,
    list_steps_from_strokes,
)
from core.digits.strokes import Stroke


@dataclass(frozen=True, eq=False)
class StrokeInput:
    """A digit drawn on a pad.

    Attributes:
        strokes: one ``(n, 2)`` float64 array a stroke, in pad pixels.
        pen_width: width of the pen that drew them, in pad pixels.
        pad_side: side of the square pad, in pad pixels.
        frame: ``(28, 28)`` float32 in 0 paper … 1 ink, made of the strokes.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """

    strokes: Sequence[Stroke]
    pen_width: float
    pad_side: int
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", frame_from_strokes(self.strokes))

    def list_steps(self) -> list[PreprocessingStep]:
        """The preprocessing steps from the pad to the frame."""
        return list_steps_from_strokes(self.strokes, side=self.pad_side, pen_width=self.pen_width)


@dataclass(frozen=True, eq=False)
class ImageInput:
    """A picture of a digit, from a file or the camera.

    Attributes:
        picture: as ``core.digits.image_file.read_image`` gives it.
        name: of its file.
        frame: ``(28, 28)`` float32 in 0 paper … 1 ink, made of the picture.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """

    picture: Image.Image
    name: str
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", frame_from_image(self.picture))

    def list_steps(self) -> list[PreprocessingStep]:
        """The preprocessing steps from the picture to the frame."""
        return list_steps_from_image(self.picture)


DigitInput = StrokeInput | ImageInput
