"""Measures of shapes whose true measures are known in closed form."""

import numpy as np
import pytest

from core.analysis.measures import (
    MEASURES,
    load_measures,
    measure_digits,
    save_measures,
)
from core.digits.datasets import Dataset
from core.digits.frame import bytes_from_frames

OVERSAMPLING = 8
# Coordinates of the small pixels from the middle of a frame, in pixels.
GRID = (np.arange(28 * OVERSAMPLING) + 0.5) / OVERSAMPLING - 14
X, Y = np.meshgrid(GRID, GRID)


def draw(inside: np.ndarray) -> np.ndarray:
    """The (28, 28) frame in which each pixel has the share of its area that is inside."""
    return inside.reshape(28, OVERSAMPLING, 28, OVERSAMPLING).mean(axis=(1, 3)).astype(np.float32)


def draw_bar(width: float, height: float, shear: float = 0.0) -> np.ndarray:
    """A bar that reaches ``shear`` pixels to the right with every row upwards."""
    return draw((np.abs(X + shear * Y) <= width / 2) & (np.abs(Y) <= height / 2))


def draw_ring(radius: float, thickness: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return draw(np.abs(np.hypot(X - x, Y - y) - radius) <= thickness / 2)


def measure(frame: np.ndarray) -> dict[str, float]:
    return {name: float(values[0]) for name, values in measure_digits(frame[None]).items()}


@pytest.mark.parametrize(("width", "height"), [(2, 20), (3, 18), (4, 20)])
def test_an_upright_bar(width, height):
    measured = measure(draw_bar(width, height))
    assert measured["area"] == pytest.approx(width * height, rel=0.06)
    # The skeleton ends somewhere between the middle of the round end and the end.
    assert height - width <= measured["length"] <= height
    assert measured["thickness"] == pytest.approx(width, abs=0.3)
    assert measured["slant"] == pytest.approx(0, abs=0.1)
    # One per cent of the ink is outside on each side. Enlarging blurs the edges.
    assert 0.98 * width <= measured["width"] <= width + 1.5
    assert measured["height"] == pytest.approx(0.98 * height, abs=0.7)
    assert (measured["loops"], measured["ends"]) == (0, 2)
    assert (measured["right"], measured["down"]) == pytest.approx((0, 0), abs=0.01)
    # The edges of a bar of an odd width are in the middle of pixels, half of the ink's.
    assert measured["contrast"] == pytest.approx(1 if width % 2 == 0 else 0.75, abs=0.01)


@pytest.mark.parametrize("angle", [-30, -12, 20, 35])
def test_the_slant_of_a_sheared_bar_is_its_angle_and_its_width_stays(angle):
    measured = measure(draw_bar(3, 18, shear=np.tan(np.radians(angle))))
    assert measured["slant"] == pytest.approx(angle, abs=1)
    assert 0.98 * 3 <= measured["width"] <= 3 + 1.5
    assert measured["height"] == pytest.approx(0.98 * 18, abs=0.7)
    assert measured["thickness"] == pytest.approx(3 * np.cos(np.radians(angle)), abs=0.3)


@pytest.mark.parametrize(("radius", "thickness"), [(6, 2), (7, 3), (8, 4)])
def test_a_ring(radius, thickness):
    measured = measure(draw_ring(radius, thickness))
    circumference = 2 * np.pi * radius
    assert measured["area"] == pytest.approx(circumference * thickness, rel=0.07)
    # Steps along a grid are up to 8 % longer than a circle, 5 % on average.
    assert circumference * 0.97 <= measured["length"] <= circumference * 1.09
    assert measured["thickness"] == pytest.approx(thickness, abs=0.3)
    assert measured["slant"] == pytest.approx(0, abs=0.1)
    assert (measured["loops"], measured["ends"]) == (1, 0)


def test_loops_and_ends_are_counted():
    eight = np.maximum(draw_ring(4, 2, y=-4), draw_ring(4, 2, y=4))
    six = np.maximum(draw_ring(4, 2, y=4), draw((np.abs(X + 4) <= 1) & (np.abs(Y + 3) <= 7)))
    cross = np.maximum(draw_bar(2, 18), draw_bar(18, 2))
    two = np.maximum(draw(np.hypot(X - 6, Y) <= 3), draw_ring(4, 2, x=-5))
    counts = [(measure(frame)["loops"], measure(frame)["ends"]) for frame in (eight, six, cross)]
    assert counts == [(2, 0), (1, 1), (0, 4)]
    assert measure(two)["loops"] == 1


def test_place_and_contrast():
    measured = measure(draw_ring(4, 2, x=3, y=-2))
    assert (measured["right"], measured["down"]) == pytest.approx((3, -2), abs=0.05)
    crisp = draw_bar(4, 16)
    assert measure(crisp)["contrast"] - measure(np.where(crisp > 0.5, 0.6, 0.2))[
        "contrast"
    ] == pytest.approx(0.6, abs=0.01)


def test_a_frame_without_ink_is_refused_and_no_frames_give_no_numbers():
    with pytest.raises(ValueError, match="some ink"):
        measure_digits(np.zeros((1, 28, 28), np.float32))
    empty = measure_digits(np.zeros((0, 28, 28), np.float32))
    assert {name: values.shape for name, values in empty.items()} == dict.fromkeys(MEASURES, (0,))


def test_digits_measured_together_have_the_measures_they_have_alone():
    frames = np.stack([draw_bar(2, 20), draw_ring(7, 3), draw_bar(3, 18, 0.3), draw_bar(9, 9)])
    together = measure_digits(frames)
    for place, frame in enumerate(frames):
        assert {name: values[place] for name, values in together.items()} == measure(frame)


def test_stored_measures_are_those_computed_now(tmp_path):
    frames = np.stack([draw_bar(2, 20), draw_ring(7, 3)])
    dataset = Dataset("shapes", "Shapes", bytes_from_frames(frames), np.array([1, 0], np.uint8))
    computed = load_measures(dataset, tmp_path)
    path = save_measures(dataset, tmp_path)
    stored = load_measures(dataset, tmp_path)
    assert stored.keys() == computed.keys() == MEASURES.keys()
    assert all(np.array_equal(stored[name], computed[name]) for name in MEASURES)
    path.write_bytes(path.read_bytes()[:-40])
    damaged = load_measures(dataset, tmp_path)
    assert all(np.array_equal(damaged[name], computed[name]) for name in MEASURES)


def test_the_published_measures_of_mnist_are_those_of_its_images(mnist_test):
    few = Dataset("few", "Few", mnist_test.images[::100], mnist_test.labels[::100])
    published, computed = load_measures(mnist_test), load_measures(few)
    assert all(
        np.allclose(published[name][::100], computed[name], rtol=0.01, atol=0.01)
        for name in MEASURES
    )
