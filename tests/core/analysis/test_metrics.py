import numpy as np
import pytest
from sklearn.metrics import top_k_accuracy_score
from statsmodels.stats.multitest import multipletests

from core.analysis.metrics import (
    correct_p_values,
    estimate_accuracy,
    estimate_mean_share,
    estimate_share,
    estimate_top_k_accuracy,
)


def test_the_interval_agrees_with_a_published_example():
    # Worked example of R. G. Newcombe, Statistics in Medicine 17 (1998), table I, 81 of 263.
    estimate = estimate_share(81, 263)
    assert estimate.value == pytest.approx(0.3080, abs=5e-5)
    assert estimate.low == pytest.approx(0.2553, abs=5e-5)
    assert estimate.high == pytest.approx(0.3662, abs=5e-5)


@pytest.mark.parametrize(("successes", "low", "high"), [(0, 0.0, 0.1611), (20, 0.8389, 1.0)])
def test_the_interval_stays_within_0_and_1(successes, low, high):
    estimate = estimate_share(successes, 20)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(ValueError, match="expected 0 ≤ successes ≤ trials"):
        estimate_share(successes, trials)


def test_the_mean_of_one_share_is_that_share_and_of_equal_groups_that_of_all_trials():
    assert estimate_mean_share([(81, 263)]) == estimate_share(81, 263)
    mean, pooled = estimate_mean_share([(9, 10), (6, 10), (10, 10)]), estimate_share(25, 30)
    assert (mean.value, mean.low, mean.high) == pytest.approx(
        (pooled.value, pooled.low, pooled.high)
    )


def test_a_small_group_weighs_as_much_as_a_large_one_and_widens_the_interval():
    mean, pooled = estimate_mean_share([(1, 2), (198, 198)]), estimate_share(199, 200)
    assert mean.value == 0.75
    assert mean.high - mean.low > 5 * (pooled.high - pooled.low)


@pytest.mark.parametrize("groups", [[], [(1, 2), (0, 0)]])
def test_a_mean_without_trials_is_refused(groups):
    with pytest.raises(ValueError, match="expected at least one group"):
        estimate_mean_share(groups)


def test_accuracies_agree_with_scikit_learn(random):
    probabilities = random.dirichlet(np.ones(10), 500).astype(np.float32)
    labels = random.integers(0, 10, 500).astype(np.uint8)
    labels[:10] = range(10)
    accuracy = estimate_accuracy(labels, probabilities).value
    assert accuracy == pytest.approx((probabilities.argmax(axis=1) == labels).mean())
    for k in (1, 3):
        assert estimate_top_k_accuracy(labels, probabilities, k).value == pytest.approx(
            top_k_accuracy_score(labels, probabilities, k=k)
        )
    assert estimate_top_k_accuracy(labels, probabilities, 10).value == 1


@pytest.mark.parametrize("p_values", [[0.03], [0.04, 0.001, 0.013, 0.02, 0.9, 0.001], [0.6, 0.7]])
def test_corrected_p_values_agree_with_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1]
    assert correct_p_values(p_values) == pytest.approx(expected)


def test_tests_without_a_p_value_count_too():
    without = [1.0] * 3  # they are significant in no case
    expected = multipletests([0.004, 0.001, *without], method="holm")[1]
    assert correct_p_values([0.004, 0.001], tests=5) == pytest.approx(expected[:2])


def test_no_tests_have_no_p_values():
    assert correct_p_values([]) == []
