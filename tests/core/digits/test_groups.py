import numpy as np
import pytest

from core.digits.groups import Closeness, Group, propose_groups
from core.digits.penalties import PenaltyWeights, PieceRow
from tests.core.digits.piece_rows import make_row

CLOSENESS = Closeness(joined=0.1, cluster=0.2)


def propose(row: PieceRow) -> dict[tuple[int, int], Group]:
    groups = propose_groups(row, PenaltyWeights(), CLOSENESS)
    return {(group.start, group.end): group for group in groups if not group.skipped}


def list_skipped(row: PieceRow) -> list[int]:
    groups = propose_groups(row, PenaltyWeights(), CLOSENESS)
    return [group.start for group in groups if group.skipped]


def make_columns(*lefts: float, width: float) -> PieceRow:
    """Pieces of the row's whole height."""
    return make_row(*((left, 0, left + width, 100) for left in lefts))


def test_every_piece_may_be_a_digit_by_itself():
    row = make_columns(0, 70, 400, width=60)
    assert {(0, 1), (1, 2), (2, 3)} <= set(propose(row))


@pytest.mark.parametrize(("gap", "proposed"), [(39, True), (41, False)])
def test_pieces_far_apart_are_two_digits(gap, proposed):
    # Six pieces: all of them together are too many to be proposed whatever they cost.
    row = make_columns(0, 10 + gap, 500, 600, 700, 800, width=10)
    assert ((0, 2) in propose(row)) is proposed


@pytest.mark.parametrize(("count", "proposed"), [(5, True), (6, False)])
def test_a_drawing_of_at_most_five_strokes_may_be_one_digit_whatever_it_costs(count, proposed):
    row = make_columns(*range(0, 100 * count, 100), width=90)
    assert ((0, count) in propose(row)) is proposed


def test_what_costs_too_much_is_not_proposed():
    cheap = make_columns(0, 15, 500, 600, 700, 800, width=5)
    dear = make_columns(0, 120, 500, 600, 700, 800, width=90)
    assert (0, 2) in propose(cheap)
    assert (0, 2) not in propose(dear)


@pytest.mark.parametrize(("overlap", "proposed"), [(52, True), (48, False)])
def test_pieces_that_overlap_by_half_are_proposed_together_whatever_they_cost(overlap, proposed):
    boxes = [((100 - overlap) * index, 0, (100 - overlap) * index + 100, 100) for index in range(6)]
    assert ((0, 6) in propose(make_row(*boxes))) is proposed


def test_strokes_that_cross_are_proposed_together_whatever_they_cost():
    lefts = 0, 90, 180, 270, 360, 450
    boxes = [(left, 0, left + 90, 100) for left in lefts]
    crossings = [(index, index + 1) for index in range(5)]
    assert (0, 6) in propose(make_row(*boxes, crossings=crossings))
    assert (0, 6) not in propose(make_row(*boxes))


def test_the_parts_of_a_cut_stroke_are_proposed_together_whatever_they_cost():
    boxes = [(100 * index, 0, 100 * index + 100, 100) for index in range(8)]
    assert (0, 4) in propose(make_row(*boxes, cuts=[1, 1, 1, 0, 0, 0, 0]))
    assert (0, 4) not in propose(make_row(*boxes))


def test_the_penalty_is_that_of_the_group_and_of_its_right_border():
    groups = propose(make_row((0, 0, 40, 100), (40, 0, 80, 100), cuts=[0.7]))
    assert groups[0, 2].penalty == 0
    assert groups[0, 1].penalty == pytest.approx(0.7)
    assert groups[1, 2].penalty == 0


@pytest.mark.parametrize(("size", "skipped"), [(29, [1]), (31, [])])
def test_only_small_pieces_may_be_skipped(size, skipped):
    row = make_row((0, 0, 60, 100), (90, 60, 90 + size, 60 + size))
    assert list_skipped(row) == skipped


def test_a_part_of_a_cut_stroke_is_not_skipped_and_neither_is_everything():
    assert list_skipped(make_row((0, 0, 60, 100), (60, 80, 80, 100), cuts=[1])) == []
    assert list_skipped(make_row((0, 0, 20, 20), (80, 0, 100, 20))) == []


@pytest.mark.parametrize(
    ("gap", "width", "joined"), [(9, 40, True), (11, 40, False), (9, 55, True), (9, 56, False)]
)
def test_neighbours_that_touch_and_are_as_narrow_as_one_thing_are_joined(gap, width, joined):
    groups = propose(make_columns(0, width + gap, width=width))
    assert groups[0, 1].is_joined is groups[1, 2].is_joined is joined
    assert not groups[0, 2].is_joined  # it has no neighbours


@pytest.mark.parametrize(("gap", "cluster"), [(19, True), (21, False)])
def test_pieces_close_to_one_another_and_to_no_others_are_a_cluster(gap, cluster):
    groups = propose(make_columns(0, 40 + gap, 300, width=40))
    clusters = [span for span, group in groups.items() if group.is_cluster]
    assert clusters == ([(0, 2)] if cluster else [])


@pytest.mark.parametrize(("width", "cluster"), [(159, True), (161, False)])
def test_a_cluster_is_no_wider_than_a_letter(width, cluster):
    step = (width - 40) / 3
    groups = propose(make_columns(0, step, 2 * step, 3 * step, width=40))
    assert groups[0, 4].is_cluster is cluster


def test_the_unit_does_not_matter():
    boxes = np.array([(0, 0, 60, 100), (50, 0, 130, 90), (60, 20, 75, 30)])
    groups = [propose(make_row(*(boxes * unit), height=100 * unit)) for unit in (0.001, 1, 1000)]
    penalties = [{span: group.penalty for span, group in found.items()} for found in groups]
    assert penalties[0] == pytest.approx(penalties[1])
    assert penalties[2] == pytest.approx(penalties[1])
