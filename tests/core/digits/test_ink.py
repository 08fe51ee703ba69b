import numpy as np
import pytest

from core.digits.ink import EmptyDrawingError, find_peak, find_threshold, normalise
from tests.messages import assert_plain


def test_full_ink_is_the_fifth_largest_value(random):
    strength = random.random((40, 30)).astype(np.float32)
    assert find_peak(strength) == np.sort(strength.ravel())[-5]
    strength[3, 4:9] = 2  # five hot pixels
    assert find_peak(strength) == 2
    strength[strength < 0.5] = 0
    assert find_peak(np.where(strength > 1, strength, 0)) == 2


def test_normalising_twice_is_normalising_once(random):
    strength = 90 * random.random((40, 30)).astype(np.float32)
    once = normalise(strength)
    assert once.dtype == np.float32
    assert (once == 1).sum() == 5
    assert np.array_equal(normalise(once), once)


@pytest.mark.parametrize("pixels", [0, 4])
def test_a_few_specks_are_no_drawing(pixels):
    strength = np.zeros((40, 30), np.float32)
    strength.ravel()[:pixels] = 9
    with pytest.raises(EmptyDrawingError, match="a few specks") as refused:
        normalise(strength)
    assert_plain(str(refused.value))


@pytest.mark.parametrize(("paper", "ink"), [(0.0, 1.0), (0.1, 0.5), (0.2, 0.9)])
def test_the_threshold_lies_halfway_between_paper_and_ink(paper, ink, random):
    levels = np.where(random.random(9000) < 0.2, ink, paper)
    assert find_threshold(levels) == pytest.approx((paper + ink) / 2, abs=1 / 255)
    noisy = np.clip(levels + random.normal(0, 0.03, 9000), 0, 1)
    assert find_threshold(noisy) == pytest.approx((paper + ink) / 2, abs=0.02)


def test_the_threshold_of_one_level_is_that_level():
    assert find_threshold(np.full((9, 9), 0.4, np.float32)) == pytest.approx(0.4, abs=1 / 255)
