import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.frame import frame_from_image, frame_from_strokes
from core.digits.ink import EmptyDrawingError, ink_from_image
from core.synthesis.glyphs import draw_sample
from tests.messages import assert_plain


def draw_line_mask(size: tuple[int, int] = (400, 300)) -> np.ndarray:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).line([(100, 60), (300, 60), (200, 250)], fill=255, width=18)
    return np.asarray(mask) / 255.0


def photograph(mask: np.ndarray, random: np.random.Generator, *, contrast: float) -> Image.Image:
    """Ink on paper in uneven light, with a shadow across it and the noise of a sensor."""
    height, width = mask.shape
    y, x = np.mgrid[:height, :width]
    light = 0.6 + 0.35 * x / width - 0.1 * y / height
    shadow = 1 / (1 + np.exp((0.7 * x + y - 0.9 * height) / 12))
    brightness = 235 * light * (1 - 0.4 * shadow) * (1 - contrast * mask)
    noisy = brightness[..., None] + random.normal(0, 4, (height, width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def test_ink_equals_the_pen_strokes_and_paper_is_exactly_zero():
    mask = draw_line_mask()
    ink = ink_from_image(Image.fromarray((255 - 255 * mask).astype(np.uint8)))
    assert ink.dtype == np.float32
    assert np.array_equal(ink, mask.astype(np.float32))


def test_ink_is_found_in_a_photograph_with_a_shadow_across_it(random):
    mask = draw_line_mask()
    ink = ink_from_image(photograph(mask, random, contrast=0.85))
    found, drawn = ink > 0.5, mask > 0.5
    assert (found & drawn).sum() / (found | drawn).sum() > 0.85


def test_light_ink_on_dark_paper_is_found_in_a_photograph(random):
    mask = draw_line_mask()
    negative = 255 - np.asarray(photograph(mask, random, contrast=0.85))
    ink = ink_from_image(Image.fromarray(negative))
    found, drawn = ink > 0.5, mask > 0.5
    assert (found & drawn).sum() / (found | drawn).sum() > 0.85


def test_a_photograph_of_bare_paper_is_empty(random):
    with pytest.raises(EmptyDrawingError, match="no ink in this photograph") as refused:
        ink_from_image(photograph(np.zeros((300, 400)), random, contrast=0.85))
    assert_plain(str(refused.value))


def test_the_log_has_the_contrast_of_a_blank_picture():
    with pytest.raises(EmptyDrawingError, match="There is no ink in this picture") as refused:
        ink_from_image(Image.new("L", (280, 280), 255))
    assert_plain(str(refused.value))
    (note,) = refused.value.__notes__
    assert "20 or more" in note
    assert note.endswith("got 0")


def test_grey_on_grey_is_normalised_to_full_ink():
    mask = draw_line_mask()
    ink = ink_from_image(Image.fromarray(np.round(150 - 40 * mask).astype(np.uint8)))
    assert np.abs(ink - mask).max() < 0.03


def test_jpeg_compression_does_not_move_the_digit(random):
    strokes = draw_sample(5, canvas_size=280, random=random)
    picture = Image.new("L", (300, 300), 255)
    for stroke in strokes:
        ImageDraw.Draw(picture).line([tuple(point) for point in stroke], fill=0, width=20)
    import io

    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    assert np.abs(frame_from_image(Image.open(buffer)) - frame_from_image(picture)).mean() < 0.07


def test_a_large_image_is_reduced_to_1500_pixels():
    mask = Image.fromarray((255 * draw_line_mask()).astype(np.uint8)).resize((6000, 4500))
    assert max(ink_from_image(mask).shape) == 1500


def test_an_image_is_turned_as_its_exif_orientation_says():
    upright = Image.fromarray((255 - 255 * draw_line_mask()).astype(np.uint8))
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    lying.getexif()[0x0112] = 6  # turn clockwise by 90° to view
    assert np.array_equal(frame_from_image(lying), frame_from_image(upright))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_every_pillow_mode_gives_the_same_frame(mode):
    picture = Image.fromarray((255 - 255 * draw_line_mask()).astype(np.uint8))
    expected = frame_from_image(picture)
    if mode == "I;16":
        converted = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    else:
        converted = picture.convert(mode)
    assert np.abs(frame_from_image(converted) - expected).mean() < 0.02


def test_opaque_paper_with_rounded_corners_is_not_taken_for_ink():
    picture = Image.fromarray((255 - 255 * draw_line_mask()).astype(np.uint8)).convert("RGB")
    corners = Image.new("L", picture.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 399, 299), 40, fill=255)
    card = picture.copy()
    card.putalpha(corners)
    assert np.abs(frame_from_image(card) - frame_from_image(picture)).mean() < 0.01


def test_strokes_and_a_picture_of_them_give_similar_frames(random):
    for digit in range(10):
        strokes = draw_sample(digit, canvas_size=280, random=random)
        picture = Image.new("L", (1120, 1120), 255)
        for stroke in strokes:
            line = [tuple(point) for point in stroke * 4]
            ImageDraw.Draw(picture).line(line, fill=0, width=72, joint="curve")
        reduced = picture.resize((280, 280), Image.Resampling.BOX)
        difference = np.abs(frame_from_image(reduced) - frame_from_strokes(strokes)).mean()
        assert difference < 0.12
