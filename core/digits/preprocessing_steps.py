"""The preprocessing ladder: one drawing at each step from a plain resize to the frame.

Programs that read what people draw differ most in how far up they go. A rung is a ``(28, 28)``
float32 frame in 0 paper … 1 ink that a model could be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.digits.frame import (
    BOX_SIZE,
    FRAME_SIZE,
    Frame,
    crop_to_ink,
    frame_from_strokes,
    place_by_centre_of_mass,
    scale_to_box,
)
from core.digits.ink import Ink, ink_from_image
from core.digits.strokes import Stroke

# Strokes are drawn this many times as large and then reduced, for smooth edges.
OVERSAMPLING = 2


@dataclass(frozen=True, eq=False)
class PreprocessingStep:
    """One step.

    Attributes:
        title: what a page calls it.
        explanation: what the step does, in a sentence.
        frame: what a model would be shown after it.
    """

    title: str
    explanation: str
    frame: Frame


def list_steps_from_strokes(
    strokes: Sequence[Stroke], *, side: int, pen_width: float
) -> list[PreprocessingStep]:
    """The ladder of a drawing on a square pad; the last rung but one is what models are shown.

    Args:
        strokes: as ``frame_from_strokes`` takes them.
        side: of the pad, in its pixels.
        pen_width: of the pen that drew them, in the same.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit, or all of it lies off the pad.
    """
    frame = frame_from_strokes(strokes)
    steps = _list_steps(_draw(strokes, side, pen_width))
    even = PreprocessingStep(
        "Even pen", "The strokes are drawn anew with a pen of one width.", frame
    )
    return [*steps, even, _invert(frame)]


def list_steps_from_image(image: Image.Image) -> list[PreprocessingStep]:
    """The ladder of a picture; the last rung but one is what models are shown.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """
    steps = _list_steps(ink_from_image(image))
    return [*steps, _invert(steps[-1].frame)]


def _list_steps(ink: Ink) -> list[PreprocessingStep]:
    cropped = crop_to_ink(ink)
    box = scale_to_box(cropped)
    return [
        PreprocessingStep("Plain resize", "The whole picture is made 28×28.", _resize(ink)),
        PreprocessingStep(
            "Cropped", "What lies around the ink is cut off; its shape is lost.", _resize(cropped)
        ),
        PreprocessingStep(
            "Scaled", "The longer side is made 20 pixels, and the box is centred.", _centre_box(box)
        ),
        PreprocessingStep(
            "Centred",
            "The centre of mass is put on the middle, as MNIST was made.",
            place_by_centre_of_mass(box),
        ),
    ]


def _invert(frame: Frame) -> PreprocessingStep:
    return PreprocessingStep(
        "Wrong polarity", "Dark ink on light paper, which MNIST never has.", 1 - frame
    )


def _draw(strokes: Sequence[Stroke], side: int, pen_width: float) -> Ink:
    """The pad as a picture: ``(side, side)`` float32."""
    picture = Image.new("L", (side * OVERSAMPLING, side * OVERSAMPLING), 0)
    draw = ImageDraw.Draw(picture)
    radius = pen_width * OVERSAMPLING / 2
    for stroke in strokes:
        points = [(float(x) * OVERSAMPLING, float(y) * OVERSAMPLING) for x, y in stroke]
        draw.line(points, fill=255, width=round(2 * radius))
        for x, y in points:  # round joints and ends
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING), dtype=np.float32) / np.float32(255)


def _resize(ink: Ink) -> Frame:
    resized = Image.fromarray(ink).resize((FRAME_SIZE, FRAME_SIZE), Image.Resampling.BOX)
    return np.clip(np.asarray(resized), 0, 1)


def _centre_box(box: Ink) -> npt.NDArray[np.float32]:
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    top, left = ((FRAME_SIZE - side) // 2 for side in box.shape)
    frame[top : top + box.shape[0], left : left + box.shape[1]] = box[:BOX_SIZE, :BOX_SIZE]
    return frame
