import io
import struct
import zlib

import pytest
from PIL import Image

from core.digits.image_file import UnreadableImageError, read_image


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
def test_common_formats_are_read(file_format):
    contents = encode(Image.new("L", (30, 20), 255), file_format)
    assert read_image(contents).size == (30, 20)


def test_of_an_animation_the_first_picture_is_read():
    frames = [Image.new("L", (10, 10), shade) for shade in (0, 255)]
    contents = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_image(contents).convert("L").getpixel((5, 5)) == 0


@pytest.mark.parametrize(
    "contents",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\0" * 1000],
)
def test_what_is_no_image_is_refused(contents):
    with pytest.raises(UnreadableImageError, match="expected an image file"):
        read_image(contents)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_an_image_that_is_cut_short_is_refused(file_format):
    contents = encode(Image.effect_noise((200, 200), 80), file_format)
    with pytest.raises(UnreadableImageError, match="cut short"):
        read_image(contents[: len(contents) // 2])


@pytest.mark.parametrize("size", [(20_000, 20_000), (60_000, 60_000), (200_000, 1_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(UnreadableImageError, match="megapixels"):
        read_image(claim_size(*size))


@pytest.mark.parametrize("size", [(0, 0), (0, 10)])
def test_a_picture_without_pixels_is_refused(size):
    with pytest.raises(UnreadableImageError, match="expected"):
        read_image(claim_size(*size))
