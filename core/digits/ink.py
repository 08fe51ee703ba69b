"""Ink: where the pen was in a picture, whatever the colours of pen and paper.

Ink is a ``(height, width)`` float32 array in the picture's own pixels, 0 paper … 1 full ink. This
module does not know about frames, digits or models.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image, ImageOps

from core.digits.ruling import remove_ruled_lines, to_grey


class EmptyDrawingError(ValueError):
    """The input holds no ink, or too little of it to be a digit."""


# Larger pictures are reduced to this many pixels on their longer side first.
MAX_SIDE = 1500
# Paper and pen closer than this (Euclidean, in 8-bit RGB) are one colour: the picture is blank.
MIN_CONTRAST = 20.0
# Paper is even when this share of the whole picture lies within PAPER_SPREAD, in 8-bit brightness,
# of one level. Otherwise the picture was photographed: it has light, shadow and noise of its own.
EVEN_PAPER = 0.4
PAPER_SPREAD = 8.0
# Where paper has grain, as scans and photographs have: ink patches fainter than this have come from
# the paper, and what is fainter than MIN_INK does not count at all.
MIN_PATCH_INK = 0.35
MIN_INK = 0.05
# There, what is wider than this share of the longer side and less than this share of full ink is
# shadow. Pens are thinner, brushes darker; a shadow takes up to half of the light.
SHADOW_WIDTH = 0.06
MIN_SHADOW_LEVEL = 0.7
# Shadows smaller than this share of the picture are blots.
MIN_SHADOW_AREA = 0.002
# Shadows and grain are looked for in about this many blocks along the longer side.
BLOCKS = 150
# A drawing that takes no more than this share of either side has no printed line in it: those run
# from edge to edge, or show in three quarters of the page.
MAX_SHARE_WITHOUT_LINES = 0.7
# In a photograph, paper is looked for within this share of the longer side around each pixel: more
# than the width of a stroke, less than the size of a digit.
STROKE_REACH = 0.12
# In a photograph, ink takes at least this share of the paper's light away; the edge of a shadow
# takes up to 0.2.
MIN_PHOTOGRAPHED_INK = 0.25
# In a photograph, what takes less than this share of what the ink takes is shadow or blur.
MIN_PHOTOGRAPHED_EDGE = 0.25
# In a photograph, what takes this share of what the ink takes is ink, not the edge of a shadow.
PHOTOGRAPHED_CORE = 0.55
# On grainy paper, ink patches smaller than this share of the largest one are dust.
MIN_PATCH_SIZE = 0.03

Ink = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.float32]


def ink_from_image(image: Image.Image) -> Ink:
    """Find the ink in a picture.

    Args:
        image: any Pillow image. Its EXIF orientation is honoured, and one of more than 1,500 pixels
            on the longer side is reduced first.

    Returns:
        ``(height, width)`` float32 in 0…1. Paper of one colour gives exact zeros.

    Raises:
        EmptyDrawingError: the picture has one colour only, or differences too faint for ink.
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
        raise EmptyDrawingError("expected ink in the picture, got one that is all transparent")
    if _is_opaque_card(rgb, alpha):
        return _ink_on_opaque_paper(_fill_transparent(rgb, alpha))
    return normalise(alpha.astype(np.float32))


def normalise(strength: Pixels) -> Ink:
    """Scale strengths of 0 or more so that full ink is 1; stretching again changes nothing.

    Raises:
        EmptyDrawingError: fewer than five pixels have any ink.
    """
    peak = _find_peak(strength)
    if peak <= 0:
        raise EmptyDrawingError("expected a digit in the picture, got a few specks of ink")
    return np.clip(strength / peak, 0, 1).astype(np.float32)


def _reduce(image: Image.Image) -> Image.Image:
    factor = max(image.size) / MAX_SIDE
    if factor <= 1:
        return image
    # Palette and 1-bit pictures cannot be averaged as they are.
    colour = image.convert("RGBA") if image.mode in {"P", "PA", "1"} else image
    width, height = (max(1, round(side / factor)) for side in image.size)
    return colour.resize((width, height), Image.Resampling.BOX)


def _is_opaque_card(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> bool:
    """Whether the opaque part is paper and ink together, not ink alone on transparent paper."""
    opaque = alpha > 127
    if not opaque.any():
        return False
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    area = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    spread = np.ptp(np.percentile(rgb[opaque], [2, 98], axis=0), axis=0).max()
    return bool(opaque.sum() >= 0.75 * area and spread > MIN_CONTRAST)


def _fill_transparent(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> Pixels:
    """Give the transparent surroundings the colour of the paper, the commonest opaque one."""
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
    if paper.mean() < EVEN_PAPER or (grainy and _has_shadow(brightness, level)):
        return _ink_in_photograph(brightness)
    ink = _ink_by_colour(page, paper=np.median(page[paper], axis=0), grain=None)
    return _drop_faint_patches(ink) if grainy else ink


def _find_drawing_on_plain_paper(
    rgb: Pixels | npt.NDArray[np.uint8],
) -> tuple[slice, slice] | None:
    """The box around all that a program drew on paper of exactly one colour, which surrounds it.

    What lies around the box need not be looked at again. None for every other picture.
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
    """Whether paper differs from pixel to pixel, as it does unless a program drew the picture."""
    step = max(1, max(brightness.shape) // BLOCKS)
    sample = brightness[::step, ::step][paper[::step, ::step]]
    return len(sample) > 0 and bool(np.median(np.abs(sample - np.median(sample))) > 0)


def _has_shadow(brightness: Pixels, level: float) -> bool:
    """Whether some of what differs from the paper's level is too wide and faint to be a pen's."""
    step = max(1, max(brightness.shape) // BLOCKS)
    height, width = (side // step for side in brightness.shape)
    blocks = brightness[: height * step, : width * step].reshape(height, step, width, step)
    difference = np.abs(blocks.mean(axis=(1, 3)) - level)
    peak = _find_peak(difference)
    reach = max(3, round(SHADOW_WIDTH * max(difference.shape)))
    wide = scipy.ndimage.minimum_filter(difference, size=reach) > MIN_INK * peak
    return bool((wide & (difference < MIN_SHADOW_LEVEL * peak)).mean() > MIN_SHADOW_AREA)


def _drop_faint_patches(ink: Ink) -> Ink:
    patches, count = scipy.ndimage.label(ink > MIN_INK, structure=np.ones((3, 3)))
    peaks = scipy.ndimage.maximum(ink, patches, np.arange(count + 1))
    areas = np.bincount(patches.ravel(), minlength=count + 1)
    areas[0] = 0
    written = (peaks >= MIN_PATCH_INK) & (areas > MIN_PATCH_SIZE * areas.max())
    return np.where(written[patches], ink, 0)


def _find_paper_level(brightness: Pixels) -> float:
    """The paper's brightness: the commonest on the border, or of all where the border has none."""
    border = np.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]])
    level, share = _find_commonest(border)
    return level if share >= 0.5 else _find_commonest(brightness)[0]


