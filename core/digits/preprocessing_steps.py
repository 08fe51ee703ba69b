"""Preprocessing steps: one drawing after each step from a plain resize to the frame.

Programs that recognise drawn digits differ most in how many of these steps they carry out. Each
step gives a ``(28, 28)`` float32 array, 0 paper … 1 ink, that a model can take as input. This
module does not know about models.
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
    frame_from_ink,
    frame_from_strokes,
    place_by_centre_of_mass,
    scale_to_box,
    thicken_strokes,
)
from core.digits.ink import Ink
from core.digits.strokes import Stroke

# Strokes are drawn at this many times their size and then reduced, for smooth edges.
OVERSAMPLING = 2


@dataclass(frozen=True, eq=False)
class PreprocessingStep:
    """One step of the preprocessing and its result.

    Attributes:
        title: the name shown on a page.
        explanation: what the step does, in a sentence.
        frame: the result of the step, ``(28, 28)`` float32, 0 paper … 1 ink.
    """

    title: str
    explanation: str
    frame: Frame


def list_steps_from_strokes(
    strokes: Sequence[Stroke], *, side: int, pen_width: float
) -> list[PreprocessingStep]:
    """List the steps for a drawing on a square pad.

    Args:
        strokes: as in ``frame_from_strokes``.
        side: of the pad, in its pixels.
        pen_width: of the pen that drew the strokes, in pixels of the pad.

    Returns:
        The steps in their order. The last one is the inverted frame; the one before it is the
        frame that models take as input.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit, or all of it lies outside the pad.
    """
    frame = frame_from_strokes(strokes)
    steps = _list_steps(_draw_pad(strokes, side, pen_width))
    fixed_width = PreprocessingStep(
        "Fixed pen width", "The strokes are drawn again with a pen of a fixed width.", frame
    )
    return [*steps, fixed_width, _invert(frame)]


def list_steps_from_ink(ink: Ink) -> list[PreprocessingStep]:
    """List the steps for one digit in a picture, as in ``list_steps_from_strokes``.

    Args:
        ink: ``(H, W)`` float32, 0 paper … 1 ink, with the paper around the digit.

    Raises:
        EmptyDrawingError: there is too little ink to be a digit.
    """
    steps = _list_steps(ink)
    cropped = crop_to_ink(ink)
    if thicken_strokes(cropped) is not cropped:
        widened = PreprocessingStep(
            "Widened strokes",
            "The strokes are thinner than those of MNIST, so they are widened.",
            frame_from_ink(ink),
        )
        steps.append(widened)
    return [*steps, _invert(steps[-1].frame)]


def _list_steps(ink: Ink) -> list[PreprocessingStep]:
    cropped = crop_to_ink(ink)
    box = scale_to_box(cropped)
    return [
        PreprocessingStep(
            "Plain resize", "The whole picture is resized to 28×28 pixels.", _resize(ink)
        ),
        PreprocessingStep(
            "Cropped",
            "The picture is cropped to the ink, then resized. The digit's proportions are lost.",
            _resize(cropped),
        ),
        PreprocessingStep(
            "Scaled",
            "The longer side is scaled to 20 pixels, and the bounding box is centred.",
            _centre_box(box),
        ),
        PreprocessingStep(
            "Centred",
            "The centre of mass is moved to the middle of the frame, as in MNIST.",
            place_by_centre_of_mass(box),
        ),
    ]


def _invert(frame: Frame) -> PreprocessingStep:
    return PreprocessingStep(
        "Inverted",
        "Not a step of the preprocessing: dark ink on a light background, the opposite of MNIST.",
        1 - frame,
    )


def _draw_pad(strokes: Sequence[Stroke], side: int, pen_width: float) -> Ink:
    """Draw the pad as an image, ``(side, side)`` float32, 0 paper … 1 ink."""
    picture = Image.new("L", (side * OVERSAMPLING, side * OVERSAMPLING), 0)
    draw = ImageDraw.Draw(picture)
    radius = pen_width * OVERSAMPLING / 2
    for stroke in strokes:
        points = [(float(x) * OVERSAMPLING, float(y) * OVERSAMPLING) for x, y in stroke]
        draw.line(points, fill=255, width=round(2 * radius))
        for x, y in points:  # round joins and ends
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
