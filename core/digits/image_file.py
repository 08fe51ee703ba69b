"""Image files: from the bytes a stranger sends to a picture that is safe to work on."""

import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError

# A picture of this many pixels takes about 160 MB while it is read; a phone photo fits.
MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
EXTENSIONS = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


class UnreadableImageError(ValueError):
    """The bytes are not a picture that can be read here."""


class UnknownFormatError(UnreadableImageError):
    """The bytes are of no image format that is read here."""


class TooLargeImageError(UnreadableImageError):
    """The picture has more pixels than can be worked on."""


def read_image(contents: bytes) -> Image.Image:
    """Decode an image file wholly; of an animation, its first picture.

    Raises:
        UnknownFormatError: the bytes are not an image of a known format.
        TooLargeImageError: they decode to more than ``MAX_PIXELS`` pixels.
        UnreadableImageError: there are none, they end too early or are damaged.
    """
    if not contents:
        raise UnreadableImageError("expected an image file, got an empty one")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below decides instead.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(contents), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError  # noqa: TRY301  one refusal for both limits
            image.load()
    except Image.DecompressionBombError as error:
        raise TooLargeImageError(
            f"expected a picture of at most {MAX_PIXELS // 1_000_000} megapixels, got a larger "
            "one; make it smaller"
        ) from error
    except UnidentifiedImageError as error:
        raise UnknownFormatError(
            f"expected an image file, got something else; choices are {', '.join(FORMATS)}"
        ) from error
    except (OSError, SyntaxError, EOFError) as error:
        raise UnreadableImageError(
            "expected a whole image file, got one that is cut short or damaged"
        ) from error
    return _reduce_to_8_bits(image) if image.mode.startswith("I;16") else image


def _reduce_to_8_bits(image: Image.Image) -> Image.Image:
    """A picture in 16 bits with its whole range kept; Pillow would cut off all above 255."""
    return Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
