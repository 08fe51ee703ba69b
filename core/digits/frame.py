"""The frame: the 28×28 image that every model takes as input, built here and nowhere else.

A frame is a ``(28, 28)`` float32 array, 0 paper … 1 ink, preprocessed as MNIST was (LeCun, Cortes,
Burges, http://yann.lecun.com/exdb/mnist/): the bounding box of the ink is scaled to a longer side
of 20 pixels without changing its aspect ratio, then moved by whole pixels so that its centre of
mass lies on (14, 14). The input is strokes, or ink found in a picture. This module knows neither
where these came from nor anything about models.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image

from core.digits.ink import EmptyDrawingError, normalise

__all__ = [
    "BOX_SIZE",
    "FRAME_SIZE",
    "FRAME_VERSION",
    "EmptyDrawingError",
    "bytes_from_frames",
    "crop_to_ink",
    "digest_frame",
    "draw_frame",
    "frame_from_ink",
    "frame_from_strokes",
    "frames_from_bytes",
    "place_by_centre_of_mass",
    "scale_to_box",
    "validate_strokes",
]

FRAME_SIZE = 28
BOX_SIZE = 20
# Increase this whenever the same drawing gives a different frame: model cards, stored drawings and
# predictions record it.
FRAME_VERSION = 2

# Ink below this share of full ink does not extend the bounding box: it comes from blur or
# compression, not from the pen.
BOX_THRESHOLD = 0.05
# The width of the rendered pen in frame pixels. It was chosen for accuracy on the pen digits, a
# validation set. The width that was drawn with is ignored, because that is more accurate too.
PEN_WIDTH = 2.4
# A drawing whose longer side is shorter than this, in source pixels, is a tap or a speck of dust.
MIN_DRAWING_SIZE = 4.0
# The same as shares of the largest coordinate, for shares of a canvas and for unknown units.
MIN_DRAWING_SHARE = 0.015
MAX_TAP_SHARE = 0.6
# Strokes in pictures are made at least this wide, in frame pixels. Ink is reduced to this many
# pixels on its longer side to widen its strokes.
MIN_STROKE_WIDTH = 2.0
THICKENED_SIDE = 40
# Points closer together than this, in frame pixels, make no visible difference.
POINT_SPACING = 0.35

Frame = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


def frame_from_strokes(strokes: Sequence[npt.ArrayLike]) -> Frame:
    """Render pen strokes as a frame, with a pen whose width depends on the digit's size alone.

    Args:
        strokes: one ``(n, 2)`` array a stroke of x (rightwards) and y (downwards), in canvas pixels
            or in any other unit. The width of the pen that drew them is not used.

    Returns:
        The ``(28, 28)`` float32 frame in 0…1.

    Raises:
        ValueError: a stroke is not an ``(n, 2)`` array of finite numbers.
        EmptyDrawingError: there is no stroke, or none is 4 canvas pixels long.
    """
    return draw_frame(validate_strokes(strokes))


def validate_strokes(strokes: Sequence[npt.ArrayLike]) -> list[Points]:
    """Convert strokes to arrays; takes and raises what ``frame_from_strokes`` does."""
    lines = [_validate_stroke(stroke, index) for index, stroke in enumerate(strokes)]
    points = np.concatenate([np.empty((0, 2)), *lines])
    if not len(points):
        raise EmptyDrawingError("The drawing is empty. Draw a digit.")
    longer = max(float(np.ptp(line, axis=0).max()) for line in lines if len(line))
    smallest = _find_smallest_size(float(np.abs(points).max()))
    if longer < smallest or not longer:
        error = EmptyDrawingError("The drawing is too small. Draw the digit larger.")
        error.add_note(f"expected {smallest:g} canvas pixels or more, got {longer:.1f}")
        raise error
    return lines


def draw_frame(lines: Sequence[Points]) -> Frame:
    """Render valid strokes as ``frame_from_strokes`` does; empty ones are left out.

    Args:
        lines: one ``(n, 2)`` float64 array a stroke, with some extent.
    """
    lines = [line for line in lines if len(line)]
    points = np.concatenate(lines)
    corner = points.min(axis=0)
    extent = points.max(axis=0) - corner
    scale = (BOX_SIZE - PEN_WIDTH) / float(extent.max())
    height, width = np.ceil(extent[::-1] * scale + PEN_WIDTH - 1e-9).astype(int)
    # The shorter side may not be a whole number of pixels: divide the rest between both edges.
    margin = (np.array([width, height]) - extent * scale) / 2
    box = _draw_lines([(line - corner) * scale + margin for line in lines], height, width)
    return place_by_centre_of_mass(box)


def _find_smallest_size(reach: float) -> float:
    """The longer side below which a drawing is a tap, from its largest coordinate.

    Coordinates of at most 1 are shares of a canvas. Other small ones are of an unknown unit: a
    drawing fills most of the canvas, a tap does not.
    """
    if reach <= 1:
        return reach * MIN_DRAWING_SHARE
    return min(MIN_DRAWING_SIZE, reach * MAX_TAP_SHARE)


def frame_from_ink(ink: Frame) -> Frame:
    """Convert the ink of one digit to a frame. Strokes much thinner than MNIST's are thickened.

    Args:
        ink: ``(height, width)`` float32, 0 paper … 1 ink, with some ink.

    Raises:
        EmptyDrawingError: the longer side of the ink is less than 4 pixels.
    """
    return place_by_centre_of_mass(scale_to_box(crop_to_ink(thicken_strokes(crop_to_ink(ink)))))


def thicken_strokes(ink: Frame) -> Frame:
    """Widen strokes that would be thinner than ``MIN_STROKE_WIDTH`` in the frame.

    Args:
        ink: ``(height, width)`` float32, 0 paper … 1 ink, cropped to its bounding box.

    Returns:
        ``ink`` itself where its strokes are wide enough, or where it is hardly larger than a
        frame; otherwise, ink with a longer side of about 40 pixels.
    """
    longer = max(ink.shape)
    if longer <= THICKENED_SIDE:
        return ink
    size = tuple(max(1, round(side * THICKENED_SIDE / longer)) for side in ink.shape[::-1])
    small = normalise(np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX)))
    missing = THICKENED_SIDE / BOX_SIZE * MIN_STROKE_WIDTH - _measure_stroke_width(small)
    if missing <= 0:
        return ink
    small = np.pad(small, 3)
    # Each dilation widens a stroke by two pixels. A cross and a square together are nearly round.
    for connectivity in (1, 2):
        weight = np.float32(np.clip(missing / 2, 0, 1))
        around = scipy.ndimage.generate_binary_structure(2, connectivity)
        small = (1 - weight) * small + weight * scipy.ndimage.grey_dilation(small, footprint=around)
        missing -= 2
    return small


def _measure_stroke_width(ink: Frame) -> float:
    """The area of the strokes, divided by half the length of their outline, in pixels."""
    mask = np.pad(ink > 0.5, 1)
    centre = mask[1:-1, 1:-1]
    inner = centre & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    area = int(np.count_nonzero(centre))
    length = area - int(np.count_nonzero(inner))
    return area / length if length == area else 2 * area / length


def bytes_from_frames(frames: Frame) -> npt.NDArray[np.uint8]:
    """Convert one frame or several, 0…1, to the levels of image files: 0 paper … 255 ink."""
    return np.round(frames * 255).astype(np.uint8)


def frames_from_bytes(images: npt.NDArray[np.uint8]) -> Frame:
    """Convert one image or several, 0 paper … 255 ink, to frames in 0…1."""
    return images.astype(np.float32) / np.float32(255)


def digest_frame(frame: Frame) -> str:
    """Compute the SHA-256 of a ``(28, 28)`` frame as 784 bytes, 0 paper … 255 ink, row by row.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(bytes_from_frames(frame).tobytes()).hexdigest()


