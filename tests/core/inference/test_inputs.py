"""Inputs: the digits in what was drawn or photographed, and the steps to each of their frames."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits.found_digits import FoundDigit, list_digits
from core.digits.frame import EmptyDrawingError, frame_from_strokes
from core.digits.image_file import read_image
from core.digits.preprocessing_steps import list_steps_from_strokes
from core.inference.inputs import PREVIEW_SIDE, ImageInput, StrokeInput
from core.inference.number import find_in_image, find_in_strokes

SEVEN = (np.array([(80.0, 70), (240, 70), (140, 270)]),)


def encode(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def draw_ones(width: int, height: int, *, count: int = 1) -> Image.Image:
    """Vertical strokes side by side, each from a fifth of the height to four fifths."""
    picture = Image.new("L", (width, height), 255)
    pen = height // 12
    for index in range(count):
        x = width * (index + 1) // (count + 1)
        box = (x - pen // 2, height // 5, x + pen // 2, 4 * height // 5)
        ImageDraw.Draw(picture).rectangle(box, fill=0)
    return picture


ONE = encode(draw_ones(60, 60))


def test_an_input_of_strokes_holds_the_digits_found_in_them():
    given = StrokeInput(SEVEN, pen_width=20, pad_side=320)
    (digit,) = list_digits(given.rows)
    assert np.array_equal(digit.frame, list_digits(find_in_strokes(SEVEN))[0].frame)


def test_an_input_of_a_picture_holds_the_digits_found_in_it():
    given = ImageInput(ONE, "one.png")
    (digit,) = list_digits(given.rows)
    assert np.array_equal(digit.frame, list_digits(find_in_image(read_image(ONE)))[0].frame)


def test_an_input_of_a_picture_knows_its_file_again_and_does_not_hold_it():
    given, same, other = ImageInput(ONE, "a"), ImageInput(ONE, "b"), ImageInput(ONE + b"\0", "a")
    assert given.sha256 == same.sha256 != other.sha256
    assert ONE not in vars(given).values()


def test_an_input_cannot_be_changed():
    given = StrokeInput(SEVEN, pen_width=20, pad_side=320)
    with pytest.raises(dataclasses.FrozenInstanceError):
        given.pen_width = 4


def test_a_digit_has_its_own_strokes_and_its_own_part_of_a_stroke_through_two_digits():
    left, right = np.array([(10.0, 10), (10, 90)]), np.array([(60.0, 20), (90, 20), (90, 90)])
    bridge = np.concatenate([left, right])
    given = StrokeInput([left, right, bridge], pen_width=20, pad_side=320)
    frame = frame_from_strokes([left])
    alone = FoundDigit((60, 20, 90, 90), frame, (1,))
    assert np.array_equal(given.take_strokes(alone)[0], right)
    part = FoundDigit((10, 10, 10, 90), frame, (0, 2))
    assert all(np.array_equal(stroke, left) for stroke in given.take_strokes(part))


@pytest.mark.parametrize("pen_width", [4, 40])
def test_the_steps_of_strokes_are_drawn_with_the_input_s_own_pen(pen_width):
    given = StrokeInput(SEVEN, pen_width=pen_width, pad_side=320)
    steps = given.list_steps(list_digits(given.rows)[0])
    expected = list_steps_from_strokes(SEVEN, side=320, pen_width=pen_width)
    assert [step.title for step in steps] == [step.title for step in expected]
    assert all(
        np.array_equal(step.frame, other.frame) for step, other in zip(steps, expected, strict=True)
    )


def test_the_steps_of_a_picture_are_those_of_its_ink():
    given = ImageInput(ONE, "one.png")
    (digit,) = list_digits(given.rows)
    steps = {step.title: step.frame for step in given.list_steps(digit)}
    assert np.array_equal(steps["Centred"], digit.frame)
    # The digit still is where it was in the picture.
    rows = np.flatnonzero(steps["Plain resize"].max(axis=1) > 0.2)
    assert (rows[0], rows[-1]) == (pytest.approx(28 / 5, abs=1), pytest.approx(4 * 28 / 5, abs=1))


def test_the_steps_of_one_of_several_digits_lead_to_its_frame():
    given = ImageInput(encode(draw_ones(400, 200, count=2)), "eleven.png")
    digits = list_digits(given.rows)
    assert len(digits) == 2
    for digit in digits:
        assert np.abs(given.list_steps(digit)[-2].frame - digit.frame).mean() < 0.02


@pytest.mark.parametrize("size", [(300, 200), (3000, 2000)])
@pytest.mark.parametrize("orientation", [1, 6])
def test_boxes_and_preview_are_those_of_the_upright_picture(size, orientation):
    upright = draw_ones(*size, count=2)
    exif = Image.Exif()
    exif[0x0112] = orientation  # 6: shown turned by 90 degrees clockwise
    stored = upright if orientation == 1 else upright.rotate(90, expand=True)
    given = ImageInput(encode(stored, "JPEG", exif=exif, quality=95), "eleven.jpg")
    width, height = size
    assert given.size == pytest.approx(size, abs=2)
    boxes = [digit.box for digit in list_digits(given.rows)]
    pen = height // 12
    expected = [
        (x - pen // 2, height // 5, x + pen // 2, 4 * height // 5)
        for x in (width / 3, 2 * width / 3)
    ]
    assert boxes == [pytest.approx(box, abs=width / 100) for box in expected]
    preview = Image.open(io.BytesIO(given.preview))
    assert max(preview.size) == min(PREVIEW_SIDE, width)
    assert preview.width / preview.height == pytest.approx(width / height, rel=0.02)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StrokeInput([], pen_width=20, pad_side=320),
        lambda: StrokeInput([np.array([(9.0, 9.0)])], pen_width=20, pad_side=320),
        lambda: ImageInput(encode(Image.new("L", (60, 60), 255)), "blank.png"),
    ],
    ids=["no stroke", "a tap", "a blank picture"],
)
def test_an_input_without_enough_ink_is_refused(make):
    with pytest.raises(EmptyDrawingError):
        make()
