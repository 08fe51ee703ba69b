import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.frame import (
    BOX_SIZE,
    PEN_WIDTH,
    EmptyDrawingError,
    frame_from_ink,
    frame_from_strokes,
    frames_from_bytes,
)
from core.digits.hypotheses import propose_hypotheses
from core.synthesis.glyphs import draw_sample
from tests.messages import assert_plain

# Mean absolute difference of two frames, 0…1. Enlarging by a whole factor changes a frame by
# rounding alone. Smooth enlarging blurs edges. Where it moves the centre of mass across the middle
# of a pixel, the whole digit moves by one pixel, which alone is a difference of about 0.06.
EXACT = 0.003
ONE_PIXEL_OFF = 0.11

DIGITS = range(0, 1797, 45)


def paste(digit: np.ndarray, *, factor: int, at: tuple[int, int], resampling: int) -> Image.Image:
    picture = Image.fromarray(digit).resize((28 * factor, 28 * factor), resampling)
    canvas = Image.new("L", (320, 320), 0)
    canvas.paste(picture, at)
    return canvas


def find_frame(picture: Image.Image) -> np.ndarray:
    """The frame of the first hypothesis, which on plain paper is all that differs from it."""
    return frame_from_ink(next(propose_hypotheses(picture)).ink)


def recolour(picture: Image.Image, colours: str) -> Image.Image:
    """A picture of light on dark in other colours, one of ``COLOURS``."""
    ink = np.asarray(picture)
    if colours == "light on dark":
        return picture
    if colours == "dark on light":
        return Image.fromarray(255 - ink)
    if colours == "black on transparent":
        return Image.merge("RGBA", [Image.new("L", picture.size, 0)] * 3 + [picture])
    if colours == "white on transparent":
        return Image.merge("RGBA", [Image.new("L", picture.size, 255)] * 3 + [picture])
    if colours == "opaque with alpha":
        return Image.fromarray(255 - ink).convert("RGBA")
    share = ink[..., None] / 255
    pen, paper = {
        "blue on yellow": ((20, 40, 160), (250, 240, 170)),
        "red on green of equal brightness": ((200, 40, 60), (60, 200, 40)),
    }[colours]
    rgb = np.array(paper) * (1 - share) + np.array(pen) * share
    return Image.fromarray(np.round(rgb).astype(np.uint8))


