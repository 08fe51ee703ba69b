import io
import struct
import zlib

import pytest
from PIL import Image

from core.digits.image_file import (
    TooLargeImageError,
    UnknownFormatError,
    UnreadableImageError,
    read_image,
)
from tests.messages import assert_plain


def encode(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def claim_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_common_formats_are_decoded(file_format):
    contents = encode(Image.new("L", (30, 20), 255), file_format)
    assert read_image(contents).size == (30, 20)


def test_the_first_image_of_an_animation_is_decoded():
    frames = [Image.new("L", (10, 10), shade) for shade in (0, 255)]
    contents = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_image(contents).convert("L").getpixel((5, 5)) == 0


@pytest.mark.parametrize(
    "contents",
    [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\0" * 1000],
)
def test_a_file_that_is_not_an_image_is_refused(contents):
    with pytest.raises(
        UnknownFormatError, match="Use PNG, JPEG, WebP, BMP, GIF, TIFF, AVIF or HEIC"
    ) as refused:
        read_image(contents)
    assert_plain(str(refused.value))


def test_an_empty_file_is_refused():
    with pytest.raises(UnreadableImageError, match="This file is empty") as refused:
        read_image(b"")
    assert_plain(str(refused.value))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_an_incomplete_image_is_refused(file_format):
    contents = encode(Image.effect_noise((200, 200), 80), file_format)
    with pytest.raises(UnreadableImageError, match="incomplete or damaged") as refused:
        read_image(contents[: len(contents) // 2])
    assert_plain(str(refused.value))


@pytest.mark.parametrize("size", [(20_000, 20_000), (60_000, 60_000), (200_000, 1_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises(TooLargeImageError, match="more than 40 megapixels") as refused:
        read_image(claim_size(*size))
    assert_plain(str(refused.value))


@pytest.mark.parametrize("size", [(0, 0), (0, 10)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(UnreadableImageError, match="not a picture in a supported format"):
        read_image(claim_size(*size))
