"""Image files: decodes bytes from an untrusted source to a Pillow image, within limits.

This module does not know what the image shows.
"""

import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError

# Decoding an image of this many pixels takes about 160 MB. Photographs of phones are smaller.
MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
EXTENSIONS = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


class UnreadableImageError(ValueError):
    """The bytes cannot be decoded as an image."""


class UnknownFormatError(UnreadableImageError):
    """The bytes are not in a supported image format."""


class TooLargeImageError(UnreadableImageError):
    """The image has more than ``MAX_PIXELS`` pixels."""


def read_image(contents: bytes) -> Image.Image:
    """Decode an image file completely; of an animation, its first image.

    Args:
        contents: of the file.

    Returns:
        A Pillow image of at most ``MAX_PIXELS`` pixels, with 16-bit grey levels reduced to 8 bits.

    Raises:
        UnknownFormatError: the bytes are not in one of ``FORMATS``.
        TooLargeImageError: the image has more than ``MAX_PIXELS`` pixels.
        UnreadableImageError: the file is empty, incomplete or damaged.
    """
    if not contents:
        raise UnreadableImageError("This file is empty. Choose a picture.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below decides instead.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(contents), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError  # noqa: TRY301  one message for both limits
            image.load()
    except Image.DecompressionBombError as error:
        raise TooLargeImageError(
            f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels. Make it smaller."
        ) from error
    except UnidentifiedImageError as error:
        raise UnknownFormatError(
            "This file is not a picture in a supported format. "
            f"Use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from error
    except (OSError, SyntaxError, EOFError) as error:
        raise UnreadableImageError(
            "This picture is incomplete or damaged. Save it again, or choose another one."
        ) from error
    return _reduce_to_8_bits(image) if image.mode.startswith("I;16") else image


def _reduce_to_8_bits(image: Image.Image) -> Image.Image:
    """Convert 16-bit grey levels to 8 bits by scaling; Pillow would clip values above 255."""
    return Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
