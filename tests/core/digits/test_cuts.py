import numpy as np
import pytest

from core.digits.cuts import find_cuts


def draw_touching_bars() -> np.ndarray:
    """Two bars, 20 wide and 100 high, with a bridge of 5 pixels from 30 to 50."""
    ink = np.zeros((100, 80), np.float32)
    ink[:, 10:30] = ink[:, 50:70] = 1
    ink[45:50, 30:50] = 1
    return ink


def test_the_cheapest_cut_crosses_the_bridge():
    (cut,) = find_cuts(draw_touching_bars(), max_cuts=1)
    assert cut.columns.shape == (100,)
    assert cut.columns[45:50].min() >= 30
    assert cut.columns[45:50].max() <= 50
    assert cut.crossed_ink == pytest.approx(0.05, abs=0.03)


def test_a_cut_follows_the_valley_between_leaning_digits():
    ink = np.zeros((100, 140), np.float32)
    for row in range(100):
        for left in (20, 60):
            ink[row, left + row // 2 : left + row // 2 + 20] = 1
    ink[50:54, 20:120] = np.maximum(ink[50:54, 20:120], 1)
    ink[50:54, :45] = ink[50:54, 105:] = 0
    cheapest = min(find_cuts(ink, max_cuts=3), key=lambda cut: cut.crossed_ink)
    assert cheapest.crossed_ink < 0.12
    assert cheapest.columns[90] - cheapest.columns[10] > 25


def test_cuts_run_from_left_to_right_and_are_few():
    cuts = find_cuts(np.tile(draw_touching_bars(), 3), max_cuts=4)
    assert 1 < len(cuts) <= 4
    middles = [int(cut.columns[50]) for cut in cuts]
    assert middles == sorted(middles)


@pytest.mark.parametrize("shape", [(5, 30), (33, 40), (400, 500)])
def test_a_cut_has_a_column_for_each_row_within_the_image(random, shape):
    ink = (random.random(shape) > 0.7).astype(np.float32)
    for cut in find_cuts(ink, max_cuts=3):
        assert cut.columns.shape == (shape[0],)
        assert cut.columns.min() >= 0
        assert cut.columns.max() <= shape[1]


def test_a_solid_block_has_no_cut():
    assert find_cuts(np.ones((60, 90), np.float32), max_cuts=3) == []
