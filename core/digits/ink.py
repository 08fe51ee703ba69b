"""Ink: separates pen strokes from paper in an image, whatever the colours of both.

Ink is a ``(height, width)`` float32 array with the image's own pixels, 0 paper … 1 full ink. This
module does not know about frames, digits or models.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image, ImageOps

from core.digits.ruling import remove_ruled_lines, to_grey


class EmptyDrawingError(ValueError):
    """The input has no ink, or too little of it to be a digit."""


# Larger images are first reduced to this many pixels on their longer side.
MAX_SIDE = 1500
# An image is blank where paper and pen differ by less than this (Euclidean, in 8-bit RGB).
MIN_CONTRAST = 20.0
# Paper is evenly lit when at least this share of the image lies within PAPER_SPREAD, in 8-bit
# brightness, of one level. Otherwise the image is processed as a photograph with uneven light,
# shadows and noise.
MIN_EVEN_SHARE = 0.4
PAPER_SPREAD = 8.0
# On grainy paper, as in scans and photographs, connected patches whose darkest pixel has less ink
# than MIN_PATCH_INK are grain of the paper. Pixels with less ink than MIN_INK belong to no patch.
MIN_PATCH_INK = 0.35
MIN_INK = 0.05
# On grainy paper, an area is shadow where it is wider than SHADOW_WIDTH (a share of the longer
# side) and differs from the paper by less than MAX_SHADOW_LEVEL (a share of the difference of full
# ink). Pens are thinner and brushes are darker. A shadow takes up to half of the light.
SHADOW_WIDTH = 0.06
MAX_SHADOW_LEVEL = 0.7
# Shadows with an area below this share of the image are stains.
MIN_SHADOW_AREA = 0.002
# Shadows and grain are searched in about this many blocks along the longer side.
BLOCKS = 150
# A drawing that covers no more than this share of either side contains no printed lines, because
# those run from edge to edge or are visible in three quarters of the page.
MAX_SHARE_WITHOUT_LINES = 0.7
# In a photograph, the paper around a pixel is searched within this share of the longer side: more
# than the width of a stroke, less than the size of a digit.
PAPER_REACH = 0.12
# In a photograph, ink absorbs at least this share of the paper's light. The edge of a shadow
# absorbs up to 0.2.
MIN_PHOTOGRAPHED_INK = 0.25
# In a photograph, a pixel that absorbs less than this share of what full ink absorbs is shadow or
# blur.
MIN_PHOTOGRAPHED_EDGE = 0.25
# In a photograph, a pixel that absorbs more than this share of what full ink absorbs is ink, not
# the edge of a shadow.
MIN_PHOTOGRAPHED_CORE = 0.55
# Ink patches with an area below this share of the largest patch's are dust.
MIN_PATCH_SIZE = 0.03

Ink = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.float32]


def ink_from_image(image: Image.Image) -> Ink:
    """Find the ink in an image.

    Args:
        image: any Pillow image. It is turned according to its EXIF orientation, and reduced where
            its longer side has more than 1,500 pixels.

    Returns:
        ``(height, width)`` float32, 0 paper … 1 ink. Paper of a single colour gives exact zeros.

    Raises:
        EmptyDrawingError: the image has one colour only, or its contrast is too low.
    """
    upright = _reduce(ImageOps.exif_transpose(image))
    if not upright.has_transparency_data:
        return _ink_on_opaque_paper(np.asarray(upright.convert("RGB")))
    rgba = upright.convert("RGBA")
    alpha = np.asarray(rgba.getchannel("A"))
    rgb = np.asarray(rgba.convert("RGB"), dtype=np.float32)
    if alpha.min() == 255:
        return _ink_on_opaque_paper(rgb)
    if alpha.max() < MIN_CONTRAST:
        raise EmptyDrawingError("This picture is completely transparent. Use another picture.")
    if _is_opaque_card(rgb, alpha):
        return _ink_on_opaque_paper(_fill_transparent(rgb, alpha))
    return normalise(alpha.astype(np.float32))


def normalise(strength: Pixels) -> Ink:
    """Scale the strength of ink to 0…1. Normalising the result again does not change it.

    Args:
        strength: ``(height, width)`` of 0 or more, 0 on paper.

    Returns:
        ``(height, width)`` float32 in 0…1, with at least five pixels at 1.

    Raises:
        EmptyDrawingError: fewer than five pixels have any ink.
    """
    peak = _find_peak(strength)
    if peak <= 0:
        raise EmptyDrawingError(
            "There are only a few specks of ink in this picture. Use a picture of a whole digit."
        )
    return np.clip(strength / peak, 0, 1).astype(np.float32)


def _reduce(image: Image.Image) -> Image.Image:
    factor = max(image.size) / MAX_SIDE
    if factor <= 1:
        return image
    # Palette and 1-bit images have to be converted before their pixels can be averaged.
    colour = image.convert("RGBA") if image.mode in {"P", "PA", "1"} else image
    width, height = (max(1, round(side / factor)) for side in image.size)
    return colour.resize((width, height), Image.Resampling.BOX)


def _is_opaque_card(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> bool:
    """Whether the opaque part is ink on paper, not ink alone on a transparent background."""
    opaque = alpha > 127
    if not opaque.any():
        return False
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    area = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    spread = np.ptp(np.percentile(rgb[opaque], [2, 98], axis=0), axis=0).max()
    return bool(opaque.sum() >= 0.75 * area and spread > MIN_CONTRAST)


def _fill_transparent(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> Pixels:
    """Fill transparent pixels with the colour of the paper, the median of the opaque pixels."""
    paper = np.median(rgb[alpha > 127], axis=0)
    weight = (alpha.astype(np.float32) / 255)[..., None]
    return (weight * rgb + (1 - weight) * paper).astype(np.float32)


def _ink_on_opaque_paper(rgb: Pixels | npt.NDArray[np.uint8]) -> Ink:
    drawn = _find_drawing_on_plain_paper(rgb)
    page = pixels = rgb.astype(np.float32)
    if drawn is None or max(_share_of_sides(drawn, rgb)) > MAX_SHARE_WITHOUT_LINES:
        page = remove_ruled_lines(pixels)
    if drawn is not None and page is pixels:
        ink = np.zeros(page.shape[:2], np.float32)
        ink[drawn] = _ink_by_colour(page[drawn], paper=page[0, 0], grain=0)
        return ink
    brightness = to_grey(page)
    level = _find_paper_level(brightness)
    paper = np.abs(brightness - level) <= PAPER_SPREAD
    grainy = _has_grain(brightness, paper)
    if paper.mean() < MIN_EVEN_SHARE or (grainy and _has_shadow(brightness, level)):
        return _ink_in_photograph(brightness)
    ink = _ink_by_colour(page, paper=np.median(page[paper], axis=0), grain=None)
    return _drop_faint_patches(ink) if grainy else ink


def _find_drawing_on_plain_paper(
    rgb: Pixels | npt.NDArray[np.uint8],
) -> tuple[slice, slice] | None:
    """Find the bounding box of a drawing on a background of exactly one colour.

    Pixels outside of the box need no further processing.

    Returns:
        Rows and columns of the box; None where the edges of the image have several colours, or the
        whole image has one.
    """
    red, green, blue = rgb[0, 0]
    differs = (rgb[..., 0] != red) | (rgb[..., 1] != green) | (rgb[..., 2] != blue)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows) or differs[0].any() or differs[-1].any() or differs[:, [0, -1]].any():
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _share_of_sides(box: tuple[slice, slice], rgb: npt.NDArray[Any]) -> tuple[float, float]:
    rows, columns = box
    return (rows.stop - rows.start) / len(rgb), (columns.stop - columns.start) / rgb.shape[1]


def _has_grain(brightness: Pixels, paper: npt.NDArray[np.bool_]) -> bool:
    """Whether neighbouring pixels of the paper differ, as in scans and photographs."""
    step = max(1, max(brightness.shape) // BLOCKS)
    sample = brightness[::step, ::step][paper[::step, ::step]]
    return len(sample) > 0 and bool(np.median(np.abs(sample - np.median(sample))) > 0)


def _has_shadow(brightness: Pixels, level: float) -> bool:
    """Whether an area that differs from the paper is too wide and too faint for pen strokes."""
    step = max(1, max(brightness.shape) // BLOCKS)
    height, width = (side // step for side in brightness.shape)
    blocks = brightness[: height * step, : width * step].reshape(height, step, width, step)
    difference = np.abs(blocks.mean(axis=(1, 3)) - level)
    peak = _find_peak(difference)
    reach = max(3, round(SHADOW_WIDTH * max(difference.shape)))
    wide = scipy.ndimage.minimum_filter(difference, size=reach) > MIN_INK * peak
    return bool((wide & (difference < MAX_SHADOW_LEVEL * peak)).mean() > MIN_SHADOW_AREA)


def _drop_faint_patches(ink: Ink) -> Ink:
    patches, count = scipy.ndimage.label(ink > MIN_INK, structure=np.ones((3, 3)))
    peaks = scipy.ndimage.maximum(ink, patches, np.arange(count + 1))
    areas = np.bincount(patches.ravel(), minlength=count + 1)
    areas[0] = 0
    kept = (peaks >= MIN_PATCH_INK) & (areas > MIN_PATCH_SIZE * areas.max())
    return np.where(kept[patches], ink, 0)


def _find_paper_level(brightness: Pixels) -> float:
    """The brightness of the paper: the commonest on the border, or in the image as a second choice.

    The border decides where at least half of it is within ``PAPER_SPREAD`` of one level.
    """
    border = np.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]])
    level, share = _find_commonest(border)
    return level if share >= 0.5 else _find_commonest(brightness)[0]


def _find_commonest(brightness: Pixels) -> tuple[float, float]:
    """The commonest brightness and the share of pixels within ``PAPER_SPREAD`` of it."""
    counts = np.bincount(np.round(brightness).astype(np.int64).ravel(), minlength=256)
    window = np.convolve(counts, np.ones(2 * int(PAPER_SPREAD) + 1), mode="same")
    # Of several windows with the same number of pixels, take the one with the commonest centre.
    level = int(np.lexsort((counts, window))[-1])
    return float(level), float(window[level] / brightness.size)


def _ink_by_colour(rgb: Pixels, *, paper: npt.NDArray[np.float32], grain: float | None) -> Ink:
    """Project each pixel's difference from the paper's colour onto that of the pen.

    Args:
        rgb: ``(H, W, 3)`` in 0…255.
        paper: ``(3,)``, the colour of the paper.
        grain: how far paper differs from its own colour, in 8-bit RGB. None to estimate it from the
            image, which then must be mostly paper.
    """
    difference = rgb - paper  # (H, W, 3)
    # Several times as fast as ``np.sum`` over such a short axis.
    distance = np.sqrt(np.einsum("ijk,ijk->ij", difference, difference))
    peak = _find_peak(distance)
    if peak < MIN_CONTRAST:
        error = EmptyDrawingError(
            "There is no ink in this picture. Use a darker pen or a picture with more contrast."
        )
        error.add_note(
            f"expected a contrast between ink and paper of {MIN_CONTRAST:g} or more (Euclidean, "
            f"in 8-bit RGB, at most 441), got {peak:.0f}"
        )
        raise error
    pen = difference[distance >= 0.8 * peak].mean(axis=0)
    towards_pen = difference @ (pen / np.linalg.norm(pen))
    if grain is None:
        grain = 3 * float(np.median(distance))
    return normalise(np.maximum(towards_pen - grain, 0))


def _ink_in_photograph(brightness: Pixels) -> Ink:
    """Find ink on unevenly lit paper: pixels darker, or lighter, than the paper around them."""
    smooth = scipy.ndimage.gaussian_filter(brightness, 1.0)
    reach = int(PAPER_REACH * max(brightness.shape))
    paper_if_light = scipy.ndimage.grey_closing(smooth, size=(reach, reach))
    paper_if_dark = scipy.ndimage.grey_opening(smooth, size=(reach, reach))
    # With the right choice, the strokes vanish from the estimate of the paper. With the wrong one
    # they become wider, and the estimate varies more.
    if _mean_gradient(paper_if_light) < _mean_gradient(paper_if_dark):
        ink = 1 - smooth / np.maximum(paper_if_light, 1)
    else:
        ink = 1 - paper_if_dark / np.maximum(smooth, 1)
    strokes = np.where(_find_photographed_strokes(ink), ink, 0)
    if _find_peak(strokes) < MIN_PHOTOGRAPHED_INK:
        raise EmptyDrawingError(
            "There is no ink in this photograph, or it touches the edges. "
            "Use a darker pen, or leave more paper around the digit."
        )
    return normalise(strokes)


def _find_photographed_strokes(ink: Ink) -> npt.NDArray[np.bool_]:
    """The pixels of the pen strokes, ``(H, W)``."""
    peak = _find_peak(ink)
    mask = ink > max(_otsu_threshold(ink), MIN_PHOTOGRAPHED_EDGE * peak)
    strokes, core = _find_strokes(mask), _find_strokes(ink > MIN_PHOTOGRAPHED_CORE * peak)
    if (core & ~strokes).sum() <= strokes.sum():
        return strokes
    # A shadow connects the digit with the edge, so only the darkest pixels are certain.
    return scipy.ndimage.binary_dilation(core, iterations=2) & mask


def _mean_gradient(brightness: Pixels) -> float:
    """The mean absolute difference between neighbouring pixels."""
    return sum(float(np.abs(np.diff(brightness, axis=axis)).mean()) for axis in (0, 1))


def _otsu_threshold(ink: Ink) -> float:
    """Compute Otsu's threshold between two classes of pixels.

    N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9 (1979), doi:10.1109/TSMC.1979.4310076.
    """
    counts, edges = np.histogram(ink, bins=256, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = ((counts * centres).sum() - np.cumsum(counts * centres)) / np.maximum(above, 1)
    return float(centres[np.argmax(below * above * (mean_below - mean_above) ** 2)])


def _find_strokes(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The patches of a mask that are neither dust nor touch the edge, as the table or a shadow."""
    patches, count = scipy.ndimage.label(mask)
    areas = np.bincount(patches.ravel(), minlength=count + 1)
    areas[0] = 0
    areas[np.concatenate([patches[0], patches[-1], patches[:, 0], patches[:, -1]])] = 0
    return (areas > MIN_PATCH_SIZE * areas.max())[patches]


def _find_peak(strength: Pixels) -> float:
    """The strength of full ink: the fifth largest value, so that hot pixels have no effect."""
    rank = min(5, strength.size)
    return float(np.partition(strength.ravel(), -rank)[-rank])
