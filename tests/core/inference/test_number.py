import numpy as np
import pytest
from PIL import Image

from core.inference.classifier import load_classifier
from core.inference.number import number_from_image, number_from_strokes
from tests.numbers import draw_ink, write_number

NUMBERS = ["42", "10", "73", "47", "2026", "12\n34", "7\n305", "8", "1111", "90\n8\n64"]


@pytest.fixture(scope="module")
def lenet():
    return load_classifier("lenet5")


def picture_of(strokes, *, pen: float = 12) -> Image.Image:
    """Dark on white."""
    return Image.fromarray((255 * (1 - draw_ink(strokes, pen=pen))).astype(np.uint8))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_from_strokes(number, lenet, random):
    assert number_from_strokes(write_number(number, random), lenet) == number


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_from_a_picture(number, lenet, random):
    assert number_from_image(picture_of(write_number(number, random)), lenet) == number
