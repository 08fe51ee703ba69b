"""Paper: a picture as colours on opaque paper, and the sheets of paper that it may show.

A sheet is a filled rectangle, whatever its colours: a note on a table, a pad in a screenshot, the
inside of a form's box. This module does not know what is drawn on it.
"""

from collections.abc import Iterator
from functools import reduce
from operator import add, or_

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image, ImageDraw

from core.digits.ink import EmptyDrawingError, find_threshold

# Pixels that are less opaque cannot be seen.
MIN_OPACITY = 0.08
# Sheets are searched in a picture reduced to about this many pixels on its longer side.
SEARCHED_SIDE = 160
# A sheet covers at least the first and at most the second share of the picture. At least this share
# of it lies in the quadrilateral between its corners, and fills at least this share of that: the
# rest are strokes that reach the sheet's edge.
SHEET_SHARES = (0.05, 0.97)
MIN_INSIDE, MIN_FILLED = 0.9, 0.65
# Masks that overlap by at least this share are of the same sheet.
MIN_OVERLAP = 0.85
# The colours of a sheet, and those on both sides of its edge, differ by at least this share of how
# much those of the picture do.
MIN_SHEET_CONTRAST = 0.25
# The bounding box of a drawing is covered by it along at most this share of three of its edges.
MAX_EDGE_COVER = 0.8
# Added to brightness before division: what distinguishes dark pixels is noise.
DARKEST = 20
# Smaller pictures, in pixels, show no sheets.
MIN_SIDE = 56
# At most this many sheets of each brightness, and this many levels of brightness.
MAX_SHEETS = 2
MAX_LEVELS = 3
# The edge of a sheet is blurred over at most this many pixels.
EDGE_WIDTH = 1

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
    """Find the sheets in a picture as masks of shape ``(H, W)``.

    A sheet differs from its surroundings in brightness, or in saturation where a shadow lies across
    it, or it has exactly one colour, as in a screenshot. Of each kind, the largest come first.

    Args:
        rgb: ``(H, W, C)`` in 0…255.
    """
    if min(rgb.shape[:2]) < MIN_SIDE:
        return
    grey = _reduce(rgb.mean(axis=2))
    min_contrast = MIN_SHEET_CONTRAST * _measure_contrast(grey)
    if min_contrast < MIN_SHEET_CONTRAST:
        return
    found: list[Mask] = []
    for plane, low, high in _list_ranges(rgb):
        small = _reduce(plane)
        for sheet in _find_quadrilaterals((small > low) & (small <= high)):
            if any(measure_overlap(sheet, other) >= MIN_OVERLAP for other in found):
                continue
            inside = scipy.ndimage.binary_erosion(sheet)
            if inside.sum() < 9 or _measure_contrast(grey[inside]) < min_contrast:
                continue
            is_sharp = _measure_edge(small, sheet) >= MIN_SHEET_CONTRAST * _measure_contrast(small)
            if is_sharp or high - low < 2:
                found.append(sheet)
                yield _trim(sheet, (plane > low) & (plane <= high))


def _list_ranges(rgb: Pixels) -> Iterator[tuple[Pixels, float, float]]:
    """Planes, ``(H, W)`` in 0…255, with a range of values that the pixels of a sheet may have."""
    grey = rgb.mean(axis=2)
    planes = [grey] if rgb.shape[2] == 1 else [grey, _measure_saturation(rgb)]
    for plane in planes:
        threshold = 255 * find_threshold(_reduce(plane) / np.float32(255))
        yield plane, threshold, np.inf
        yield plane, -np.inf, threshold
    small = _reduce(grey)
    counts = np.bincount(small.round().astype(np.intp).ravel())
    for level in np.argsort(counts)[: -MAX_LEVELS - 1 : -1].tolist():
        if counts[level] >= SHEET_SHARES[0] * small.size:
            yield grey, level - 0.5, level + 0.5


def _reduce(plane: Pixels) -> Pixels:
    return reduce_by_mean(plane[..., None], SEARCHED_SIDE)[..., 0]


def _measure_saturation(rgb: Pixels) -> Pixels:
    """How far colours are from grey, ``(H, W)`` in 0…255, whatever their brightness."""
    # Several times as fast as ``max`` over such a short axis.
    red, green, blue = np.moveaxis(rgb, 2, 0)
    high, low = (extreme(extreme(red, green), blue) for extreme in (np.maximum, np.minimum))
    return 255 * (high - low) / (high + DARKEST)


