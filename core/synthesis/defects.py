"""Defects: what finding the ink of a picture leaves on a digit, as augmentation of frames.

Specks beside the digit, blur, faint ink, a pen that skips, and a crop that is a little wrong. This
module does not know how ink is found.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.frame import FRAME_SIZE
from core.synthesis.warping import change_thickness, map_affinely, resample

Frames = npt.NDArray[np.float32]


def add_defects(frames: Frames, *, share: float, random: np.random.Generator) -> Frames:
    """Add one random defect to a random share of frames.

    Args:
        frames: ``(N, 28, 28)`` float32, 0 paper … 1 ink.
        share: of the frames, 0…1.
        random: generator of the choice of frames, the defects and their amounts.

    Returns:
        New frames, ``(N, 28, 28)`` float32 in 0…1.
    """
    changed = frames.copy()
    chosen = np.flatnonzero(random.random(len(frames)) < share)
    kinds = random.integers(len(DEFECTS), size=len(chosen))
    for number, add in enumerate(DEFECTS):
        part = chosen[kinds == number]
        if len(part):
            changed[part] = np.clip(add(frames[part], random), 0, 1)
    return changed


def _add_specks(frames: Frames, random: np.random.Generator) -> Frames:
    """One to three round specks anywhere."""
    for _ in range(int(random.integers(1, 4))):
        frames = np.maximum(frames, _draw_spots(len(frames), 2, (0.2, 1.3), random))
    return frames


def _blur(frames: Frames, random: np.random.Generator) -> Frames:
    """A lens out of focus, or an enlarged small picture."""
    deviation = random.uniform(0.4, 1.3)
    blurred = scipy.ndimage.gaussian_filter(frames, (0, deviation, deviation))
    return blurred / np.maximum(blurred.max(axis=(1, 2), keepdims=True), 0.1)


def _fade(frames: Frames, random: np.random.Generator) -> Frames:
    """Ink that is faint on one side, or everywhere but in its darkest places."""
    powers = random.uniform(0.6, 2.2, (len(frames), 1, 1)).astype(np.float32)
    slopes = random.uniform(-0.5, 0.5, (len(frames), 2, 1, 1)).astype(np.float32)
    places = np.linspace(-1, 1, FRAME_SIZE, dtype=np.float32)
    shade = 1 - np.maximum(slopes[:, 0] * places[:, None] + slopes[:, 1] * places[None], 0)
    return frames**powers * shade


def _thin_and_break(frames: Frames, random: np.random.Generator) -> Frames:
    """A thin pen that skips in one or two places."""
    thin = change_thickness(frames, -random.uniform(0.2, 0.8, (len(frames), 1, 1)))
    thin /= np.maximum(thin.max(axis=(1, 2), keepdims=True), 0.3)
    for _ in range(int(random.integers(1, 3))):
        thin = thin * (1 - _draw_spots(len(frames), 5, (0.8, 1.8), random))
    return thin


def _draw_spots(
    count: int, margin: int, radii: tuple[float, float], random: np.random.Generator
) -> Frames:
    """One round spot in each of ``count`` frames, at least ``margin`` pixels from the edge."""
    rows, columns = np.mgrid[:FRAME_SIZE, :FRAME_SIZE].astype(np.float32)
    row, column = random.uniform(margin, FRAME_SIZE - 1 - margin, (2, count, 1, 1))
    radius = random.uniform(*radii, (count, 1, 1))
    distance = np.hypot(rows - row, columns - column)
    return np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)


def _crop_wrongly(frames: Frames, random: np.random.Generator) -> Frames:
    """A box of ink that is too large or too small, so that the digit is moved and scaled."""
    scale = np.exp(random.uniform(-0.15, 0.3, (len(frames), 1)))
    matrix = scale[..., None] * np.eye(2)
    return resample(frames, map_affinely(matrix, random.uniform(-2, 2, (len(frames), 2))))


DEFECTS: tuple[Callable[[Frames, np.random.Generator], Frames], ...] = (
    _add_specks,
    _blur,
    _fade,
    _thin_and_break,
    _crop_wrongly,
)
