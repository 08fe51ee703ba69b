"""Sensitivity: perturbations of one frame, under which the browser shows how predictions change.

They are applied after preprocessing, because preprocessing would undo a shift or a change of size.
``pages/live/perturbation.js`` is the twin of this module.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.frame import Frame
from core.synthesis.warping import change_thickness, map_affinely, resample

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Perturbation:
    """One kind of change to a frame.

    Attributes:
        id: the name used in URLs, and the parameter of ``perturb``.
        title: the name shown on a page.
        unit: of the amounts.
        minimum: the smallest amount.
        maximum: the largest amount.
        neutral: the amount without effect.
    """

    id: str
    title: str
    unit: str
    minimum: float
    maximum: float
    neutral: float


PERTURBATIONS = (
    Perturbation("rotation", "Rotation", "degrees, clockwise", -45, 45, 0),
    Perturbation("shift_x", "Shift to the right", "pixels", -8, 8, 0),
    Perturbation("shift_y", "Shift downwards", "pixels", -8, 8, 0),
    Perturbation("scale", "Size", "factor", 0.5, 1.5, 1),
    Perturbation("thickness", "Thickness", "pixels on every side", -1.5, 1.5, 0),
)


def perturb(
    frame: Frame,
    *,
    rotation: float = 0,
    shift_x: float = 0,
    shift_y: float = 0,
    scale: float = 1,
    thickness: float = 0,
) -> Frame:
    """Change the thickness of the strokes, then scale and rotate about the centre, then shift.

    Args:
        frame: ``(28, 28)``, 0 paper … 1 ink.
        rotation: in degrees, clockwise.
        shift_x: in pixels, to the right.
        shift_y: in pixels, downwards.
        scale: above 0; 2 makes the digit twice as large.
        thickness: added on every side of the strokes, in pixels; below 0 they become thinner.

    Returns:
        ``(28, 28)`` float32 in 0…1. Ink outside of the frame is cut off.
    """
    angle = np.radians(rotation)
    inverse_rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = inverse_rotation / scale  # from rows and columns of the result to those of the frame
    shift = -matrix @ np.array([shift_y, shift_x])
    changed = resample(_thicken(frame[None], thickness), map_affinely(matrix[None], shift[None]))
    return np.clip(changed[0], 0, 1)


def _thicken(frames: Frames, pixels: float) -> Frames:
    """Thicken or thin strokes by at most one pixel at a time."""
    while pixels:
        step = min(max(pixels, -1.0), 1.0)
        frames = change_thickness(frames, step)
        pixels -= step
    return frames
