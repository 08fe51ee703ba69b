from dataclasses import replace

import numpy as np
import pytest

from core.digits.penalties import PenaltyWeights, weigh_borders, weigh_group
from tests.core.digits.piece_rows import make_row

NONE = PenaltyWeights(**dict.fromkeys(PenaltyWeights.__dataclass_fields__, 0.0))


def weigh_alone(row, name: str) -> float:
    """The penalty of all pieces together, where one weight is 1 and the others are 0."""
    return weigh_group(row, 0, len(row.boxes), replace(NONE, **{name: 1.0}))


def weigh_border(row, name: str) -> float:
    return float(weigh_borders(row, replace(NONE, **{name: 1.0}))[0])


def test_each_stroke_beyond_the_first_counts_and_the_parts_of_a_cut_one_do_not():
    boxes = (0, 0, 40, 100), (40, 0, 80, 100), (80, 0, 120, 100)
    assert weigh_alone(make_row(*boxes), "pieces") == 2
    assert weigh_alone(make_row(*boxes, cuts=[1, 0]), "pieces") == 1


@pytest.mark.parametrize(("gap", "share"), [(0, 0), (6, 0.4), (15, 1), (30, 1)])
def test_distances_count_up_to_a_seventh_of_the_height(gap, share):
    tall = make_row((0, 0, 40, 100), (40 + gap, 0, 80 + gap, 100))
    assert weigh_alone(tall, "tall_distance") == pytest.approx(share)
    assert weigh_alone(tall, "low_distance") == 0
    low = make_row((0, 0, 40, 100), (40 + gap, 0, 80 + gap, 30))
    assert weigh_alone(low, "low_distance") == pytest.approx(share)
    assert weigh_alone(low, "tall_distance") == 0


@pytest.mark.parametrize(("height", "name"), [(44, "low_distance"), (46, "tall_distance")])
def test_a_piece_is_tall_above_this_share_of_the_row(height, name):
    row = make_row((0, 0, 40, 100), (55, 0, 95, height))
    assert weigh_alone(row, name) == 1


@pytest.mark.parametrize(("width", "excess"), [(89, 0), (90, 0), (120, 0.3), (190, 1), (300, 1)])
def test_width_counts_from_ninety_to_a_hundred_and_ninety_hundredths_of_the_height(width, excess):
    assert weigh_alone(make_row((0, 0, width, 100)), "width") == pytest.approx(excess)


def test_a_line_without_height_is_as_wide_as_can_be():
    assert weigh_alone(make_row((0, 50, 60, 50)), "width") == 1


@pytest.mark.parametrize(("height", "lowness"), [(100, 0), (85, 0), (45, 0.4)])
def test_a_digit_lower_than_the_row_costs(height, lowness):
    assert weigh_alone(make_row((0, 0, 20, height)), "lowness") == pytest.approx(lowness)


def test_dividing_what_overlaps_costs_by_the_share_of_the_narrower_piece():
    assert weigh_border(make_row((0, 0, 60, 100), (70, 0, 130, 100)), "overlap") == 0
    assert weigh_border(make_row((0, 0, 60, 100), (40, 0, 80, 100)), "overlap") == 0.5


@pytest.mark.parametrize(("top", "factor"), [(79, 1), (82, 3)])
def test_what_lies_above_costs_three_times_as_much(top, factor):
    row = make_row((0, 0, 60, 100), (30, top, 90, top + 100), height=100)
    assert weigh_border(row, "overlap") == pytest.approx(0.5 * factor)


def test_a_thin_piece_overlaps_as_a_share_of_a_seventh_of_the_height():
    assert weigh_border(make_row((0, 0, 60, 100), (57, 0, 59, 100)), "overlap") == pytest.approx(
        2 / 15
    )


def test_overlap_is_found_beyond_the_neighbour():
    row = make_row((0, 0, 100, 100), (10, 0, 20, 10), (60, 0, 100, 100))
    assert weigh_borders(row, replace(NONE, overlap=1.0))[1] == 1  # of the first and the last


def test_tall_neighbours_at_different_heights_cost_as_much_as_they_are_offset():
    assert weigh_border(make_row((0, 0, 40, 100), (50, 25, 90, 125)), "offset") == 0.25
    assert weigh_border(make_row((0, 0, 40, 100), (50, 90, 90, 130)), "offset") == 0  # not tall


@pytest.mark.parametrize(("distance", "meeting"), [(5.9, 1), (6.1, 0)])
def test_a_border_between_strokes_whose_ends_meet_costs(distance, meeting):
    row = make_row((0, 0, 40, 100), (41, 0, 80, 100))
    tips = np.array([[0, distance], [distance, 0]])
    assert weigh_border(replace(row, tips=tips), "tips") == meeting


def test_a_border_between_strokes_that_cross_costs():
    boxes = (0, 0, 40, 100), (20, 0, 60, 100)
    assert weigh_border(make_row(*boxes, crossings=[(0, 1)]), "crossing") == 1
    assert weigh_border(make_row(*boxes), "crossing") == 0


def test_a_cut_costs_its_own_penalty_and_nothing_else():
    row = make_row((0, 0, 60, 100), (30, 40, 90, 140), cuts=[0.7])
    assert weigh_borders(row, PenaltyWeights()).tolist() == [0.7]
