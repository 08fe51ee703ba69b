import numpy as np
import pytest

from core.analysis.sensitivity import PERTURBATIONS, perturb
from core.digits.frame import frame_from_strokes

SEVEN = frame_from_strokes([np.array([(80.0, 70), (240, 70), (140, 270)])])
ONE = frame_from_strokes([np.array([(160.0, 40), (160, 280)])])


def find_centre(frame: np.ndarray) -> tuple[float, float]:
    """Row and column of the centre of mass."""
    mass = frame / frame.sum()
    return mass.sum(axis=1) @ np.arange(28), mass.sum(axis=0) @ np.arange(28)


def test_neutral_amounts_change_nothing():
    assert np.allclose(perturb(SEVEN), SEVEN, atol=1e-6)
    for change in PERTURBATIONS:
        assert np.allclose(perturb(SEVEN, **{change.id: change.neutral}), SEVEN, atol=1e-6)


def test_a_shift_moves_right_and_down():
    row, column = find_centre(SEVEN)
    moved = find_centre(perturb(SEVEN, shift_x=3, shift_y=-2))
    assert moved == pytest.approx((row - 2, column + 3), abs=1e-3)


def test_a_rotation_by_90_degrees_is_clockwise():
    top_heavy = ONE.copy()
    top_heavy[14:] *= 0.2
    turned = perturb(top_heavy, rotation=90)
    rows, columns = np.nonzero(turned > 0.5)
    assert np.ptp(columns) > 3 * np.ptp(rows) or np.ptp(rows) <= 3
    assert find_centre(turned)[1] > 14


def test_scale_keeps_the_centre():
    half = perturb(ONE, scale=0.5)
    assert np.ptp(np.nonzero(half > 0.3)[0]) == pytest.approx(
        np.ptp(np.nonzero(ONE > 0.3)[0]) / 2, abs=1
    )
    assert find_centre(half) == pytest.approx(find_centre(ONE), abs=0.5)


def test_thickness_adds_pixels_on_every_side():
    line = np.zeros((28, 28), np.float32)
    line[4:24, 13] = 1
    assert perturb(line, thickness=1)[14].sum() == pytest.approx(3)
    assert perturb(line, thickness=1.5)[14].sum() == pytest.approx(4)
    assert perturb(line, thickness=-0.5)[14].sum() == pytest.approx(0.5)