def _validate_stroke(stroke: npt.ArrayLike, index: int) -> Points:
    points = np.asarray(stroke, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(
            f"expected stroke {index} to be an (n, 2) array of finite numbers, got shape "
            f"{points.shape}; give one point x, y a row"
        )
    return points


def _draw_lines(lines: Sequence[Points], height: int, width: int) -> Frame:
    """Render round-ended lines ``PEN_WIDTH`` wide as pixel coverage, ``(height, width)`` in 0…1.

    The coverage of a pixel is computed from the distance of its centre to the nearest line. This is
    exact for straight edges along the grid, and off by a few per cent elsewhere.
    """
    starts, ends = _join_segments([_drop_close_points(line) for line in lines])  # (2, S) each
    along_x, along_y = ends - starts  # (S,) each
    share_per_step = 1 / np.maximum(along_x**2 + along_y**2, 1e-6)
    x = np.arange(0.5, width, dtype=np.float32)[:, None] - starts[0]  # (W, S)
    y = np.arange(0.5, height, dtype=np.float32)[:, None] - starts[1]  # (H, S)
    # The point of each segment that is nearest to each pixel, as a share of the segment's length:
    # (H, W, S).
    share = (x * along_x * share_per_step) + (y * along_y * share_per_step)[:, None]
    share = np.clip(share, 0, 1)
    gap_x, gap_y = x - share * along_x, y[:, None] - share * along_y
    distance = np.sqrt((gap_x**2 + gap_y**2).min(axis=2))
    return np.clip(PEN_WIDTH / 2 + 0.5 - distance, 0, 1)


def _drop_close_points(line: Points) -> Points:
    """Drop points within ``POINT_SPACING`` of the last point kept; the last point always stays."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    keep = np.diff(np.floor(travelled / POINT_SPACING), prepend=-1) > 0
    keep[-1] = True
    return line[keep]


def _join_segments(lines: Sequence[Points]) -> tuple[Frame, Frame]:
    """The starts and ends, ``(2, S)`` each, of all segments; a single point has length 0."""
    starts = [line[:-1] if len(line) > 1 else line for line in lines]
    ends = [line[1:] if len(line) > 1 else line for line in lines]
    return (
        np.concatenate(starts).T.astype(np.float32),
        np.concatenate(ends).T.astype(np.float32),
    )


def crop_to_ink(ink: Frame) -> Frame:
    """Crop an ink image to the bounding box of its ink.

    Args:
        ink: ``(height, width)`` float32, 0 paper … 1 ink, with at least one pixel above 0.

    Returns:
        A view of the box. Where the box is longer than 20 pixels, ink below 5% does not count.
    """
    rows, columns = _ink_ranges(ink, 0.0)
    if max(rows[1] - rows[0], columns[1] - columns[0]) > BOX_SIZE:
        rows, columns = _ink_ranges(ink, BOX_THRESHOLD)
    return ink[rows[0] : rows[1], columns[0] : columns[1]]


def _ink_ranges(ink: Frame, threshold: float) -> tuple[tuple[int, int], tuple[int, int]]:
    rows = np.flatnonzero(ink.max(axis=1) > threshold)
    columns = np.flatnonzero(ink.max(axis=0) > threshold)
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def scale_to_box(ink: Frame) -> Frame:
    """Scale ink to a longer side of 20 pixels, keeping its aspect ratio.

    Args:
        ink: ``(height, width)`` float32, 0 paper … 1 ink, cropped to its bounding box.

    Returns:
        ``(height, width)`` float32 in 0…1, with a maximum near 1.

    Raises:
        EmptyDrawingError: the longer side is less than 4 pixels.
    """
    height, width = ink.shape
    longer = max(height, width)
    if longer < MIN_DRAWING_SIZE:
        error = EmptyDrawingError("The digit in this picture is too small. Use a larger picture.")
        error.add_note(f"expected {MIN_DRAWING_SIZE:g} pixels or more, got {longer}")
        raise error
    if longer == BOX_SIZE:
        return ink
    size = tuple(max(1, round(side * BOX_SIZE / longer)) for side in (width, height))
    resampling = Image.Resampling.BOX if longer > BOX_SIZE else Image.Resampling.BICUBIC
    box = np.asarray(Image.fromarray(ink).resize(size, resampling))
    # Scaling down makes thin strokes grey, so the maximum is scaled back to full ink.
    return normalise(np.maximum(box, 0))


def place_by_centre_of_mass(box: Frame) -> Frame:
    """Place a box of ink in a frame with its centre of mass on (14, 14), to within half a pixel.

    Args:
        box: ``(height, width)`` float32 in 0…1, at most 20×20, with some ink.

    Returns:
        The ``(28, 28)`` float32 frame.
    """
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    # Rounded to the 256 levels of an image file, so that a saved frame is placed as before.
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
