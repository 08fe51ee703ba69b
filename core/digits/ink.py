"""Ink: where the pen was in a picture, whatever the colours of pen and paper.

Ink is a ``(height, width)`` float32 array in the picture's own pixels, 0 paper … 1 full ink. This
module does not know about frames, digits or models.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps
from scipy import ndimage


class EmptyDrawingError(ValueError):
    """The input holds no ink, or too little of it to be a digit."""


# Larger pictures are reduced to this many pixels on their longer side first.
LARGEST_SIDE = 1500
# Paper and pen closer than this (Euclidean, in 8-bit RGB) are one colour: the picture is blank.
SMALLEST_CONTRAST = 20.0
# Paper whose border varies by more than this (90th less 10th percentile of brightness, 8 bit) was
# photographed: it has light, shadow and noise of its own.
EVEN_PAPER = 10.0
# In a photograph, ink patches smaller than this share of the largest one are dust.
SMALLEST_PATCH = 0.03

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
    upright = ImageOps.exif_transpose(image)
    rgba = _reduce(upright).convert("RGBA")
    alpha = np.asarray(rgba.getchannel("A"))
    rgb = np.asarray(rgba.convert("RGB"), dtype=np.float32)
    if alpha.min() == 255:
        return _ink_on_opaque_paper(rgb)
    if alpha.max() < SMALLEST_CONTRAST:
        raise EmptyDrawingError("expected ink in the picture, got one that is all transparent")
    if _is_opaque_card(rgb, alpha):
        return _ink_on_opaque_paper(_fill_transparent(rgb, alpha))
    return _stretch(alpha.astype(np.float32))


def _reduce(image: Image.Image) -> Image.Image:
    factor = max(image.size) / LARGEST_SIDE
    if factor <= 1:
        return image
    # Palette and 1-bit pictures cannot be averaged as they are.
    colour = image.convert("RGBA") if image.mode in {"P", "PA", "1"} else image
    size = tuple(max(1, round(side / factor)) for side in image.size)
    return colour.resize(size, Image.Resampling.BOX)


def _is_opaque_card(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> bool:
    """Whether the opaque part is paper and ink together, not ink alone on transparent paper."""
    opaque = alpha > 127
    if not opaque.any():
        return False
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    area = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    spread = np.ptp(np.percentile(rgb[opaque], [2, 98], axis=0), axis=0).max()
    return bool(opaque.sum() >= 0.75 * area and spread > SMALLEST_CONTRAST)


def _fill_transparent(rgb: Pixels, alpha: npt.NDArray[np.uint8]) -> Pixels:
    """Give the transparent surroundings the colour of the paper, the commonest opaque one."""
    paper = np.median(rgb[alpha > 127], axis=0)
    weight = (alpha.astype(np.float32) / 255)[..., None]
    return weight * rgb + (1 - weight) * paper


def _ink_on_opaque_paper(rgb: Pixels) -> Ink:
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])  # (B, 3)
    low, high = np.percentile(border.mean(axis=1), [10, 90])
    if high - low > EVEN_PAPER:
        return _ink_in_photograph(rgb.mean(axis=2))
    return _ink_by_colour(rgb, paper=np.median(border, axis=0))


def _ink_by_colour(rgb: Pixels, *, paper: npt.NDArray[np.float32]) -> Ink:
    """How far each pixel has gone from the paper's colour towards the pen's."""
    difference = rgb - paper  # (H, W, 3)
    distance = np.sqrt((difference**2).sum(axis=2))
    darkest = np.partition(distance.ravel(), -8)[-8:] if distance.size > 8 else distance.ravel()
    peak = float(np.median(darkest))
    if peak < SMALLEST_CONTRAST:
        raise EmptyDrawingError(
            f"expected ink that differs from its paper by at least {SMALLEST_CONTRAST:g} of 441, "
            f"got {peak:.0f}; use a darker pen or a picture with more contrast"
        )
    pen = difference[distance >= 0.8 * peak].mean(axis=0)
    towards_pen = difference @ (pen / np.linalg.norm(pen))
    noise = 3 * float(np.median(np.abs(distance))) if peak else 0.0
    return _stretch(np.maximum(towards_pen - noise, 0))


def _ink_in_photograph(grey: Pixels) -> Ink:
    """Ink against uneven paper: flatten the light, then keep what stands clearly off the paper."""
    dark_on_light = np.median(grey) >= grey.mean()
    light = grey if dark_on_light else 255 - grey
    ratio = 1 - light / np.maximum(_paper_brightness(light), 1)
    ink = np.clip(ndimage.gaussian_filter(ratio, 1.0), 0, 1).astype(np.float32)
    threshold = _otsu_threshold(ink)
    mask = _without_dust(ink > threshold)
    return _stretch(np.where(mask, ink * 255, 0))


def _paper_brightness(light: Pixels) -> Pixels:
    """Brightness of the bare paper at each pixel: a grey closing wider than any stroke."""
    small = Image.fromarray(light).resize((96, 96), Image.Resampling.BOX)
    closed = ndimage.grey_closing(np.asarray(small), size=(25, 25))
    smooth = Image.fromarray(ndimage.gaussian_filter(closed, 4.0))
    return np.asarray(smooth.resize(light.shape[::-1], Image.Resampling.BICUBIC))


def _otsu_threshold(ink: Ink) -> float:
    """Threshold between two classes of pixels (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    counts, edges = np.histogram(ink, bins=256, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = ((counts * centres).sum() - np.cumsum(counts * centres)) / np.maximum(above, 1)
    return float(centres[np.argmax(below * above * (mean_below - mean_above) ** 2)])


def _without_dust(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    patches, count = ndimage.label(mask)
    areas = np.bincount(patches.ravel(), minlength=count + 1)
    areas[0] = 0
    return (areas >= SMALLEST_PATCH * areas.max())[patches] & mask


def _stretch(strength: Pixels) -> Ink:
    peak = np.sort(strength, axis=None)[-8:].mean()
    return np.clip(strength / peak, 0, 1).astype(np.float32)
