"""Weights and feature maps as pictures."""

import numpy as np
import pytest

from core.figures.style import diverging_scale
from core.figures.weights import grey_maps, grey_strip, tint_weights


def read_colour(name: str) -> list[int]:
    return [int(name[start : start + 2], 16) for start in (1, 3, 5)]


@pytest.mark.parametrize("dark", [False, True])
def test_weights_run_from_one_hue_over_the_page_to_the_other(dark):
    picture = tint_weights(np.array([[-2.0, -1, 0, 1, 2]]), limit=1, dark=dark)
    negative, zero, positive = (read_colour(name) for name in diverging_scale(dark=dark))
    assert picture.shape == (1, 5, 3)
    assert picture[0].tolist() == [negative, negative, zero, positive, positive]


def test_maps_of_a_layer_share_one_scale_from_black_at_zero():
    values = np.zeros((2, 2, 3), np.float32)
    values[0, 1, 0], values[1, 1, 2] = 2, 4
    maps = grey_maps(values)
    assert maps.shape == (3, 2, 2)
    assert (maps[0, 0, 1], maps[2, 1, 1], maps[1].max()) == (128, 255, 0)


def test_a_map_with_negative_values_is_black_at_the_lowest():
    assert grey_maps(np.array([[[-1.0], [1.0]]]))[0].tolist() == [[0, 255]]


def test_a_layer_whose_outputs_are_all_zero_is_black():
    assert grey_maps(np.zeros((3, 3, 2), np.float32)).max() == 0


def test_units_are_laid_out_in_rows():
    strip = grey_strip(np.array([0, 1, 2, 4.0, 4]), columns=3)
    assert strip.tolist() == [[0, 64, 128], [255, 255, 0]]
    assert grey_strip(np.ones(10), columns=32).shape == (1, 10)
