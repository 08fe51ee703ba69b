"""Image files: decodes bytes from an untrusted source to a Pillow image, within limits.

All pictures that come from outside are decoded here: those of pages, of the API, of batch jobs and
of imports. This module does not know what the image shows.
"""

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

from core.digits.decoding_memory import MAX_BYTES, MemoryLimit, estimate_bytes, is_animated
from core.digits.levels import convert_to_8_bits
from core.digits.metadata import UPRIGHT, read_orientation, split_metadata
from core.digits.strips import is_read_by_rows, reduce_array, reduce_image, reduce_png, reduce_webp

# Photographs of phones are smaller.
MAX_PIXELS = 40_000_000
# Larger images are reduced to about this many pixels on their longer side.
MAX_SIDE = 1500
# And HEIF, where a file may be of that format.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
EXTENSIONS = (
    "png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff", "avif", "heic", "heif"
)  # fmt: skip
# Of an animation, so many images, and pixels, are searched for one that shows something: two levels
# of a colour that are at least this far apart.
MAX_IMAGES = 50
MAX_SEARCHED_PIXELS = 2 * MAX_PIXELS
MIN_CONTRAST = 20
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
DAMAGED = "This picture is incomplete or damaged. Save it again, or choose another one."
TOO_MANY_PIXELS = (
    f"This picture has more than {MAX_PIXELS // 1_000_000} megapixels. Make it smaller."
)

# Of the whole process, whoever sends the pictures.
_memory = MemoryLimit(MAX_BYTES)


class UnreadableImageError(ValueError):
    """The bytes cannot be decoded as an image."""


class UnknownFormatError(UnreadableImageError):
    """The bytes are not in a supported image format."""


class TooLargeImageError(UnreadableImageError):
    """The image has too many pixels, or decoding it takes too much memory."""


@contextmanager
def open_image(contents: bytes, *, max_pixels: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """Decode an image file for a ``with`` block; of an animation, the first image with contrast.

    Images that are decoded at the same time, anywhere in the process, wait for one another where
    they would take more than ``MAX_BYTES`` together.

    Args:
        contents: of the file.
        max_pixels: that it may have.

    Yields:
        A Pillow image with 8 bits a channel, turned upright by its EXIF orientation, and reduced
        to about ``MAX_SIDE`` pixels on its longer side if it is larger.

    Raises:
        UnknownFormatError: the bytes are in another format than the message lists.
        TooLargeImageError: the image has more than ``max_pixels``, or takes too much memory.
        UnreadableImageError: the file is empty, incomplete or damaged.
    """
    with _refuse_unreadable():
        stored = _StoredImage(contents, max_pixels)
    with _memory.hold(stored.bytes_needed):
        with _refuse_unreadable():
            image = stored.decode()
        del stored  # with the decoder's memory
        yield image


def read_image(contents: bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode an image file, as ``open_image`` does, for longer than a ``with`` block."""
    with open_image(contents, max_pixels=max_pixels) as image:
        return image


def find_reduction(image: Image.Image) -> float:
    """How many pixels of the file are one pixel of an image that ``open_image`` gave."""
    return float(image.info.get(REDUCTION, 1.0))


@contextmanager
def _refuse_unreadable() -> Iterator[None]:
    """Turn whatever a decoder raises into an UnreadableImageError with one sentence."""
    try:
        yield
    except UnreadableImageError:
        raise
    except Image.DecompressionBombError as error:
        raise TooLargeImageError(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise UnknownFormatError(
            "This file is not a picture in a supported format. Use PNG, JPEG, WebP, BMP, GIF, "
            "TIFF, AVIF or HEIC."
        ) from error
    # Damaged files make decoders raise some fifteen kinds of exceptions.
    except Exception as error:
        raise UnreadableImageError(DAMAGED) from error


class _StoredImage:
    """An image file that is open and not decoded yet.

    Attributes:
        bytes_needed: to decode it and to search it for ink.
    """

    def __init__(self, contents: bytes, max_pixels: int) -> None:
        if not contents:
            raise UnreadableImageError("This file is empty. Choose a picture.")
        self._contents, self._orientation = split_metadata(contents)
        self._image = image = _open(self._contents)
        self._longer = max(image.size)
        if image.width * image.height > max_pixels:
            raise TooLargeImageError(TOO_MANY_PIXELS)
        if image.format == "JPEG":  # decoded at a fraction of its size
            width, height = (max(1, side * MAX_SIDE // self._longer) for side in image.size)
            image.draft(None, (width, height))
        self.bytes_needed = estimate_bytes(image, self._contents, side=MAX_SIDE)
        if self.bytes_needed > MAX_BYTES:
            raise TooLargeImageError(
                "Decoding this picture takes too much memory. Make it smaller, or save it as PNG."
            )

    def decode(self) -> Image.Image:
        """The image, or the first one that shows something, reduced and upright."""
        image = self._find_first_shown() if is_animated(self._image) else self._reduce()
        orientation = self._orientation
        if orientation == UPRIGHT:  # the decoders of WebP and AVIF find it
            orientation = read_orientation(self._image.info.get("exif") or b"")
        image = image.transpose(TURNS[orientation]) if orientation in TURNS else image
        image.info = {
            **{key: image.info[key] for key in ("transparency",) if key in image.info},
            REDUCTION: self._longer / max(image.size),
        }
        return image

    def _find_first_shown(self) -> Image.Image:
        """The first image that is not of a single colour; the very first as second choice."""
        pixels = self._image.width * self._image.height
        count = min(MAX_IMAGES, max(1, MAX_SEARCHED_PIXELS // pixels))
        first = None
        for _ in itertools.islice(ImageSequence.Iterator(self._image), count):
            # Images of a TIFF file differ in size.
            if estimate_bytes(self._image, self._contents, side=MAX_SIDE) > self.bytes_needed:
                break
            image = self._reduce().copy()
            if _has_contrast(image):
                return image
            first = image if first is None else first
        if first is None:
            raise UnreadableImageError(DAMAGED)
        return first

    def _reduce(self) -> Image.Image:
        """The current image, with 8 bits a channel."""
        image = self._image
        factor = max(1, max(image.size) // MAX_SIDE)
        if image.format == "HEIF":
            import pillow_heif  # noqa: PLC0415

            reduced = reduce_array(np.asarray(pillow_heif.open_heif(self._contents)), factor)
        elif factor > 1 and is_read_by_rows(image):
            reduced = reduce_png(self._contents, factor)
        elif factor > 1 and image.format == "WEBP" and not is_animated(image):
            reduced = reduce_webp(image, factor)
        else:
            image.load()
            reduced = reduce_image(image, factor) if factor > 1 else image
        return convert_to_8_bits(reduced)


def _open(contents: bytes) -> Image.Image:
    formats: tuple[str, ...] = FORMATS
    if contents[4:8] == b"ftyp":
        # Imported here because it takes 0.05 s that other formats do not need.
        import pillow_heif  # noqa: PLC0415

        pillow_heif.register_heif_opener()
        formats = (*FORMATS, "HEIF")
    return Image.open(io.BytesIO(contents), formats=formats)


def _has_contrast(image: Image.Image) -> bool:
    small = image.convert("RGBA").resize((128, 128), Image.Resampling.BOX)
    return bool((np.ptp(np.asarray(small, np.int16), axis=(0, 1)) >= MIN_CONTRAST).any())
