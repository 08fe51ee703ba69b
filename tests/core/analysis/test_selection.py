from urllib.parse import urlencode

import numpy as np
import pytest

from core.analysis.evaluation import Evaluation
from core.analysis.selection import (
    MAX_AREAS,
    MAX_CORNERS,
    Area,
    choose_digits,
    draw_areas,
    find_inside,
    read_areas,
    sort_by_difficulty,
    take_digits,
    write_areas,
)


@pytest.fixture
def evaluation() -> Evaluation:
    """Four digits: 4 as 9, 4 as 4 twice, 9 as 9."""
    labels = np.array([4, 4, 4, 9], np.uint8)
    probabilities = np.zeros((4, 10), np.float32)
    probabilities[range(4), [9, 4, 4, 9]] = [0.6, 0.99, 0.7, 0.8]
    return Evaluation("one", "One", labels, probabilities)


def test_a_convex_area_contains_what_is_on_the_inner_side_of_all_its_edges(random):
    angles = np.sort(random.uniform(0, 2 * np.pi, 9))
    corners = np.stack([0.8 * np.cos(angles), 0.6 * np.sin(angles)], axis=1)
    points = random.uniform(-1, 1, (2000, 2)).astype(np.float32)
    edges = np.roll(corners, -1, axis=0) - corners
    towards = points[:, None] - corners
    is_left = edges[:, 0] * towards[..., 1] - edges[:, 1] * towards[..., 0] > 0
    assert 100 < is_left.all(axis=1).sum() < 1900
    area = Area(tuple(map(tuple, corners.tolist())))
    assert (area.contains(points) == is_left.all(axis=1)).all()


def test_the_notch_of_an_area_is_not_inside():
    area = Area(((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)))
    points = np.array([(2, 0.5), (2, 3), (0.5, 2), (3.5, 2), (5, 1)], np.float32)
    assert area.contains(points).tolist() == [True, False, True, True, False]


def test_a_box_is_the_area_between_two_corners():
    (box,) = draw_areas([], [{"x": [3, 1], "y": [-1, 2]}])
    points = np.array([(2, 0), (0.5, 0), (2, 3), (2.9, 1.9)], np.float32)
    assert box.contains(points).tolist() == [True, False, False, True]


def test_an_area_is_the_same_after_its_way_through_an_address():
    (area,) = draw_areas([{"x": [-0.123, 0.25, -0.001], "y": [0.5, 1, -0.999]}], [])
    assert (
        np.abs(np.subtract(area.corners, ((-0.123, 0.5), (0.25, 1), (-0.001, -0.999)))).max() < 3e-4
    )
    assert Area.from_text(area.to_text()) == area


def test_an_area_may_be_written_in_decimals():
    assert Area.from_text("0,-1.1,1.1,-1.1,1,2e3") == Area(((0, -1.1), (1.1, -1.1), (1, 2000)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2",
        "1,2,3,4",
        "1,2,3,4,5",
        "1,2,3,4,5,x",
        "nan,0,1,0,1,1",
        "0," * 999 + "0",
        "1e308,0,1,0,1,1",
        "abcd",  # two coordinates
        "a" * 15,  # five coordinates and a half
        "AH4AAAA8AAAAADw",  # the first one is NaN
        "ß" * 16,
    ],
)
def test_another_text_is_no_area(text):
    assert Area.from_text(text) is None


def test_a_lasso_of_many_corners_keeps_its_shape():
    angles = np.linspace(0, 2 * np.pi, 1234)
    lasso = {"x": np.cos(angles).tolist(), "y": np.sin(angles).tolist()}
    (area,) = draw_areas([lasso], [])
    assert len(area.corners) <= MAX_CORNERS
    points = np.array([(0, 0), (0.69, 0.69), (0.72, 0.72), (0, -1.1)], np.float32)
    assert area.contains(points).tolist() == [True, True, False, False]


