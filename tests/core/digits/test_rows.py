import numpy as np
import pytest

from core.digits.rows import are_close, find_rows


def make_boxes(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(boxes, np.float64)


def make_grid(rows: int, columns: int, *, slope: float = 0.0) -> np.ndarray:
    """Boxes 60 wide and 100 high, row by row; gaps of 20 and 40."""
    return make_boxes(
        *(
            (80 * column, top, 80 * column + 60, top + 100)
            for row in range(rows)
            for column in range(columns)
            for top in [140 * row + slope * 80 * column]
        )
    )


@pytest.mark.parametrize("slope", [-0.5, -0.2, 0.0, 0.2, 0.5])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (2, 4), (3, 3), (4, 1)])
def test_rows_are_found_in_slanted_writing_too(rows, columns, slope):
    found = find_rows(make_grid(rows, columns, slope=slope))
    assert found == np.arange(rows * columns).reshape(rows, columns).tolist()


def test_any_order_of_pieces_gives_the_same_rows(random):
    boxes = make_grid(3, 4)
    order = random.permutation(12)
    found = [[order[piece] for piece in row] for row in find_rows(boxes[order])]
    assert found == np.arange(12).reshape(3, 4).tolist()


def test_low_pieces_belong_to_the_row_of_the_nearest_tall_piece():
    flag_of_a_5, bar_of_a_7 = (20, 134, 70, 138), (85, 190, 140, 194)
    boxes = make_boxes(*make_grid(2, 2), flag_of_a_5, bar_of_a_7)
    assert [sorted(row) for row in find_rows(boxes)] == [[0, 1], [2, 3, 4, 5]]


@pytest.mark.parametrize(("gap", "expected"), [(-5, True), (10, True), (60, False)])
def test_rows_with_a_small_gap_may_be_parts_of_one(gap, expected):
    rings = make_boxes((0, 0, 50, 50), (0, 50 + gap, 50, 100 + gap))
    assert len(find_rows(rings)) == 2
    assert are_close(rings, [0], [1]) == expected


def test_the_unit_of_boxes_does_not_matter():
    boxes = make_grid(2, 3, slope=0.2)
    assert find_rows(boxes / 1000) == find_rows(boxes * 1000) == find_rows(boxes)
