"""Wrong segments: frames that wrong borders between digits, or wrong paper, would give.

A model that is trained to be unsure of them can judge how a picture was segmented (Y. LeCun, L.
Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE
86, 1998, section V, doi:10.1109/5.726791). This module does not know how pictures are segmented.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.frame import (
    BOX_SIZE,
    FRAME_SIZE,
    Frame,
    crop_to_ink,
    place_by_centre_of_mass,
    scale_to_box,
)

Frames = npt.NDArray[np.float32]
# The side of the square on which digits are put together, in pixels.
SHEET_SIZE = 64
# Largest overlap and largest gap of two neighbours, in pixels.
GAPS = (-3, 8)


def draw_wrong_segments(frames: Frames, count: int, random: np.random.Generator) -> Frames:
    """Make wrong segments of random frames.

    Args:
        frames: ``(N, 28, 28)`` in 0…1, each with one digit, N ≥ 1.
        count: how many to make.
        random: generator of the choice of frames, the kinds and all variations.

    Returns:
        ``(count, 28, 28)`` float32 in 0…1.
    """
    made = [
        KINDS[int(kind)](frames, random)
        for kind in random.choice(len(KINDS), count, p=np.array(SHARES))
    ]
    return np.array(made, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)


def join_neighbours(frames: Frames, count: int, random: np.random.Generator) -> Frames:
    """Put two or three digits of random frames side by side, ``(count, 28, 28)``."""
    return np.array([_join_neighbours(frames, random) for _ in range(count)], np.float32)


def _join_neighbours(frames: Frames, random: np.random.Generator) -> Frame:
    """Two or three digits of one line of writing."""
    count = int(random.choice([2, 2, 2, 3]))
    inks = [_pick_ink(frames, random) for _ in range(count)]
    return _to_frame(_join(inks, random))


def _stack_neighbours(frames: Frames, random: np.random.Generator) -> Frame:
    """A digit above another one."""
    inks = [_pick_ink(frames, random).T for _ in range(2)]
    return _to_frame(_join(inks, random).T)


def _draw_box(frames: Frames, random: np.random.Generator) -> Frame:
    """A digit in a box, of which a side may be missing."""
    ink = _pick_ink(frames, random)
    inner = ink.shape + random.integers(4, 24, 2)
    pen = int(random.integers(1, 4))
    sheet = np.zeros(inner + 2 * pen, np.float32)
    is_drawn = random.random(4) < 0.85
    shade = random.uniform(0.5, 1)
    sides = (sheet[:pen], sheet[-pen:], sheet[:, :pen], sheet[:, -pen:])
    for side, drawn in zip(sides, is_drawn, strict=True):
        side[:] = shade * drawn
    top, left = random.integers(pen + 1, pen + 1 + inner - ink.shape).tolist()
    _lay_down(ink, sheet, top, left)
    return _to_frame(sheet)


def _invert_paper(frames: Frames, random: np.random.Generator) -> Frame:
    """The paper around a digit, taken for ink."""
    ink = _pick_ink(frames, random)
    margins = random.integers(1, 12, (2, 2))
    return _to_frame(1 - np.pad(ink, [tuple(margin) for margin in margins.tolist()]))


def _draw_stain(_: Frames, random: np.random.Generator) -> Frame:
    """Shadows, stains and grain."""
    noise = random.standard_normal((SHEET_SIZE, SHEET_SIZE), dtype=np.float32)
    smooth = scipy.ndimage.gaussian_filter(noise, random.uniform(1, 7))
    limit = np.quantile(smooth, random.uniform(0.5, 0.9))
    stain = np.clip((smooth - limit) / max(float(smooth.max() - limit), 1e-6) * 3, 0, 1)
    return _to_frame(stain.astype(np.float32))


def _pick_ink(frames: Frames, random: np.random.Generator) -> Frame:
    return crop_to_ink(frames[int(random.integers(len(frames)))])


def _join(inks: list[Frame], random: np.random.Generator) -> Frame:
    """Put inks side by side on one sheet, ``(height, width)``."""
    sheet = np.zeros((2 * BOX_SIZE, BOX_SIZE + len(inks) * (FRAME_SIZE + GAPS[1])), np.float32)
    left = 4
    for ink in inks:
        top = int(np.clip(BOX_SIZE - ink.shape[0] / 2 + random.normal(0, 2), 0, BOX_SIZE - 1))
        _lay_down(ink, sheet, top, left)
        left = max(left + ink.shape[1] + int(random.integers(GAPS[0], GAPS[1] + 1)), left + 3)
    return sheet


def _lay_down(ink: Frame, sheet: Frame, top: int, left: int) -> None:
    part = sheet[top : top + ink.shape[0], left : left + ink.shape[1]]
    np.maximum(part, ink, out=part)


def _to_frame(sheet: Frame) -> Frame:
    return place_by_centre_of_mass(scale_to_box(crop_to_ink(sheet)))


KINDS: tuple[Callable[[Frames, np.random.Generator], Frame], ...] = (
    _join_neighbours,
    _stack_neighbours,
    _draw_box,
    _invert_paper,
    _draw_stain,
)
SHARES = (0.45, 0.1, 0.25, 0.1, 0.1)