def test_a_lasso_of_a_million_corners_is_thinned_before_it_is_simplified(random):
    angles = np.linspace(0, 2 * np.pi, 1_000_000)
    (area,) = draw_areas([{"x": 0.6 * np.cos(angles), "y": 0.6 * np.sin(angles)}], [])
    points = random.uniform(-1, 1, (2000, 2)).astype(np.float32)
    distances = np.hypot(*points.T)
    is_clear = np.abs(distances - 0.6) > 0.002
    assert (area.contains(points) == (distances < 0.6))[is_clear].all()


def test_several_areas_are_the_same_after_their_way_through_an_address():
    angles = np.linspace(0, 2 * np.pi, 500)
    lassos = [
        {"x": (middle + np.cos(angles)).tolist(), "y": np.sin(angles).tolist()}
        for middle in (0, 10, 20)
    ]
    line = {"x": [0, 1], "y": [0, 1]}
    drawn = draw_areas([*lassos, line], [{"x": [30, 31], "y": [0, 1]}])
    assert len(drawn) == 4
    areas = read_areas(write_areas(drawn))
    points = np.array([(0, 0), (10, 0), (20, 0), (30.5, 0.5), (5, 0), (31.5, 0)], np.float32)
    assert find_inside(areas, points).tolist() == [True] * 4 + [False] * 2
    assert not find_inside((), points).any()


def test_ten_lassos_in_an_address_choose_what_is_in_them(random):
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    lassos, drawn = [], []
    for middle in random.uniform(-0.8, 0.8, (10, 2)):
        radii = 0.2 + 0.05 * np.sin(random.integers(2, 6) * angles) + random.normal(0, 0.001, 120)
        x, y = middle[:, None] + radii * [np.cos(angles), np.sin(angles)]
        lassos.append({"x": x.tolist(), "y": y.tolist()})
        drawn.append(Area.from_array(np.stack([x, y], axis=1)))
    text = write_areas(draw_areas(lassos, []))
    assert len(urlencode({"other_area": text})) < 2000
    points = random.uniform(-1, 1, (10_000, 2)).astype(np.float32)
    differ = find_inside(read_areas(text), points) != find_inside(drawn, points)
    assert differ.mean() < 0.005


def test_of_very_many_areas_the_newest_are_kept():
    boxes = [{"x": [place, place + 1], "y": [0, 1]} for place in range(0, 60, 2)]
    drawn = draw_areas([], boxes)
    assert len(drawn) == MAX_AREAS
    assert read_areas(write_areas(drawn)) == drawn
    points = np.array([(0.5, 0.5), (58.5, 0.5)], np.float32)
    assert find_inside(drawn, points).tolist() == [False, True]


def test_an_area_beyond_the_corners_that_are_allowed_is_left_out():
    triangle = Area(((0, 0), (1, 0), (0, 1)))
    assert len(read_areas(write_areas((triangle,) * MAX_CORNERS))) == MAX_CORNERS // 3


def test_digits_are_chosen_by_label_and_prediction(evaluation):
    def choose(true: int | None, predicted: int | None) -> list[bool]:
        return choose_digits(evaluation, true=true, predicted=predicted).tolist()

    assert choose(None, None) == [True] * 4
    assert choose(4, None) == [True, True, True, False]
    assert choose(None, 9) == [True, False, False, True]
    assert choose(4, 9) == [True, False, False, False]
    assert choose(0, None) == [False] * 4


def test_the_misclassified_come_first_and_then_the_least_confident(evaluation):
    assert sort_by_difficulty(evaluation, np.ones(4, bool)).tolist() == [0, 2, 3, 1]
    chosen = sort_by_difficulty(evaluation, np.array([False, True, True, False]))
    assert chosen.tolist() == [2, 1]
    taken = take_digits(evaluation, chosen)
    assert taken.labels.tolist() == [4, 4]
    assert taken.confidence == pytest.approx([0.7, 0.99])
