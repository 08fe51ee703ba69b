"""Metadata: dropped from image files, except for the orientation."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from core.digits.image_file import read_image
from core.digits.metadata import read_orientation, split_metadata
from tests.png import PNG_SIGNATURE, write_chunk

WIDTH, HEIGHT = 40, 20
NOT_A_NUMBER = (0x011A, 10, 1, 0xFFFFFFF0)  # a rational whose place is beyond the file


def draw_corner() -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    picture.paste((0, 0, 0), (0, 0, 12, 8))
    return picture


def encode(picture: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def write_exif(order: str, orientation: int, *others: tuple[int, int, int, int]) -> bytes:
    """An EXIF block whose other entries are (tag, type, count, value)."""
    entries = [struct.pack(f"{order}HHII", *other) for other in others]
    entries.append(struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8)
    return b"Exif\0\0" + head + struct.pack(f"{order}H", len(entries)) + b"".join(entries)


def add_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    segment = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
    return jpeg[:2] + segment + jpeg[2:]


def add_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Behind the header, whose chunk has 25 bytes."""
    at = len(PNG_SIGNATURE) + 25
    return png[:at] + write_chunk(kind, content) + png[at:]


def is_turned(contents: bytes) -> bool:
    """Whether a picture of ``draw_corner`` is turned clockwise: its corner is on the right."""
    image = read_image(contents).convert("L")
    dark = np.argwhere(np.asarray(image) < 100)
    assert len(dark)
    return image.size == (HEIGHT, WIDTH) and dark[:, 1].min() >= HEIGHT - 12


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("heads", [0, 1, 2])
def test_the_orientation_is_found_in_exif_of_both_byte_orders_and_with_odd_heads(order, heads):
    block = write_exif(order, 6, NOT_A_NUMBER).removeprefix(b"Exif\0\0")
    assert read_orientation(b"Exif\0\0" * heads + block) == 6


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        b"dear diary",
        write_exif("<", 0),
        write_exif(">", 99),
    ],
)
def test_no_orientation_that_can_be_understood_is_upright(exif):
    assert read_orientation(exif) == 1


@pytest.mark.parametrize("cut", range(1, 30))
def test_an_incomplete_exif_block_is_no_error(cut):
    assert read_orientation(write_exif("<", 6, NOT_A_NUMBER)[:-cut]) in {1, 6}


@pytest.mark.parametrize("others", [(), (NOT_A_NUMBER,), ((0x8769, 4, 1, 2),)])
def test_a_jpeg_is_turned_whatever_else_its_exif_holds(others):
    jpeg = encode(draw_corner(), "JPEG", quality=95)
    assert is_turned(add_segment(jpeg, 0xE1, write_exif(">", 6, *others)))


@pytest.mark.parametrize("others", [(), (NOT_A_NUMBER,), ((0x8769, 4, 1, 2),)])
def test_a_png_is_turned_whatever_else_its_exif_holds(others):
    png = encode(draw_corner(), "PNG")
    assert is_turned(add_chunk(png, b"eXIf", write_exif("<", 6, *others)))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_tiff_is_turned_whatever_else_its_metadata_hold(compression):
    tags = {0x0112: 6, 700: b"XMP"}
    tiff = encode(draw_corner(), "TIFF", tiffinfo=tags, compression=compression)
    xmp = struct.pack("<H", 700)
    assert tiff.count(xmp) == 1
    # The place of more EXIF, beyond the file.
    assert is_turned(tiff.replace(xmp, struct.pack("<H", 0x8769)))


@pytest.mark.parametrize("file_format", ["WEBP", "AVIF"])
def test_webp_and_avif_are_turned(file_format):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert is_turned(encode(draw_corner(), file_format, exif=exif))


@pytest.mark.parametrize(
    ("marker", "content"),
    [
        (0xE0, b"JFIF\0"),
        (0xE1, b"Exif\0\0Exif\0\0II"),
        (0xE2, b"MPF\0MM\0*\0\0\0\x08\xff\xff"),
        (0xE2, b"ICC_PROFILE\0\xff"),
        (0xED, b"Photoshop 3.0\x008BIM\x03\xed\xff"),
        (0xEE, b"Adobe"),
        (0xFE, b"note"),
    ],
)
def test_damaged_segments_of_a_jpeg_have_no_effect(marker, content):
    jpeg = encode(draw_corner(), "JPEG", quality=95)
    expected = read_image(jpeg).tobytes()
    assert read_image(add_segment(jpeg, marker, content)).tobytes() == expected


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"iCCP", b"name\0\0dear diary"),
        (b"pHYs", b"\0"),
        (b"eXIf", b"dear diary"),
        (b"tEXt", b"Comment"),
        (b"zTXt", b"Comment\0\1dear diary"),
        (b"gAMA", b""),
    ],
)
def test_damaged_chunks_of_a_png_have_no_effect(kind, content):
    png = encode(draw_corner(), "PNG")
    assert read_image(add_chunk(png, kind, content)).tobytes() == draw_corner().tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_colours_of_a_jpeg_stay(mode):
    picture = draw_corner().convert(mode)
    jpeg = encode(picture, "JPEG", quality=95, comment="note")
    pixels, _ = split_metadata(jpeg)
    assert len(pixels) < len(jpeg)
    assert Image.open(io.BytesIO(pixels)).tobytes() == Image.open(io.BytesIO(jpeg)).tobytes()
    assert np.abs(np.asarray(read_image(jpeg).convert("L"), int)
                  - np.asarray(draw_corner().convert("L"), int)).mean() < 6  # fmt: skip


def test_a_file_of_two_cameras_is_its_first_picture():
    other = Image.new("RGB", (WIDTH, HEIGHT))
    both = encode(draw_corner(), "MPO", save_all=True, append_images=[other])
    assert read_image(both).convert("L").getpixel((WIDTH - 4, HEIGHT - 4)) > 200
