import io

import numpy as np
import pytest
from PIL import Image

from core.digits import image_file
from core.digits.image_file import (
    TooLargeImageError,
    UnknownFormatError,
    UnreadableImageError,
    find_reduction,
    read_image,
)
from tests.messages import assert_plain
from tests.png import write_png


def encode(picture: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def claim_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of any size."""
    return write_png(width, height, b"")


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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_turned_upright(orientation):
    upright = Image.new("L", (40, 20), 255)
    upright.paste(0, (0, 0, 12, 6))
    stored = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]  # fmt: skip
    picture = upright.transpose(stored[0]) if stored else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert read_image(encode(picture, "PNG", exif=exif)).tobytes() == upright.tobytes()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_image_is_reduced_by_a_known_factor(file_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = read_image(encode(Image.new("RGB", (6200, 3100), 255), file_format, exif=exif))
    assert 1500 <= max(image.size) <= 3000
    assert find_reduction(image) * max(image.size) == pytest.approx(6200, rel=0.01)
    assert (image.width > image.height) == (orientation == 1)
    assert find_reduction(read_image(encode(Image.new("L", (30, 20)), "PNG"))) == 1


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "TIFF"])
def test_the_first_image_of_an_animation_that_shows_something_is_decoded(file_format):
    blank, shown = Image.new("L", (20, 20), 255), Image.new("L", (20, 20), 255)
    shown.paste(0, (5, 5, 15, 15))
    contents = encode(blank, file_format, save_all=True, append_images=[blank, shown, blank])
    assert read_image(contents).convert("L").getpixel((10, 10)) < 100
    assert read_image(encode(blank, file_format, save_all=True, append_images=[blank])).size


def test_heic_is_decoded():
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    contents = encode(Image.new("RGB", (64, 48), (200, 30, 30)), "HEIF")
    image = read_image(contents)
    assert image.size == (64, 48)
    assert image.getpixel((30, 20))[0] > 150


def test_a_large_picture_of_16_bits_is_decoded():
    levels = np.linspace(0, 65535, 3200 * 40).astype(np.uint16).reshape(40, 3200)
    image = read_image(encode(Image.fromarray(levels), "PNG"))
    assert (image.mode, image.size) == ("L", (1600, 20))
    assert np.abs(np.asarray(image, float) - levels[::2, ::2] / 257).max() < 5


def test_an_animation_of_many_pixels_is_not_searched_to_its_end(monkeypatch):
    blank, shown = Image.new("L", (100, 100), 255), Image.new("L", (100, 100), 255)
    shown.paste(0, (20, 20, 80, 80))
    contents = encode(blank, "TIFF", save_all=True, append_images=[blank, blank, shown])
    assert np.ptp(np.asarray(read_image(contents))) > 200
    monkeypatch.setattr(image_file, "MAX_SEARCHED_PIXELS", 3 * 100 * 100)
    assert np.ptp(np.asarray(read_image(contents))) == 0


def test_a_second_page_that_is_larger_than_the_first_is_not_decoded():
    blank, large = Image.new("L", (20, 20), 255), Image.new("L", (6000, 5000))
    large.paste(255, (0, 0, 3000, 5000))
    contents = encode(
        blank, "TIFF", save_all=True, append_images=[large], compression="tiff_deflate"
    )
    assert read_image(contents).size == (20, 20)
