"""Frames of bent drawings for the detector: one digit, several digits, or no digit.

Every drawing is bent as a whole, because people differ more in the shapes that they write than the
few glyphs of each kind do.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE, draw_frame
from core.digits.strokes import Stroke
from core.synthesis.glyphs import draw_sample
from core.synthesis.non_digits import draw_non_digit

Frames = npt.NDArray[np.float32]
CANVAS_SIZE = 280
# Smallest and largest standard deviation of the control points, in the units of the glyphs.
JITTERS = (0.5, 3.5)
# The largest amplitude of a wave, as a share of the height, and the angular frequencies of waves.
MAX_BEND = 0.07
FREQUENCIES = (1.0, 6.0)
WAVES = 3
# Standard deviations of the slant and of the logarithm of the width.
SLANT = 0.15
STRETCH = 0.15
# Of neighbouring digits, by their height: sizes, gaps, and how far one is above the line.
COUNTS = (2, 2, 2, 2, 3)
SIZES = (0.75, 1.25)
GAPS = (-0.1, 0.2)
OFFSET = 0.08


def draw_bent_digits(count: int, random: np.random.Generator) -> Frames:
    """Draw one digit in each frame, ``(count, 28, 28)`` float32 in 0…1."""
    return _build_frames(_draw_digit, count, random)


def draw_neighbours(count: int, random: np.random.Generator) -> Frames:
    """Draw two or three digits side by side, which may touch, ``(count, 28, 28)`` in 0…1."""
    return _build_frames(_draw_neighbours, count, random)


def draw_bent_non_digits(count: int, random: np.random.Generator) -> Frames:
    """Draw a letter, a sign or a scribble in each frame, ``(count, 28, 28)`` in 0…1."""
    return _build_frames(
        lambda random: bend_strokes(draw_non_digit(canvas_size=CANVAS_SIZE, random=random), random),
        count,
        random,
    )


def bend_strokes(strokes: list[Stroke], random: np.random.Generator) -> list[Stroke]:
    """Scale a drawing to a height of 1 and move its points by smooth waves.

    Args:
        strokes: ``(n, 2)`` each, in any unit.
        random: generator of waves, slant and width.

    Returns:
        The strokes, whose left and upper ends were at 0 before they were bent.
    """
    points = np.concatenate(strokes)
    width, height = np.ptp(points, axis=0)
    size = max(height, width / 2)
    amplitude = random.uniform(0, MAX_BEND)
    frequencies = random.uniform(*FREQUENCIES, (2, WAVES, 2)) * random.choice(
        [-1, 1], (2, WAVES, 2)
    )
    phases = random.uniform(0, 2 * np.pi, (2, WAVES))
    matrix = np.array([[np.exp(random.normal(0, STRETCH)), 0], [random.normal(0, SLANT), 1]])
    bent = []
    for stroke in strokes:
        places = (stroke - points.min(axis=0)) / size
        waves = np.sin(np.einsum("np,cwp->ncw", places, frequencies) + phases).sum(axis=2)
        bent.append((places + amplitude * waves / np.sqrt(WAVES)) @ matrix)
    return bent


def _draw_digit(random: np.random.Generator) -> list[Stroke]:
    strokes = draw_sample(
        int(random.integers(10)),
        canvas_size=CANVAS_SIZE,
        random=random,
        jitter=random.uniform(*JITTERS),
    )
    return bend_strokes(strokes, random)


def _draw_neighbours(random: np.random.Generator) -> list[Stroke]:
    drawn: list[Stroke] = []
    left = 0.0
    for _ in range(int(random.choice(COUNTS))):
        size = random.uniform(*SIZES)
        strokes = [stroke * size for stroke in _draw_digit(random)]
        points = np.concatenate(strokes)
        middle = points.min(axis=0)[1] + np.ptp(points[:, 1]) / 2
        corner = np.array([points[:, 0].min() - left, middle + random.normal(0, OFFSET)])
        drawn += [stroke - corner for stroke in strokes]
        left += np.ptp(points[:, 0]) + random.uniform(*GAPS)
    return drawn


def _build_frames(
    draw: Callable[[np.random.Generator], list[Stroke]], count: int, random: np.random.Generator
) -> Frames:
    frames = [draw_frame(draw(random)) for _ in range(count)]
    return np.array(frames, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)
