"""Paper: a picture as colours on opaque paper, and the sheets of paper that it may show.

A sheet is a filled rectangle, whatever its colours: a note on a table, a pad in a screenshot, the
inside of a form's box. This module does not know what is drawn on it.
"""

from collections.abc import Iterator
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from core.digits.ink import EmptyDrawingError, find_threshold

# Pixels that are less opaque cannot be seen.
MIN_OPACITY = 0.08
# Sheets are searched in a picture reduced to about this many pixels on its longer side.
SEARCHED_SIDE = 160
# A sheet covers at least the first and at most the second share of the picture. It overlaps the
# quadrilateral between its corners by at least this share.
SHEET_SHARES = (0.05, 0.97)
MIN_OVERLAP = 0.85
# The colours of a sheet, and those on both sides of its edge, differ by at least this share of how
# much those of the picture do.
MIN_SHEET_CONTRAST = 0.25
# The bounding box of a drawing is covered by it along at most this share of three of its edges.
MAX_EDGE_COVER = 0.8
# Smaller pictures, in pixels, show no sheets.
MIN_SIDE = 56
# At most this many sheets of each brightness.
MAX_SHEETS = 2

Pixels = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def list_opaque(image: Image.Image) -> list[Pixels]:
    """List what a picture may look like on opaque paper, as ``(H, W, C)`` float32 in 0…255.

    C is 3, or 1 where all pixels are grey.

    Args:
        image: of any mode. Where it has transparent pixels, there are several ways: its opacity as
            ink on white, if most of it is transparent, and its colours on paper of its commonest
            colour, on white and on black.

    Raises:
        EmptyDrawingError: it is completely transparent.
    """
    if not image.has_transparency_data:
        return [_drop_equal_colours(np.asarray(image.convert("RGB"))).astype(np.float32)]
    rgba = np.asarray(image.convert("RGBA"))
    colours = _drop_equal_colours(rgba[..., :3]).astype(np.float32)
    opacity = rgba[..., 3:].astype(np.float32) / np.float32(255)
    if opacity.min() == 1:
        return [colours]
    if opacity.max() < MIN_OPACITY:
        raise EmptyDrawingError("This picture is completely transparent. Use another picture.")
    opaque = opacity[..., 0] > 0.5
    papers: list[np.float32 | Pixels] = [np.float32(255), np.float32(0)]
    if opaque.any():
        papers.insert(0, np.median(colours[opaque], axis=0))
    pages = [opacity * colours + (1 - opacity) * paper for paper in papers]
    if opaque.mean() < 0.5:
        pages.insert(0, 255 * (1 - opacity))
    return pages


def _drop_equal_colours(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return rgb[..., :1] if (red == green).all() and (green == blue).all() else rgb


def find_drawing(rgb: Pixels) -> tuple[slice, slice] | None:
    """Find a drawing on paper of exactly one colour.

    Args:
        rgb: ``(H, W, C)`` in 0…255.

    Returns:
        Rows and columns of its bounding box. None where the edges of the picture have several
        colours, where the whole picture has one, and where the box looks like a frame or a sheet:
        most of its edges differ from the paper.
    """
    # Several times as fast as ``any`` over such a short axis.
    differs = reduce(or_, (rgb[..., colour] != level for colour, level in enumerate(rgb[0, 0])))
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows) or differs[0].any() or differs[-1].any() or differs[:, [0, -1]].any():
        return None
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inner = differs[box]
    covers = [side.mean() for side in (inner[0], inner[-1], inner[:, 0], inner[:, -1])]
    return None if sorted(covers)[1] > MAX_EDGE_COVER else box


def find_sheets(rgb: Pixels) -> Iterator[Mask]:
    """Find the sheets in a picture, the largest first, as masks of shape ``(H, W)``.

    Args:
        rgb: ``(H, W, C)`` in 0…255.
    """
    small = reduce_by_mean(rgb, SEARCHED_SIDE)
    factor = -(-max(rgb.shape) // SEARCHED_SIDE)
    grey = small.mean(axis=2)
    contrast = _measure_contrast(grey)
    if contrast < 1 or min(rgb.shape[:2]) < MIN_SIDE:
        return
    bright = grey > 255 * find_threshold(grey / 255)
    for mask in (bright, ~bright):
        for sheet in _find_quadrilaterals(mask):
            inside = ndimage.binary_erosion(sheet, iterations=1 + (factor > 1))
            if inside.sum() < 9 or _measure_contrast(grey[inside]) < MIN_SHEET_CONTRAST * contrast:
                continue
            if _measure_edge(grey, sheet) < MIN_SHEET_CONTRAST * contrast:
                continue
            enlarged = inside.repeat(factor, axis=0).repeat(factor, axis=1)
            yield enlarged[: rgb.shape[0], : rgb.shape[1]]


def reduce_by_mean(pixels: Pixels, side: int) -> Pixels:
    """Average blocks of ``(H, W, C)`` so that at most ``side`` are left along the longer side."""
    factor = -(-max(pixels.shape) // side)
    if factor == 1:
        return pixels
    height, width = (-(-length // factor) for length in pixels.shape[:2])
    missing = (height * factor - pixels.shape[0], width * factor - pixels.shape[1])
    padded = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    # Rows first, then columns: several times as fast as a mean over both.
    rows = padded.reshape(height, factor, -1).sum(axis=1)
    return rows.reshape(height, width, factor, -1).sum(axis=2) / np.float32(factor**2)


def _find_quadrilaterals(mask: Mask) -> Iterator[Mask]:
    patches, _ = ndimage.label(mask)
    areas = np.bincount(patches.ravel())
    areas[0] = 0
    boxes = ndimage.find_objects(patches)
    for patch in np.argsort(areas)[: -MAX_SHEETS - 1 : -1]:
        if not areas[patch]:
            return
        box = boxes[patch - 1]
        filled = ndimage.binary_fill_holes(np.pad(patches[box] == patch, 1))[1:-1, 1:-1]
        low, high = SHEET_SHARES
        if not low <= filled.sum() / mask.size <= high:
            continue
        if compare_with_quadrilateral(filled) >= MIN_OVERLAP:
            sheet = np.zeros_like(mask)
            sheet[box] = filled
            yield sheet


def compare_with_quadrilateral(patch: Mask) -> float:
    """The overlap of a patch and the quadrilateral between its corners, as a share of their union.

    It is 1 for a rectangle and 0.64 for an ellipse.
    """
    rows, columns = np.nonzero(patch)
    overlaps = []
    # The corners of an upright sheet lie on the diagonals, those of one turned by 45° on the axes.
    for first, second in ((rows + columns, rows - columns), (rows, columns)):
        corners = [first.argmin(), second.argmin(), first.argmax(), second.argmax()]
        picture = Image.new("1", patch.shape[::-1])
        points = [(int(columns[corner]), int(rows[corner])) for corner in corners]
        ImageDraw.Draw(picture).polygon(points, fill=1)
        quadrilateral = np.asarray(picture)
        overlaps.append((patch & quadrilateral).sum() / (patch | quadrilateral).sum())
    return float(max(overlaps))


def _measure_edge(grey: Pixels, sheet: Mask) -> float:
    """The difference in brightness between both sides of the edge of a sheet."""
    inner = sheet & ~ndimage.binary_erosion(sheet, iterations=2, border_value=1)
    outer = ndimage.binary_dilation(sheet, iterations=2) & ~sheet
    return abs(float(np.median(grey[inner])) - float(np.median(grey[outer])))


def _measure_contrast(grey: Pixels) -> float:
    low, high = np.percentile(grey, [0.5, 99.5])
    return float(high - low)
