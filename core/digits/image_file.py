"""Image files: from the bytes a stranger sends to a picture that is safe to work on."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

# A picture of this many pixels takes about 160 MB while it is read; a phone photo fits.
LARGEST_AREA = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
EXTENSIONS = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


class UnreadableImageError(ValueError):
    """The bytes are not a picture that can be read here."""


def read_image(contents: bytes) -> Image.Image:
    """Decode an image file wholly; of an animation, its first picture.

    Raises:
        UnreadableImageError: the bytes are not an image of a known format, end too early, or
            decode to more than ``LARGEST_AREA`` pixels.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below decides instead.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(contents), formats=FORMATS)
            if image.width * image.height > LARGEST_AREA:
                raise Image.DecompressionBombError  # noqa: TRY301  one refusal for both limits
            image.load()
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(
            f"expected a picture of at most {LARGEST_AREA // 1_000_000} megapixels, got a larger "
            "one; make it smaller"
        ) from error
    except UnidentifiedImageError as error:
        raise UnreadableImageError(
            f"expected an image file, got something else; choices are {', '.join(FORMATS)}"
        ) from error
    except (OSError, SyntaxError, EOFError) as error:
        raise UnreadableImageError(
            "expected a whole image file, got one that is cut short or damaged"
        ) from error
    return image
