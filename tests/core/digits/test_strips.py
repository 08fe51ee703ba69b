"""Strips: large pictures reduced a few rows at a time give what Pillow gives at once."""

import io

import numpy as np
import pytest
from PIL import Image

from core.digits import strips
from core.digits.strips import is_read_by_rows, reduce_array, reduce_image, reduce_png
from tests.png import write_chunk, write_png

WIDTH, HEIGHT = 67, 83
CHANNELS = {2: 3, 4: 2, 6: 4}


@pytest.fixture(autouse=True)
def small_strips(monkeypatch):
    """Strips of a few rows, and parts of a few bytes."""
    monkeypatch.setattr(strips, "STRIP_BYTES", 4 * WIDTH * 12)
    monkeypatch.setattr(strips, "PART_BYTES", 100)


def write_random_png(
    colour: int, depth: int, random: np.random.Generator, between: bytes = b""
) -> bytes:
    """Random bytes; each row is stored with one of PNG's five filters."""
    size = WIDTH * CHANNELS[colour] * depth // 8
    rows = b"".join(bytes([random.integers(5)]) + random.bytes(size) for _ in range(HEIGHT))
    return write_png(WIDTH, HEIGHT, rows, depth=depth, colour=colour, between=between)


@pytest.mark.parametrize("factor", [1, 2, 5])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", CHANNELS)
def test_a_png_of_any_filter_is_decoded_by_rows_as_at_once(colour, depth, factor, random):
    png = write_random_png(colour, depth, random)
    at_once = Image.open(io.BytesIO(png))
    assert is_read_by_rows(at_once)
    expected = at_once.reduce(factor)
    reduced = reduce_png(png, factor)
    assert (reduced.mode, reduced.size) == (expected.mode, expected.size)
    assert reduced.tobytes() == expected.tobytes()


def test_the_transparent_colour_of_a_png_is_kept(random):
    transparent = write_chunk(b"tRNS", b"\0\1\0\2\0\3")
    reduced = reduce_png(write_random_png(2, 8, random, between=transparent), 2)
    assert reduced.info["transparency"] == (1, 2, 3)


@pytest.mark.parametrize("missing", [1, 20, 300])
def test_an_incomplete_png_is_an_error(missing):
    size = 1 + 3 * WIDTH
    rows = bytes(size * HEIGHT - missing)
    with pytest.raises(ValueError, match="more rows"):
        reduce_png(write_png(WIDTH, HEIGHT, rows, colour=2), 2)


def test_more_rows_than_a_png_claims_are_not_decompressed():
    rows = bytes((1 + 3 * WIDTH) * HEIGHT * 1000)
    assert reduce_png(write_png(WIDTH, HEIGHT, rows, colour=2), 2).size == (34, 42)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "I", "F"])
def test_a_picture_is_reduced_by_strips_as_at_once(mode):
    picture = Image.effect_noise((WIDTH, HEIGHT), 90).convert(mode)
    assert reduce_image(picture, 3).tobytes() == picture.reduce(3).tobytes()


@pytest.mark.parametrize(("mode", "reduced"), [("P", "RGB"), ("1", "L"), ("I;16", "I")])
def test_palettes_bits_and_16_bits_are_averaged_as_levels(mode, reduced):
    picture = Image.effect_noise((WIDTH, HEIGHT), 90).convert(mode)
    expected = picture.convert(reduced).reduce(3)
    assert reduce_image(picture, 3).tobytes() == expected.tobytes()


@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH), (HEIGHT, WIDTH, 3), (HEIGHT, WIDTH, 4)])
def test_an_array_is_reduced_as_its_picture(shape, random):
    pixels = random.integers(0, 256, shape, np.uint8)
    assert reduce_array(pixels, 3).tobytes() == Image.fromarray(pixels).reduce(3).tobytes()
