"""The frame: the one 28×28 picture every model reads, built here and nowhere else.

A frame is a ``(28, 28)`` float32 array, 0 paper … 1 ink, laid out as MNIST's makers did (LeCun,
Cortes, Burges, http://yann.lecun.com/exdb/mnist/): the ink's bounding box scaled, shape kept, to a
longer side of 20 pixels, then moved by whole pixels so that its centre of mass falls on (14, 14).
Drawings enter as strokes or as an image; this module does not know where either came from.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.digits.ink import EmptyDrawingError, ink_from_image, normalise

__all__ = [
    "BOX_SIZE",
    "FRAME_SIZE",
    "FRAME_VERSION",
    "EmptyDrawingError",
    "crop_to_ink",
    "digest_frame",
    "frame_from_image",
    "frame_from_strokes",
    "place_by_centre_of_mass",
    "scale_to_box",
]

FRAME_SIZE = 28
BOX_SIZE = 20
# Raise this whenever the same drawing gives another frame: cards and receipts quote it.
FRAME_VERSION = 1

# Ink below this share of full ink does not stretch the box: it is blur or compression, not pen.
BOX_THRESHOLD = 0.05
# The width of the rendered pen in frame pixels. Chosen for accuracy on the pen digits, which are
# a validation set; the width that was drawn is ignored for the same reason.
PEN_WIDTH = 2.4
# A drawing whose longer side is shorter than this, in source pixels, is a tap or a speck of dust.
MIN_DRAWING_SIZE = 4.0
# Points closer together than this, in frame pixels, change nothing that the frame could show.
POINT_SPACING = 0.35

Frame = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


def frame_from_strokes(strokes: Sequence[npt.ArrayLike]) -> Frame:
    """Draw pen strokes into a frame with a pen of one width relative to the digit's size.

    Args:
        strokes: one ``(n, 2)`` array a stroke, n ≥ 1, of x (rightwards) and y (downwards) in canvas
            pixels. The width of the pen that drew them plays no part.

    Returns:
        The ``(28, 28)`` float32 frame in 0…1.

    Raises:
        ValueError: a stroke is not an ``(n, 2)`` array of finite numbers.
        EmptyDrawingError: there is no stroke, or all of them fit into a few canvas pixels.
    """
    lines = [_validate_stroke(stroke, index) for index, stroke in enumerate(strokes)]
    lines = [line for line in lines if len(line)]
    if not lines:
        raise EmptyDrawingError("expected at least one stroke, got an empty drawing; draw a digit")
    points = np.concatenate(lines)
    corner = points.min(axis=0)
    extent = points.max(axis=0) - corner
    longer = float(extent.max())
    if longer < MIN_DRAWING_SIZE:
        raise EmptyDrawingError(
            f"expected a drawing at least {MIN_DRAWING_SIZE:g} pixels long, got {longer:.1f}; "
            "draw the digit larger"
        )
    scale = (BOX_SIZE - PEN_WIDTH) / longer
    height, width = np.ceil(extent[::-1] * scale + PEN_WIDTH - 1e-9).astype(int)
    # The shorter side may fall between two whole pixels: share the difference between both edges.
    margin = (np.array([width, height]) - extent * scale) / 2
    box = _draw_lines([(line - corner) * scale + margin for line in lines], height, width)
    return place_by_centre_of_mass(box)


def frame_from_image(image: Image.Image) -> Frame:
    """Find the ink in a picture of one digit and lay it out as a frame.

    Args:
        image: any Pillow image: dark on light, light on dark, colours, transparent paper.

    Returns:
        The ``(28, 28)`` float32 frame in 0…1.

    Raises:
        EmptyDrawingError: there is no ink, or too little to be a digit.
    """
    ink = crop_to_ink(ink_from_image(image))
    return place_by_centre_of_mass(scale_to_box(ink))


def digest_frame(frame: Frame) -> str:
    """The SHA-256 of a ``(28, 28)`` frame's 784 bytes, 0 paper … 255 ink, row by row."""
    return hashlib.sha256(np.round(frame * 255).astype(np.uint8).tobytes()).hexdigest()


