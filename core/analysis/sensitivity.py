"""Sensitivity: what becomes of the models' answers as one frame is changed little by little.

The frame is changed after preprocessing, which would undo a shift or a scale at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.frame import Frame
from core.inference.classifier import Classifier
from core.synthesis.warping import change_thickness, map_affinely, resample

STEPS = 41


@dataclass(frozen=True)
class Perturbation:
    """One way to change a frame.

    Attributes:
        id: what a URL calls it, and ``change_frame`` takes.
        title: what a page calls it.
        unit: of the amounts.
        least: the smallest amount.
        greatest: the greatest amount.
        neutral: the amount that changes nothing.
    """

    id: str
    title: str
    unit: str
    least: float
    greatest: float
    neutral: float


PERTURBATIONS = (
    Perturbation("rotation", "Rotation", "degrees, clockwise", -45, 45, 0),
    Perturbation("shift_x", "Shift to the right", "pixels", -8, 8, 0),
    Perturbation("shift_y", "Shift downwards", "pixels", -8, 8, 0),
    Perturbation("scale", "Size", "times", 0.5, 1.5, 1),
    Perturbation("thickness", "Thickness", "pixels on every side", -1.5, 1.5, 0),
)


@dataclass(frozen=True, eq=False)
class PerturbationCurve:
    """One frame, changed in one way by rising amounts.

    Attributes:
        change: in which way.
        amounts: ``(A,)``.
        frames: ``(A, 28, 28)``.
        probabilities: by model id, ``(A, 10)``.
    """

    change: Perturbation
    amounts: npt.NDArray[np.float64]
    frames: Frame
    probabilities: dict[str, npt.NDArray[np.float32]]

    def list_flips(self, model_id: str) -> list[tuple[float, int]]:
        """Where a model's prediction changes: the amount, and the predicted digit beyond it.

        Beyond means further from the neutral amount: to the left of it, the digit that is predicted
        for smaller amounts.
        """
        predicted = self.probabilities[model_id].argmax(axis=1)
        before = np.flatnonzero(np.diff(predicted))
        amounts = (self.amounts[before] + self.amounts[before + 1]) / 2
        beyond = np.where(amounts < self.change.neutral, before, before + 1)
        return [
            (float(amount), int(predicted[place]))
            for amount, place in zip(amounts, beyond, strict=True)
        ]


def measure_curve(
    frame: Frame, change: Perturbation, classifiers: Sequence[Classifier]
) -> PerturbationCurve:
    """Perturb a ``(28, 28)`` frame by 41 amounts from least to greatest, and predict each."""
    amounts = np.linspace(change.least, change.greatest, STEPS)
    frames = np.stack([perturb(frame, **{change.id: float(amount)}) for amount in amounts])
    return PerturbationCurve(
        change, amounts, frames, {one.model_id: one.probabilities(frames) for one in classifiers}
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
    """Thicken, then scale and turn about the middle, then shift a ``(28, 28)`` frame.

    Args:
        frame: 0 paper … 1 ink.
        rotation: in degrees, clockwise.
        shift_x: in pixels, to the right.
        shift_y: in pixels, downwards.
        scale: above 0; 2 makes the digit twice as large.
        thickness: in pixels added on every side of the strokes; below 0 they get thinner.

    Returns:
        ``(28, 28)`` float32 in 0…1; what leaves the frame is lost.
    """
    angle = np.radians(rotation)
    turn_back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn_back / scale  # from rows and columns of the result to those of the frame
    shift = -matrix @ np.array([shift_y, shift_x])
    changed = resample(_thicken(frame[None], thickness), map_affinely(matrix[None], shift[None]))
    return np.clip(changed[0], 0, 1)


def _thicken(frames: Frame, pixels: float) -> Frame:
    """Grow or shrink strokes by whole rings of pixels, and by a share of the last one."""
    while pixels:
        step = min(max(pixels, -1.0), 1.0)
        frames = change_thickness(frames, step)
        pixels -= step
    return frames