COLOURS = [
    "light on dark",
    "dark on light",
    "black on transparent",
    "white on transparent",
    "opaque with alpha",
    "blue on yellow",
    "red on green of equal brightness",
]


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("factor", [1, 4, 10])
@pytest.mark.parametrize("corner", ["top left", "middle", "bottom right"])
def test_a_digit_at_any_place_size_and_colour_gives_the_same_frame(
    bundled_digits, colours, factor, corner
):
    room = 320 - 28 * factor
    place = {"top left": 0, "middle": room // 2, "bottom right": room}[corner]
    for index in DIGITS:
        digit = bundled_digits.images[index]
        picture = paste(
            digit, factor=factor, at=(place, place), resampling=Image.Resampling.NEAREST
        )
        frame = find_frame(recolour(picture, colours))
        # Colours that do not use the full range of their channels are rounded more coarsely.
        assert np.abs(frame - digit / 255).mean() < EXACT


@pytest.mark.parametrize("resampling", [Image.Resampling.BILINEAR, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("factor", [3, 7])
def test_a_smoothly_enlarged_digit_gives_nearly_the_same_frame(bundled_digits, resampling, factor):
    differences = []
    for index in DIGITS:
        digit = bundled_digits.images[index]
        frame = find_frame(paste(digit, factor=factor, at=(30, 70), resampling=resampling))
        differences.append(np.abs(frame - digit / 255).mean())
    assert max(differences) < ONE_PIXEL_OFF
    assert np.median(differences) < 0.04


def test_the_frame_of_a_frame_is_the_same_frame(bundled_digits):
    for image in bundled_digits.images:
        frame = frame_from_ink(frames_from_bytes(image))
        assert np.abs(frame - image / 255).max() < 0.02


def test_mnist_images_are_frames_already(mnist_test):
    same = [
        np.abs(frame_from_ink(frames_from_bytes(image)) - image / 255).max() < 0.03
        for image in mnist_test.images[:2000]
    ]
    # A few of MNIST's images are less than 20 pixels long.
    assert np.mean(same) > 0.995


def test_a_frame_from_strokes_has_the_size_and_position_of_mnist(random):
    for digit in range(10):
        strokes = draw_sample(digit, canvas_size=280, random=random)
        frame = frame_from_strokes(strokes)
        assert frame.shape == (28, 28)
        assert frame.dtype == np.float32
        assert frame.min() == 0
        assert frame.max() == 1
        rows, columns = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == BOX_SIZE
        middle = (frame.sum(axis=1) @ np.arange(28), frame.sum(axis=0) @ np.arange(28))
        assert np.allclose(np.array(middle) / frame.sum(), 14, atol=0.51)
        again = frame_from_ink(frame)
        assert np.abs(again - frame).max() < 0.02


@pytest.mark.parametrize(("scale", "offset"), [(0.2, (3, 200)), (1.0, (-50, 9)), (5.0, (0, 0))])
def test_size_and_place_of_strokes_do_not_matter(random, scale, offset):
    for digit in range(10):
        strokes = draw_sample(digit, canvas_size=280, random=random)
        moved = [stroke * scale + offset for stroke in strokes]
        assert np.abs(frame_from_strokes(moved) - frame_from_strokes(strokes)).mean() < 0.005


def test_more_points_on_the_same_line_change_nothing():
    sparse = [np.array([[10, 10], [110, 10], [60, 200]])]
    steps = np.linspace(0, 1, 400)[:, None]
    dense = [
        np.concatenate(
            [a + (b - a) * steps for a, b in zip(sparse[0], sparse[0][1:], strict=False)]
        )
    ]
    assert np.abs(frame_from_strokes(dense) - frame_from_strokes(sparse)).max() < 0.15


def test_a_straight_line_is_a_bar_of_the_pen_width():
    frame = frame_from_strokes([[[50, 20], [50, 220]]])
    assert frame[:, 13:16].sum() == pytest.approx(PEN_WIDTH * BOX_SIZE, rel=0.1)
    assert frame[:, 16:].sum() == frame[:, :13].sum() == 0


@pytest.mark.parametrize(
    "strokes",
    [[], [np.empty((0, 2))], [[[5, 5]]], [[[5, 5], [6, 7]]], [[[1, 1], [1, 2]], [[2, 2]]]],
)
def test_no_stroke_or_a_tap_is_an_empty_drawing(strokes):
    with pytest.raises(EmptyDrawingError, match=r"Draw (a|the) digit") as refused:
        frame_from_strokes(strokes)
    assert_plain(str(refused.value))


def test_the_log_has_the_size_of_a_drawing_that_is_too_small():
    with pytest.raises(EmptyDrawingError) as refused:
        frame_from_strokes([[[5, 5], [6, 7]]])
    assert refused.value.__notes__ == ["expected 4 canvas pixels or more, got 2.0"]


@pytest.mark.parametrize(
    "stroke", [[1, 2, 3], [[1, 2, 3]], [[1, float("nan")], [2, 3]], [[1, float("inf")], [2, 3]]]
)
def test_malformed_strokes_are_refused(stroke):
    with pytest.raises(ValueError, match="expected stroke 1"):
        frame_from_strokes([[[0, 0], [100, 100]], stroke])


def test_skipping_plain_paper_around_the_ink_does_not_change_the_frame(random):
    for digit in range(10):
        picture = Image.new("RGB", (300, 240), (250, 240, 170))
        for stroke in draw_sample(digit, canvas_size=150, random=random):
            line = [(float(x) + 90, float(y) + 40) for x, y in stroke]
            ImageDraw.Draw(picture).line(line, fill=(20, 40, 160), width=9, joint="curve")
        plain = find_frame(picture)
        # With one corner of another colour, too similar to see, the paper is no longer plain.
        picture.putpixel((0, 0), (250, 240, 171))
        assert np.array_equal(find_frame(picture), plain)
