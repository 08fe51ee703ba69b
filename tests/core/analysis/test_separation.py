"""How well measures separate groups, and what may be said of it."""

from math import comb

import numpy as np
import pytest

from core.analysis.pairs import Side
from core.analysis.separation import compare_groups, estimate_auc, find_boundary, find_traits

RANDOM = np.random.default_rng(7)


def make_sides(right: int, confused: int, other: int) -> tuple[Side, Side]:
    """Fours at first, then those predicted as nines, then nines."""
    first, second = right + confused, right + confused + other
    return (
        Side(4, 9, (confused,), np.arange(right), np.arange(right, first)),
        Side(9, 4, (0,), np.arange(first, second), np.arange(0)),
    )


def test_the_auc_is_the_share_of_pairs_in_which_the_second_value_is_larger():
    first, second = RANDOM.integers(0, 5, 30), RANDOM.integers(1, 6, 20)
    larger = np.mean([(b > a) + (b == a) / 2 for a in first for b in second])
    assert estimate_auc(first, second).value == pytest.approx(larger)
    assert estimate_auc(second, first).value == pytest.approx(1 - larger)


def test_the_interval_of_the_auc_has_the_true_one_in_95_of_100_samples():
    covered = 0
    for _ in range(400):
        estimate = estimate_auc(RANDOM.normal(0, 1, 40), RANDOM.normal(1, 1, 15))
        covered += estimate.low <= 0.7602 <= estimate.high  # Φ(1 / √2)
    assert 0.92 <= covered / 400 <= 0.99


def test_complete_separation_of_few_digits_leaves_an_interval():
    few, many = (estimate_auc(np.zeros(count), np.ones(count)) for count in (3, 300))
    assert few.value == few.high == many.value == many.high == 1
    assert few.low < 0.8
    assert many.low > 0.95


def test_without_values_there_is_no_auc():
    with pytest.raises(ValueError, match="got 0 and 3"):
        estimate_auc(np.zeros(0), np.ones(3))


def test_the_boundary_is_where_most_digits_of_both_groups_are_on_their_own_side():
    own, other = np.array([0, 0, 0, 1.0]), np.array([1.0, 1, 1, 3])
    assert find_boundary(own, other) == (0.5, True)
    assert find_boundary(other, own) == (0.5, False)


def test_what_most_confused_digits_share_with_the_other_class_is_found_and_tested():
    sides = make_sides(right=90, confused=12, other=80)
    loops = np.concatenate([np.repeat([0, 1], [85, 5]), np.repeat([0, 1], [3, 9]), np.ones(80)])
    noise = RANDOM.normal(size=len(loops))
    trait = find_traits({"noise": noise, "loops": loops}, *sides)[0]
    assert (trait.measure, trait.boundary, trait.is_above) == ("loops", 0.5, True)
    assert (trait.confused, trait.right) == ((9, 12), (5, 90))
    # Fisher: no table with these margins that is less probable has fewer than 9 of 12.
    tail = sum(comb(14, k) * comb(88, 12 - k) for k in range(9, 13)) / comb(102, 12)
    assert trait.p_value == pytest.approx(2 * tail)  # two measures
    assert trait.is_more_frequent


def test_a_trait_that_confused_digits_have_less_often_is_no_reason():
    sides = make_sides(right=90, confused=40, other=80)
    loops = np.concatenate([np.repeat([0, 1], [50, 40]), np.zeros(40), np.ones(80)])
    (trait,) = find_traits({"loops": loops}, *sides)
    assert trait.p_value < 0.001
    assert not trait.is_more_frequent


def test_measures_of_noise_are_a_reason_in_few_cases():
    sides = make_sides(right=200, confused=20, other=200)
    found = 0
    for _ in range(40):
        noise = {str(place): RANDOM.normal(size=420) for place in range(12)}
        found += any(trait.is_more_frequent for trait in find_traits(noise, *sides))
    assert found <= 6  # 2 are expected at most


def test_no_trait_without_digits_to_compare():
    for sides in (make_sides(9, 0, 9), make_sides(0, 9, 9), make_sides(9, 9, 0)):
        assert find_traits({"loops": np.ones(18)}, *sides) == []


def test_measures_that_separate_any_two_groups_come_first():
    sides = make_sides(right=50, confused=50, other=50)
    flat = np.tile([0.0, 1.0], 75)
    of_classes = np.repeat([0.0, 0.0, 1.0], 50) + flat / 10
    of_errors = np.repeat([0.0, 1.0, 0.0], 50) + flat
    found = compare_groups({"flat": flat, "errors": of_errors, "classes": of_classes}, sides)
    assert [one.measure for one in found] == ["classes", "errors", "flat"]
    assert found[0].areas[0].value == 1
    assert found[0].areas[1].value == 0.5
    assert found[0].areas[2] is None  # no nine is predicted as a four
    assert found[2].strength == 0
