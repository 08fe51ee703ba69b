import numpy as np
import numpy.typing as npt
import pytest

from core.analysis.outlines import MIN_CORNERS, simplify_polygons


def draw_star(random: np.random.Generator, corners: int) -> npt.NDArray[np.float64]:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return random.uniform(0.5, 1, (corners, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def measure_area(polygon: npt.NDArray[np.float64]) -> float:
    """By the shoelace formula."""
    x, y = polygon.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_corners_are_left_out_in_the_order_in_which_they_change_the_area_least(random):
    polygon = draw_star(random, 30)
    left = polygon
    while len(left) > 10:
        others = [np.delete(left, place, axis=0) for place in range(len(left))]
        left = min(others, key=lambda other: abs(measure_area(other) - measure_area(left)))
    # Corners that were only left out because an earlier one was are left out with it.
    (simplified,) = simplify_polygons([polygon], 10)
    assert len(simplified) <= 10
    assert {*map(tuple, simplified)} <= {*map(tuple, left)}
    assert len(left) - len(simplified) <= 2


def test_a_corner_on_a_straight_edge_goes_first_and_corners_are_pooled(random):
    square = np.array([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2)], float)
    small = draw_star(random, 40) / 1000
    simplified = simplify_polygons([square, small], 12)
    assert simplified[0].tolist() == [[0, 0], [2, 0], [2, 2], [0, 2]]
    assert MIN_CORNERS <= len(simplified[1]) <= 8


def test_each_polygon_keeps_three_corners(random):
    polygons = [draw_star(random, count) for count in (3, 50, 100)]
    assert [len(one) for one in simplify_polygons(polygons, 3 * MIN_CORNERS)] == [MIN_CORNERS] * 3


@pytest.mark.parametrize("counts", [(), (0,), (2, 5), (1, 200)])
def test_few_corners_stay(random, counts):
    polygons = [draw_star(random, count) for count in counts]
    for before, after in zip(polygons, simplify_polygons(polygons, 201), strict=True):
        assert np.array_equal(before, after)
