"""Image files: decodes bytes from an untrusted source to a Pillow image, within limits.

This module does not know what the image shows.
"""

import io
import itertools
import warnings

import numpy as np
from PIL import ExifTags, Image, ImageSequence, UnidentifiedImageError

from core.digits.levels import convert_to_8_bits

# Decoding an image of this many pixels takes about 160 MB. Photographs of phones are smaller.
MAX_PIXELS = 40_000_000
# Larger images are reduced to about this many pixels on their longer side.
MAX_SIDE = 1500
# And HEIF, where a file may be of that format.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
EXTENSIONS = (
    "png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff", "avif", "heic", "heif"
)  # fmt: skip
# Of an animation, so many images are searched for one that shows something: two levels of a colour
# that are at least this far apart.
MAX_IMAGES = 50
MIN_CONTRAST = 20
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt"}
# What to do with a stored image so that it stands upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# The entry of ``Image.info`` that holds the reduction.
REDUCTION = "reduction"


class UnreadableImageError(ValueError):
    """The bytes cannot be decoded as an image."""


class UnknownFormatError(UnreadableImageError):
    """The bytes are not in a supported image format."""


class TooLargeImageError(UnreadableImageError):
    """The image has more than ``MAX_PIXELS`` pixels."""


def read_image(contents: bytes) -> Image.Image:
    """Decode an image file; of an animation, the first image that shows something.

    Args:
        contents: of the file.

    Returns:
        A Pillow image with 8 bits a channel, turned upright by its EXIF orientation, and reduced
        to about ``MAX_SIDE`` pixels on its longer side if it is larger.

    Raises:
        UnknownFormatError: the bytes are in another format than the message lists.
        TooLargeImageError: the image has more than ``MAX_PIXELS`` pixels.
        UnreadableImageError: the file is empty, incomplete or damaged.
    """
    if not contents:
        raise UnreadableImageError("This file is empty. Choose a picture.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures and of odd metadata.
            warnings.simplefilter("ignore")
            return _decode(contents)
    except (Image.DecompressionBombError, TooLargeImageError) as error:
        raise TooLargeImageError(
            f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels. Make it smaller."
        ) from error
    except UnidentifiedImageError as error:
        raise UnknownFormatError(
            "This file is not a picture in a supported format. Use PNG, JPEG, WebP, BMP, GIF, "
            "TIFF, AVIF or HEIC."
        ) from error
    # Damaged files make decoders raise some fifteen kinds of exceptions.
    except Exception as error:
        raise UnreadableImageError(
            "This picture is incomplete or damaged. Save it again, or choose another one."
        ) from error


def find_reduction(image: Image.Image) -> float:
    """How many pixels of the file are one pixel of an image that ``read_image`` returned."""
    return float(image.info.get(REDUCTION, 1.0))


def _decode(contents: bytes) -> Image.Image:
    stored = _open(contents)
    longer = max(stored.size)
    if stored.width * stored.height > MAX_PIXELS:
        raise TooLargeImageError
    stored.draft(None, (MAX_SIDE, MAX_SIDE))  # JPEG files are decoded at a fraction of their size
    image = _find_first_shown(stored)
    turn = TURNS.get(_find_orientation(stored))
    image = convert_to_8_bits(_reduce(image))
    image = image if turn is None else image.transpose(turn)
    image.info = {
        **{key: image.info[key] for key in ("transparency",) if key in image.info},
        REDUCTION: longer / max(image.size),
    }
    return image


def _open(contents: bytes) -> Image.Image:
    formats: tuple[str, ...] = FORMATS
    if contents[4:8] == b"ftyp":
        # Imported here because it takes 0.05 s that other formats do not need.
        import pillow_heif  # noqa: PLC0415

        pillow_heif.register_heif_opener()
        formats = (*FORMATS, "HEIF")
    if contents.startswith(PNG_SIGNATURE):
        contents = _drop_text(contents)
    return Image.open(io.BytesIO(contents), formats=formats)


def _drop_text(png: bytes) -> bytes:
    """Remove texts from a PNG file: Pillow refuses pictures with long ones."""
    if not any(kind in png for kind in TEXT_CHUNKS):
        return png
    parts = [PNG_SIGNATURE]
    start = len(PNG_SIGNATURE)
    while start < len(png):
        end = start + 12 + int.from_bytes(png[start : start + 4])
        if png[start + 4 : start + 8] not in TEXT_CHUNKS:
            parts.append(png[start:end])
        start = end
    return b"".join(parts)


def _find_first_shown(stored: Image.Image) -> Image.Image:
    """The first image of a file that is not of a single colour; the very first as second choice."""
    if getattr(stored, "is_animated", False):
        for image in itertools.islice(ImageSequence.Iterator(stored), MAX_IMAGES):
            if _has_contrast(image):
                return image.copy()
        stored.seek(0)
    stored.load()
    return stored


def _has_contrast(image: Image.Image) -> bool:
    small = image.convert("RGBA").resize((128, 128), Image.Resampling.BOX)
    return bool((np.ptp(np.asarray(small, np.int16), axis=(0, 1)) >= MIN_CONTRAST).any())


def _find_orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1, which is upright, where there is none that can be understood."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def _reduce(image: Image.Image) -> Image.Image:
    factor = max(image.size) // MAX_SIDE
    if factor <= 1:
        return image
    # Levels of palettes and of single bits cannot be averaged.
    if image.mode in {"P", "PA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    return image.reduce(factor)
