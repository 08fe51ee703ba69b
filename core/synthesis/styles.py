"""Handwriting styles that MNIST lacks: painted on its training images, or drawn as whole digits.

MNIST was written by Americans: it has no slashed zeros, and hardly any crossed sevens or ones with
a flag. A style is a few straight pen strokes or gaps, placed relative to the digit's bounding box.
This module does not know about models or data sets.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE, frame_from_strokes
from core.digits.strokes import Stroke
from core.synthesis.glyphs import draw_sample
from core.synthesis.non_digits import draw_non_digit

Frames = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint8]

# Pixels above this share of full ink belong to the bounding box.
BOX_THRESHOLD = 0.3
# Smallest and largest width of painted strokes in pixels, as in MNIST.
PEN_WIDTHS = (1.6, 3.6)
# Standard deviation of the ends of a painted stroke, as a share of the bounding box.
JITTER = 0.07
# Side of the canvas on which whole digits are drawn, in pixels.
CANVAS_SIZE = 280

Segment = tuple[float, float, float, float]


@dataclass(frozen=True)
class Style:
    """A way of writing a digit.

    Attributes:
        digit: 0…9.
        name: of the style.
        strokes: lines that are added, each from x, y to x, y in shares of the bounding box.
        gaps: lines that are removed, in the same form.
    """

    digit: int
    name: str
    strokes: tuple[Segment, ...] = ()
    gaps: tuple[Segment, ...] = ()


STYLES = (
    Style(0, "slashed", strokes=((0.95, 0.05, 0.05, 0.95),)),
    Style(0, "slashed beyond its edge", strokes=((1.15, -0.1, -0.15, 1.1),)),
    Style(0, "slashed far beyond", strokes=((1.4, -0.2, -0.4, 1.2),)),
    Style(0, "slashed inside", strokes=((0.72, 0.28, 0.28, 0.72),)),
    Style(0, "slashed backwards", strokes=((0.05, 0.05, 0.95, 0.95),)),
    Style(0, "dotted", strokes=((0.5, 0.47, 0.5, 0.53),)),
    Style(7, "crossed", strokes=((0.2, 0.52, 0.95, 0.5),)),
    Style(7, "crossed aslant", strokes=((0.3, 0.6, 0.9, 0.42),)),
    Style(4, "open", gaps=((0.2, 0.0, 0.75, 0.0),)),
    Style(6, "open", gaps=((0.1, 0.62, 0.45, 0.5),)),
    Style(5, "open", gaps=((0.0, 0.05, 0.25, 0.3),)),
    Style(9, "open", gaps=((0.75, 0.05, 1.0, 0.2),)),
)


def paint_styles(
    frames: Frames, labels: Labels, *, share: float, random: np.random.Generator
) -> Frames:
    """Paint a random style of their digit on a random share of the frames.

    Args:
        frames: ``(N, 28, 28)`` in 0…1.
        labels: ``(N,)`` classes 0…9.
        share: of the frames of each digit with styles, 0…1.
        random: generator of the choice of frames, the styles and all variations.

    Returns:
        New frames, ``(N, 28, 28)`` float32.
    """
    painted = frames.copy()
    for digit in {style.digit for style in STYLES} | {1}:
        chosen = np.flatnonzero((labels == digit) & (random.random(len(labels)) < share))
        if digit == 1:
            _paint_ones(painted, chosen, random)
            continue
        styles = [style for style in STYLES if style.digit == digit]
        picks = random.integers(len(styles), size=len(chosen))
        for number, style in enumerate(styles):
            _paint(painted, chosen[picks == number], style, random)
    return painted


def draw_digits(count: int, random: np.random.Generator) -> tuple[Frames, Labels]:
    """Draw digits with ``draw_sample`` in random styles, each digit equally often.

    Returns:
        Frames, ``(count, 28, 28)`` float32, and labels, ``(count,)`` uint8.
    """
    labels = (np.arange(count) % 10).astype(np.uint8)
    return _build_frames(
        draw_sample(int(label), canvas_size=CANVAS_SIZE, random=random) for label in labels
    ), labels


def draw_non_digits(count: int, random: np.random.Generator, *, held_out: bool = False) -> Frames:
    """Draw non-digits as frames, ``(count, 28, 28)``; ``held_out`` as in ``draw_non_digit``."""
    return _build_frames(
        draw_non_digit(held_out=held_out, canvas_size=CANVAS_SIZE, random=random)
        for _ in range(count)
    )


def _build_frames(drawings: Iterable[list[Stroke]]) -> Frames:
    frames = [frame_from_strokes(drawing) for drawing in drawings]
    return np.array(frames, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)


def _paint(
    frames: Frames, chosen: npt.NDArray[np.intp], style: Style, random: np.random.Generator
) -> None:
    if not len(chosen):
        return
    corner, extent = _find_boxes(frames[chosen])
    for segment in style.strokes:
        ends = _place(segment, corner, extent, random)
        width = random.uniform(*PEN_WIDTHS, len(chosen))
        frames[chosen] = np.maximum(frames[chosen], _draw(ends, width))
    for segment in style.gaps:
        ends = _place(segment, corner, extent, random)
        width = random.uniform(2.5, 5.0, len(chosen))
        frames[chosen] = np.minimum(frames[chosen], 1 - _draw(ends, width))


def _paint_ones(frames: Frames, chosen: npt.NDArray[np.intp], random: np.random.Generator) -> None:
    """Paint a flag, a foot or both, at the upper and lower end of the stem of each 1."""
    if not len(chosen):
        return
    top, bottom = _find_stem(frames[chosen])
    height = np.maximum(bottom[:, 1] - top[:, 1], 6)
    width = random.uniform(*PEN_WIDTHS, len(chosen))
    kind = random.integers(4, size=len(chosen))  # 0 and 1 flag, 2 foot, 3 both
    length, drop = random.uniform(0.2, 0.65, (2, len(chosen)))
    flag = np.concatenate([top, top - np.stack([length, -drop * 1.4], axis=1) * height[:, None]], 1)
    left, right = random.uniform(0.15, 0.4, (2, len(chosen))) * height
    slope = random.normal(0, 0.5, len(chosen))
    foot = np.stack(
        [bottom[:, 0] - left, bottom[:, 1] + slope, bottom[:, 0] + right, bottom[:, 1] - slope], 1
    )
    for ends, where in ((flag, kind != 2), (foot, kind >= 2)):
        part = chosen[where]
        frames[part] = np.maximum(frames[part], _draw(ends[where], width[where]))


def _find_stem(frames: Frames) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find the centre of the highest and of the lowest ink of each frame, x and y, ``(N, 2)``."""
    corner, extent = _find_boxes(frames)
    rows = np.arange(FRAME_SIZE)
    ends = []
    for row in (corner[:, 1] + 1, corner[:, 1] + extent[:, 1] - 1):
        near = np.abs(rows[None] - row[:, None]) <= 1  # (N, 28)
        ink = (frames * near[..., None]).sum(axis=1)  # (N, 28) by column
        middle = (ink * np.arange(FRAME_SIZE)).sum(axis=1) / np.maximum(ink.sum(axis=1), 1e-6)
        ends.append(np.stack([middle, row], axis=1))
    return ends[0], ends[1]