def _trim(sheet: Mask, is_similar: Mask) -> Mask:
    """Enlarge a sheet that was found in a reduced picture, and cut off its edge.

    Args:
        sheet: in the reduced picture.
        is_similar: ``(H, W)``, the pixels of the whole picture that look like the sheet.
    """
    factor = -(-max(is_similar.shape) // SEARCHED_SIDE)
    core, area = (
        mask.repeat(factor, axis=0).repeat(factor, axis=1)[: len(is_similar), : is_similar.shape[1]]
        for mask in (
            scipy.ndimage.binary_erosion(sheet, iterations=2),
            scipy.ndimage.binary_dilation(sheet),
        )
    )
    # The surroundings may reach into the sheet's outermost blocks.
    patches, count = scipy.ndimage.label(~area | ~(is_similar | core))
    is_outside = np.zeros(count + 1, np.bool_)
    is_outside[patches[~area]] = True
    inside = ~is_outside[patches]
    return scipy.ndimage.minimum_filter(inside, 2 * EDGE_WIDTH + 1)


def reduce_by_mean(pixels: Pixels, side: int) -> Pixels:
    """Average blocks of ``(H, W, C)`` so that at most ``side`` are left along the longer side."""
    factor = -(-max(pixels.shape) // side)
    if factor == 1:
        return pixels
    height, width = (-(-length // factor) for length in pixels.shape[:2])
    missing = (height * factor - pixels.shape[0], width * factor - pixels.shape[1])
    padded = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    # Many times as fast as a mean over short axes.
    rows = reduce(add, (padded[start::factor] for start in range(factor)))
    return reduce(add, (rows[:, start::factor] for start in range(factor))) / np.float32(factor**2)


def _find_quadrilaterals(mask: Mask) -> Iterator[Mask]:
    patches, _ = scipy.ndimage.label(mask)
    areas = np.bincount(patches.ravel())
    areas[0] = 0
    boxes = scipy.ndimage.find_objects(patches)
    for patch in np.argsort(areas)[: -MAX_SHEETS - 1 : -1]:
        if not areas[patch]:
            return
        box = boxes[patch - 1]
        filled = scipy.ndimage.binary_fill_holes(np.pad(patches[box] == patch, 1))[1:-1, 1:-1]
        quadrilateral = draw_quadrilateral(filled)
        common = (filled & quadrilateral).sum()
        if common < MIN_INSIDE * filled.sum() or common < MIN_FILLED * quadrilateral.sum():
            continue
        sheet = np.zeros_like(mask)
        sheet[box] = filled | quadrilateral
        if SHEET_SHARES[0] <= sheet.mean() <= SHEET_SHARES[1]:
            yield sheet


def compare_with_quadrilateral(patch: Mask) -> float:
    """The overlap of a patch and the quadrilateral between its corners.

    It is 1 for a rectangle and 0.64 for an ellipse.
    """
    return measure_overlap(patch, draw_quadrilateral(patch))


def draw_quadrilateral(patch: Mask) -> Mask:
    """Draw the quadrilateral between the corners of a patch."""
    rows, columns = np.nonzero(patch)
    quadrilaterals = []
    # The corners of an upright sheet lie on the diagonals, those of one turned by 45° on the axes.
    for first, second in ((rows + columns, rows - columns), (rows, columns)):
        corners = [first.argmin(), second.argmin(), first.argmax(), second.argmax()]
        picture = Image.new("1", patch.shape[::-1])
        points = [(int(columns[corner]), int(rows[corner])) for corner in corners]
        ImageDraw.Draw(picture).polygon(points, fill=1)
        quadrilaterals.append(np.asarray(picture))
    return max(quadrilaterals, key=lambda quadrilateral: measure_overlap(patch, quadrilateral))


def measure_overlap(mask: Mask, other: Mask) -> float:
    """The pixels that both masks have, as a share of those that either has."""
    return float((mask & other).sum() / (mask | other).sum())


def _measure_edge(grey: Pixels, sheet: Mask) -> float:
    """The difference in brightness between both sides of the edge of a sheet."""
    inner = sheet & ~scipy.ndimage.binary_erosion(sheet, iterations=2, border_value=1)
    outer = scipy.ndimage.binary_dilation(sheet, iterations=2) & ~sheet
    return abs(float(np.median(grey[inner])) - float(np.median(grey[outer])))


def _measure_contrast(grey: Pixels) -> float:
    low, high = np.percentile(grey, [0.5, 99.5])
    return float(high - low)
