"""Levels: converts pictures whose values are not 0…255 to 8 bits.

Scientific programs write grey levels of 16 bits, of which cameras use 10 or 12, floating-point
numbers, and masks of 0 and 1. Pillow would clip them. This module does not know what is shown.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

# The largest value that whole numbers may have: of a mask, and of 8, 10, 12, 14 and 16 bits.
WHOLE_RANGES = (1, 255, 1023, 4095, 16383, 65535)


def convert_to_8_bits(image: Image.Image) -> Image.Image:
    """Convert a picture of unusual values to grey levels of 8 bits; others are returned as is.

    Raises:
        ValueError: some of its values are infinite or not numbers.
    """
    if image.mode in {"L", "RGB"} and _is_mask(image):
        return image.point(lambda level: 255 * level)
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    values = np.asarray(image)
    if not np.isfinite(values).all():
        raise ValueError("expected finite values")
    low, high = _find_range(values)
    scale = np.float32(255 / max(high - low, 1e-12))
    return Image.fromarray(np.round((values - np.float32(low)) * scale).astype(np.uint8))


def _is_mask(image: Image.Image) -> bool:
    return all(int(np.max(band.getextrema())) == 1 for band in image.split())


def _find_range(values: npt.NDArray[np.generic]) -> tuple[float, float]:
    """What is black and what is white; the extremes where nothing else is likely."""
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f":
        usual = [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)]
    else:
        usual = [(0.0, float(full)) for full in WHOLE_RANGES]
    return next(
        ((black, white) for black, white in usual if black <= low and high <= white), (low, high)
    )