def _find_commonest(brightness: Pixels) -> tuple[float, float]:
    """The commonest brightness and the share of pixels within ``PAPER_SPREAD`` of it."""
    counts = np.bincount(np.round(brightness).astype(np.int64).ravel(), minlength=256)
    window = np.convolve(counts, np.ones(2 * int(PAPER_SPREAD) + 1), mode="same")
    # Of several windows that hold as many pixels, take the one whose middle is the commonest.
    level = int(np.lexsort((counts, window))[-1])
    return float(level), float(window[level] / brightness.size)


def _ink_by_colour(rgb: Pixels, *, paper: npt.NDArray[np.float32], grain: float | None) -> Ink:
    """How far each pixel has gone from the paper's colour towards the pen's.

    ``grain`` is how far paper goes by itself; None if most of the picture is paper and tells it.
    """
    difference = rgb - paper  # (H, W, 3)
    # Several times as fast as the sum over so short an axis.
    distance = np.sqrt(np.einsum("ijk,ijk->ij", difference, difference))
    peak = _find_peak(distance)
    if peak < MIN_CONTRAST:
        raise EmptyDrawingError(
            f"expected ink that differs from its paper by at least {MIN_CONTRAST:g} of 441, "
            f"got {peak:.0f}; use a darker pen or a picture with more contrast"
        )
    pen = difference[distance >= 0.8 * peak].mean(axis=0)
    towards_pen = difference @ (pen / np.linalg.norm(pen))
    if grain is None:
        grain = 3 * float(np.median(distance))
    return normalise(np.maximum(towards_pen - grain, 0))


def _ink_in_photograph(brightness: Pixels) -> Ink:
    """Ink against uneven paper: what is darker, or lighter, than all paper within reach of it."""
    smooth = scipy.ndimage.gaussian_filter(brightness, 1.0)
    reach = int(STROKE_REACH * max(brightness.shape))
    paper_if_light = scipy.ndimage.grey_closing(smooth, size=(reach, reach))
    paper_if_dark = scipy.ndimage.grey_opening(smooth, size=(reach, reach))
    # Of paper that lay beneath, ink leaves no trace; elsewhere its strokes grow into blots.
    if _vary(paper_if_light) < _vary(paper_if_dark):
        ink = 1 - smooth / np.maximum(paper_if_light, 1)
    else:
        ink = 1 - paper_if_dark / np.maximum(smooth, 1)
    written = np.where(_find_photographed_writing(ink), ink, 0)
    if _find_peak(written) < MIN_PHOTOGRAPHED_INK:
        raise EmptyDrawingError(
            "expected ink clear of the edges of the photograph, got paper only; use a darker pen "
            "or leave more paper around the digit"
        )
    return normalise(written)


def _find_photographed_writing(ink: Ink) -> npt.NDArray[np.bool_]:
    peak = _find_peak(ink)
    mask = ink > max(_otsu_threshold(ink), MIN_PHOTOGRAPHED_EDGE * peak)
    writing, core = _find_writing(mask), _find_writing(ink > PHOTOGRAPHED_CORE * peak)
    if (core & ~writing).sum() <= writing.sum():
        return writing
    # A shadow has joined the digit to the edge of the picture.
    return scipy.ndimage.binary_dilation(core, iterations=2) & mask


def _vary(brightness: Pixels) -> float:
    """The mean difference between neighbours."""
    return sum(float(np.abs(np.diff(brightness, axis=axis)).mean()) for axis in (0, 1))


def _otsu_threshold(ink: Ink) -> float:
    """Threshold between two classes of pixels (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    counts, edges = np.histogram(ink, bins=256, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = ((counts * centres).sum() - np.cumsum(counts * centres)) / np.maximum(above, 1)
    return float(centres[np.argmax(below * above * (mean_below - mean_above) ** 2)])


def _find_writing(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The patches of a mask that are neither dust nor cut by the edge, as table and shadow are."""
    patches, count = scipy.ndimage.label(mask)
    areas = np.bincount(patches.ravel(), minlength=count + 1)
    areas[0] = 0
    areas[np.concatenate([patches[0], patches[-1], patches[:, 0], patches[:, -1]])] = 0
    return (areas > MIN_PATCH_SIZE * areas.max())[patches]


def _find_peak(strength: Pixels) -> float:
    """The strength of full ink: the fifth strongest pixel, lest one hot pixel rule."""
    rank = min(5, strength.size)
    return float(np.partition(strength.ravel(), -rank)[-rank])