def _validate_stroke(stroke: npt.ArrayLike, index: int) -> Points:
    points = np.asarray(stroke, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(
            f"expected stroke {index} to be an (n, 2) array of finite x, y, got shape "
            f"{points.shape}; give one point a row"
        )
    return points


def _draw_lines(lines: Sequence[Points], height: int, width: int) -> Frame:
    """Coverage of a ``(height, width)`` pixel grid by round-ended lines ``PEN_WIDTH`` wide.

    The coverage of a pixel is taken from the distance of its centre to the nearest line, which is
    exact for straight edges along the grid and off by a few per cent elsewhere.
    """
    starts, ends = _join_segments([_thin_out(line) for line in lines])  # (2, S) each
    along_x, along_y = ends - starts  # (S,) each
    share_per_step = 1 / np.maximum(along_x**2 + along_y**2, 1e-6)
    x = np.arange(0.5, width, dtype=np.float32)[:, None] - starts[0]  # (W, S)
    y = np.arange(0.5, height, dtype=np.float32)[:, None] - starts[1]  # (H, S)
    # The share of its segment at which each pixel's nearest point lies: (H, W, S).
    share = (x * along_x * share_per_step) + (y * along_y * share_per_step)[:, None]
    share = np.clip(share, 0, 1)
    gap_x, gap_y = x - share * along_x, y[:, None] - share * along_y
    distance = np.sqrt((gap_x**2 + gap_y**2).min(axis=2))
    return np.clip(PEN_WIDTH / 2 + 0.5 - distance, 0, 1)


def _thin_out(line: Points) -> Points:
    """Drop points that lie within ``POINT_SPACING`` of the last one kept, but never the last."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    keep = np.diff(np.floor(travelled / POINT_SPACING), prepend=-1) > 0
    keep[-1] = True
    return line[keep]


def _join_segments(lines: Sequence[Points]) -> tuple[Frame, Frame]:
    """Starts and ends, ``(2, S)`` each, of all segments; a lone point is a segment of length 0."""
    starts = [line[:-1] if len(line) > 1 else line for line in lines]
    ends = [line[1:] if len(line) > 1 else line for line in lines]
    return (
        np.concatenate(starts).T.astype(np.float32),
        np.concatenate(ends).T.astype(np.float32),
    )


def crop_to_ink(ink: Frame) -> Frame:
    """The bounding box of ``(height, width)`` ink, 0 paper … 1 ink, of which there must be some."""
    rows, columns = _ink_ranges(ink, 0.0)
    if max(rows[1] - rows[0], columns[1] - columns[0]) > BOX_SIZE:
        rows, columns = _ink_ranges(ink, BOX_THRESHOLD)
    return ink[rows[0] : rows[1], columns[0] : columns[1]]


def _ink_ranges(ink: Frame, threshold: float) -> tuple[tuple[int, int], tuple[int, int]]:
    rows = np.flatnonzero(ink.max(axis=1) > threshold)
    columns = np.flatnonzero(ink.max(axis=0) > threshold)
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def scale_to_box(ink: Frame) -> Frame:
    """Scale ink to a longer side of 20 pixels, shape kept, full ink again.

    Raises:
        EmptyDrawingError: it is only a few pixels long.
    """
    height, width = ink.shape
    longer = max(height, width)
    if longer < MIN_DRAWING_SIZE:
        raise EmptyDrawingError(
            f"expected a digit at least {MIN_DRAWING_SIZE:g} pixels long, got {longer}; "
            "use a larger picture"
        )
    if longer == BOX_SIZE:
        return ink
    size = tuple(max(1, round(side * BOX_SIZE / longer)) for side in (width, height))
    smooth = Image.Resampling.BOX if longer > BOX_SIZE else Image.Resampling.BICUBIC
    box = np.asarray(Image.fromarray(ink).resize(size, smooth))
    # A thin pen turns grey when it is scaled down: bring it back to full ink.
    return normalise(np.maximum(box, 0))


def place_by_centre_of_mass(box: Frame) -> Frame:
    """Put a box of at most 20×20 on the frame by whole pixels, its centre of mass on (14, 14)."""
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    # In 256 levels, as images are kept: a frame that was saved is placed where it was.
    box = np.round(box * 255).astype(np.float32) / np.float32(255)
    mass = box.sum()
    top, left = (
        int(np.clip(np.floor(FRAME_SIZE / 2 - centre + 0.5), 0, FRAME_SIZE - side))
        for centre, side in (
            (box.sum(axis=1) @ np.arange(box.shape[0]) / mass, box.shape[0]),
            (box.sum(axis=0) @ np.arange(box.shape[1]) / mass, box.shape[1]),
        )
    )
    frame[top : top + box.shape[0], left : left + box.shape[1]] = box
    return frame
