import dataclasses

import numpy as np
import pytest
from PIL import Image

from core.digits.frame import EmptyDrawingError, frame_from_image, frame_from_strokes
from core.digits.inputs import ImageInput, StrokeInput
from core.digits.preprocessing_steps import list_steps_from_image, list_steps_from_strokes

SEVEN = (np.array([(80.0, 70), (240, 70), (140, 270)]),)


def make_picture() -> Image.Image:
    pixels = np.full((60, 60), 255, np.uint8)
    pixels[10:50, 28:33] = 0
    return Image.fromarray(pixels)


def test_an_input_of_strokes_holds_their_frame():
    given = StrokeInput(SEVEN, pen_width=20, pad_side=320)
    assert np.array_equal(given.frame, frame_from_strokes(SEVEN))


def test_an_input_of_a_picture_holds_its_frame():
    given = ImageInput(make_picture(), "one.png")
    assert np.array_equal(given.frame, frame_from_image(make_picture()))


def test_an_input_cannot_be_changed():
    given = StrokeInput(SEVEN, pen_width=20, pad_side=320)
    with pytest.raises(dataclasses.FrozenInstanceError):
        given.pen_width = 4


@pytest.mark.parametrize("pen_width", [4, 40])
def test_the_steps_of_strokes_are_drawn_with_the_input_s_own_pen(pen_width):
    steps = StrokeInput(SEVEN, pen_width=pen_width, pad_side=320).list_steps()
    expected = list_steps_from_strokes(SEVEN, side=320, pen_width=pen_width)
    assert [step.title for step in steps] == [step.title for step in expected]
    assert all(
        np.array_equal(step.frame, other.frame) for step, other in zip(steps, expected, strict=True)
    )


def test_the_steps_of_a_picture_are_those_of_the_picture():
    steps = ImageInput(make_picture(), "one.png").list_steps()
    expected = list_steps_from_image(make_picture())
    assert [step.title for step in steps] == [step.title for step in expected]


@pytest.mark.parametrize(
    "make",
    [
        lambda: StrokeInput([], pen_width=20, pad_side=320),
        lambda: StrokeInput([np.array([(9.0, 9.0)])], pen_width=20, pad_side=320),
        lambda: ImageInput(Image.new("L", (60, 60), 255), "blank.png"),
    ],
    ids=["no stroke", "a tap", "a blank picture"],
)
def test_an_input_without_enough_ink_is_refused(make):
    with pytest.raises(EmptyDrawingError):
        make()
