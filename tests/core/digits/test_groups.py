import numpy as np
import pytest

from core.digits.groups import Group, PenaltyWeights, PieceRow, propose_groups


def make_row(*boxes: tuple[float, ...], cuts=None, height=100.0) -> PieceRow:
    """A row whose pieces are as far apart as their boxes."""
    array = np.array(boxes, np.float64)
    gaps = np.maximum(array[:, None, :2], array[:, :2]) - np.minimum(
        array[:, None, 2:], array[:, 2:]
    )
    distances = np.hypot(*np.moveaxis(np.maximum(gaps, 0), 2, 0))
    borders = np.zeros(len(boxes) - 1) if cuts is None else np.array(cuts, np.float64)
    wholes = np.concatenate([[0], np.cumsum(borders == 0)]).tolist()
    tips = np.full_like(distances, np.inf)
    crossings = np.zeros_like(distances, bool)
    return PieceRow(array, distances, tips, crossings, wholes, borders, height)


def propose(row: PieceRow) -> dict[tuple[int, int], Group]:
    groups = [group for group in propose_groups(row, PenaltyWeights()) if not group.skipped]
    return {(group.start, group.end): group for group in groups}


def test_every_piece_may_be_a_digit_and_near_pieces_may_be_one_together():
    groups = propose(make_row((0, 0, 60, 100), (70, 0, 130, 100), (400, 0, 460, 100)))
    assert {(0, 1), (1, 2), (2, 3), (0, 2)} <= set(groups)
    assert (1, 3) not in groups  # they are three digits' widths apart
    assert groups[2, 3].penalty == 0


def test_two_tall_pieces_cost_more_the_further_they_are_apart():
    touching = propose(make_row((0, 0, 40, 80), (40, 0, 44, 100)))[0, 2]
    apart = propose(make_row((0, 0, 40, 80), (52, 0, 56, 100)))[0, 2]
    assert 0 < touching.penalty < apart.penalty


def test_a_low_piece_by_itself_costs_more_than_with_the_digit_below_it():
    groups = propose(make_row((0, 10, 50, 100), (10, 0, 60, 4)))  # a 5 and its flag
    assert groups[0, 2].penalty < groups[0, 1].penalty + groups[1, 2].penalty


def test_dividing_pieces_that_overlap_costs_more():
    apart = propose(make_row((0, 0, 60, 100), (70, 0, 130, 100)))[0, 1]
    overlapping = propose(make_row((0, 0, 60, 100), (20, 0, 80, 100)))[0, 1]
    stacked = propose(make_row((0, 0, 60, 50), (20, 50, 80, 100)))[0, 1]
    assert apart.penalty == 0 < overlapping.penalty < stacked.penalty


def test_joining_the_parts_of_a_cut_costs_nothing_and_the_cut_its_penalty():
    groups = propose(make_row((0, 0, 40, 100), (40, 0, 80, 100), cuts=[0.7]))
    assert groups[0, 2].penalty == 0
    assert groups[0, 1].penalty == pytest.approx(0.7)


def test_a_scribble_of_many_strokes_may_be_one_group():
    boxes = [(5 * index, 0, 100 + 5 * index, 100) for index in range(10)]
    assert (0, 10) in propose(make_row(*boxes))


@pytest.mark.parametrize(("size", "skipped"), [(20, [1]), (60, [])])
def test_only_small_pieces_may_be_skipped(size, skipped):
    row = make_row((0, 0, 60, 100), (90, 80, 90 + size, 80 + size))
    groups = propose_groups(row, PenaltyWeights())
    assert [group.start for group in groups if group.skipped] == skipped


def test_the_unit_does_not_matter():
    boxes = np.array([(0, 0, 60, 100), (50, 0, 130, 90), (60, 20, 75, 30)])
    penalties = [
        [group.penalty for group in propose_groups(make_row(*(boxes * unit), height=100 * unit),
                                                   PenaltyWeights())]
        for unit in (0.001, 1, 1000)
    ]  # fmt: skip
    assert penalties[0] == pytest.approx(penalties[1])
    assert penalties[2] == pytest.approx(penalties[1])


def test_pieces_that_touch_and_are_as_narrow_as_a_letter_are_a_cluster():
    touching = (0, 0, 40, 100), (40, 0, 80, 100)
    groups = propose(make_row(*touching, (300, 0, 340, 100)))
    assert [span for span, group in groups.items() if group.is_cluster] == [(0, 2)]
    apart = propose(make_row((0, 0, 40, 100), (60, 0, 100, 100)))
    assert not any(group.is_cluster for group in apart.values())
    wide = propose(make_row((0, 0, 90, 100), (90, 0, 180, 100)))
    assert not any(group.is_cluster for group in wide.values())
