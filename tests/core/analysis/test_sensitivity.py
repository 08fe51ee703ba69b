import numpy as np
import pytest

from core.analysis.sensitivity import PERTURBATIONS, PerturbationCurve, measure_curve, perturb
from core.digits.frame import frame_from_strokes
from core.figures.sensitivity import draw_sensitivity
from core.inference.classifier import load_classifier

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


@pytest.mark.parametrize("change", PERTURBATIONS, ids=lambda change: change.id)
def test_flips_lie_where_the_prediction_changes_and_name_the_digit_beyond(change):
    classifier = load_classifier("lenet5")
    curve = measure_curve(SEVEN, change, [classifier])
    predicted = curve.probabilities["lenet5"].argmax(axis=1)
    assert predicted[20] == 7
    flips = curve.list_flips("lenet5")
    assert len(flips) == np.count_nonzero(np.diff(predicted))
    for amount, digit in flips:
        right = int(np.searchsorted(curve.amounts, amount))
        assert predicted[right - 1 if amount < change.neutral else right] == digit


def test_the_flips_next_to_the_unchanged_frame_name_another_digit_than_its_own():
    curve = PerturbationCurve(
        PERTURBATIONS[0],
        np.array([-2.0, -1, 0, 1, 2]),
        np.zeros((5, 28, 28), np.float32),
        {"a": np.eye(10, dtype=np.float32)[[4, 7, 7, 1, 1]]},
    )
    assert curve.list_flips("a") == [(-1.5, 4), (0.5, 1)]


def test_flips_are_marked_on_the_curve_of_their_model():
    classifier = load_classifier("mlp")
    curve = measure_curve(SEVEN, PERTURBATIONS[1], [classifier])
    flips = curve.list_flips("mlp")
    assert flips  # a seven shifted by eight pixels is not predicted as a seven
    figure = draw_sensitivity(curve, 7, {"mlp": "MLP"}, {"mlp": "#112233"})
    line, marks = figure.data
    assert list(line.y) == pytest.approx(curve.probabilities["mlp"][:, 7])
    assert list(marks.x) == pytest.approx([amount for amount, _ in flips])
    assert list(marks.text) == [str(digit) for _, digit in flips]
