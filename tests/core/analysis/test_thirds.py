"""The widths of the upper and the lower third of a digit."""

import numpy as np

from core.analysis.thirds import THIRDS, measure_thirds


def draw(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """A frame with boxes of ink: rows from and to, columns from and to."""
    image = np.zeros((28, 28), np.uint8)
    for top, bottom, left, right in boxes:
        image[top:bottom, left:right] = 255
    return image


def test_the_bar_of_a_seven_is_in_its_upper_third_alone():
    seven = draw((4, 6, 5, 19), (6, 24, 15, 18))
    measured = measure_thirds(np.stack([seven, np.roll(seven, (2, -3), axis=(0, 1)), seven[::-1]]))
    assert set(measured) == set(THIRDS)
    assert measured["upper_width"].tolist() == [14, 14, 3]
    assert measured["lower_width"].tolist() == [3, 3, 14]


def test_the_thirds_are_those_of_the_digit_and_not_of_the_frame():
    low = draw((18, 20, 2, 22), (20, 24, 10, 12))
    assert measure_thirds(low[None])["upper_width"] == 20
    assert measure_thirds(low[None])["lower_width"] == 2


def test_faint_pixels_and_empty_frames_have_no_width():
    measured = measure_thirds(np.stack([draw(), draw() + 100, draw((9, 18, 3, 4))]))
    assert measured["upper_width"].tolist() == [0, 0, 1]