def _find_boxes(frames: Frames) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find corner (x, y) and extent (width, height) of the ink of each frame, ``(N, 2)`` each."""
    ink = frames > BOX_THRESHOLD
    first, last = [], []
    for axis in (1, 2):  # columns, then rows
        inked = np.asarray(ink.any(axis=axis))  # (N, 28)
        first.append(inked.argmax(axis=1))
        last.append(FRAME_SIZE - 1 - inked[:, ::-1].argmax(axis=1))
    corner = np.stack(first, axis=1).astype(np.float64)
    return corner, np.stack(last, axis=1) - corner


def _place(
    segment: Segment,
    corner: npt.NDArray[np.float64],
    extent: npt.NDArray[np.float64],
    random: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Place a segment with jitter in each box: its ends x, y, x, y in pixels, ``(N, 4)``."""
    jittered = np.array(segment) + random.normal(0, JITTER, (len(corner), 4))
    # The extent is at least 6 pixels, as strokes in a narrow box would be too short to see.
    return np.tile(corner, 2) + jittered * np.tile(np.maximum(extent, 6), 2)


def _draw(ends: npt.NDArray[np.float64], width: npt.NDArray[np.float64]) -> Frames:
    """Draw one round-ended line for each frame; returns the coverage in 0…1, ``(N, 28, 28)``."""
    y, x = np.mgrid[:FRAME_SIZE, :FRAME_SIZE].astype(np.float32)
    x0, y0, x1, y1 = ends.astype(np.float32).T[..., None, None]  # (N, 1, 1) each
    along_x, along_y = x1 - x0, y1 - y0
    squared = np.maximum(along_x**2 + along_y**2, np.float32(1e-6))
    share = np.clip(((x - x0) * along_x + (y - y0) * along_y) / squared, 0, 1)
    distance = np.hypot(x - x0 - share * along_x, y - y0 - share * along_y)
    reach = (width / 2 + 0.5).astype(np.float32)[:, None, None]
    return np.clip(reach - distance, 0, 1)
