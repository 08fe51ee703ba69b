from itertools import combinations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from core.analysis.agreement import (
    bootstrap_difference,
    compare_pairs,
    compare_predictions,
    format_p_value,
    list_regions,
    mcnemar_p_value,
)
from core.analysis.evaluation import Evaluation, load_test_evaluation
from core.models.files import list_model_ids


def make_evaluation(title: str, labels: list[int], predicted: list[int]) -> Evaluation:
    return Evaluation(
        title.lower(), title, np.array(labels, np.uint8), np.eye(10, dtype=np.float32)[predicted]
    )


@pytest.fixture
def evaluations() -> list[Evaluation]:
    """Two models on five digits: both correct, only A, only A, only B, neither."""
    labels = [0, 1, 2, 3, 4]
    return [
        make_evaluation("A", labels, [0, 1, 2, 8, 9]),
        make_evaluation("B", labels, [0, 7, 7, 3, 9]),
    ]


def test_regions_group_digits_by_the_models_that_are_correct(evaluations):
    regions = {region.right: region.indices.tolist() for region in list_regions(evaluations)}
    assert regions == {
        (True, True): [0],
        (True, False): [1, 2],
        (False, True): [3],
        (False, False): [4],
    }


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_digit_is_in_exactly_one_region(mnist_test, count):
    models = list_model_ids()[:count]
    regions = list_regions([load_test_evaluation(model_id, mnist_test) for model_id in models])
    assert len({region.right for region in regions}) == len(regions) == 2**count
    together = np.concatenate([region.indices for region in regions])
    assert np.array_equal(np.sort(together), np.arange(len(mnist_test)))


def test_models_are_compared_in_pairs(evaluations):
    (pair,) = compare_pairs(evaluations)
    assert (pair.first, pair.second, pair.only_first, pair.only_second) == ("A", "B", 2, 1)
    assert pair.difference.value == pytest.approx(1 / 5)
    third = make_evaluation("C", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4])
    titles = [(pair.first, pair.second) for pair in compare_pairs([*evaluations, third])]
    assert titles == [("A", "B"), ("A", "C"), ("B", "C")]


def test_a_p_value_of_one_of_several_pairs_is_corrected():
    labels = [0] * 20
    models = [make_evaluation(str(wrong), labels, [1] * wrong + [0] * (20 - wrong)) for wrong in
              (0, 6, 7, 9)]  # fmt: skip
    alone = [compare_pairs([first, second])[0] for first, second in combinations(models, 2)]
    assert alone[0].better == "0"
    together = compare_pairs(models)
    expected = multipletests([pair.p_value for pair in alone], method="holm")[1]
    assert [pair.p_value for pair in together] == pytest.approx(expected)
    assert together[0].better is None


@pytest.mark.parametrize("counts", [(0, 0), (0, 1), (5, 5), (3, 12), (12, 3), (40, 61), (2, 450)])
def test_p_values_agree_with_statsmodels(counts):
    only_first, only_second = counts
    table = [[100, only_first], [only_second, 7]]
    assert mcnemar_p_value(*counts) == pytest.approx(mcnemar(table, exact=True).pvalue, rel=1e-12)


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(1.0, "1.0000"), (0.05, "0.0500"), (1e-4, "0.0001"), (9e-5, "< 0.0001"), (0.0, "< 0.0001")],
)
def test_a_p_value_is_never_shown_as_zero(p_value, shown):
    assert format_p_value(p_value) == shown


def test_the_interval_agrees_with_resampling_the_digits_themselves():
    random = np.random.default_rng(3)
    outcomes = np.repeat([1, -1, 0], [60, 25, 915])  # first, second, neither
    drawn = [random.choice(outcomes, len(outcomes)).mean() for _ in range(4000)]
    difference = bootstrap_difference(60, 25, 1000)
    assert difference.value == pytest.approx(0.035)
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert difference.low == pytest.approx(low, abs=0.0015)
    assert difference.high == pytest.approx(high, abs=0.0015)


def test_models_with_equal_predictions_have_a_difference_of_0():
    difference = bootstrap_difference(0, 0, 10)
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_evaluations_of_several_data_sets_and_impossible_counts_are_refused(evaluations):
    other = make_evaluation("C", [1, 1, 1, 1, 1], [0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match="of one data set"):
        list_regions([*evaluations, other])
    with pytest.raises(ValueError, match="at least one evaluation"):
        compare_pairs([])
    with pytest.raises(ValueError, match="expected counts of at most 5 digits"):
        bootstrap_difference(4, 2, 5)


@pytest.mark.parametrize(
    ("counts", "better"), [((30, 3), "A"), ((3, 30), "B"), ((5, 4), None), ((0, 0), None)]
)
def test_a_model_is_called_better_only_where_chance_does_not_explain_it(counts, better):
    only_first, only_second = counts
    first_right = np.array([True] * only_first + [False] * only_second + [True])
    second_right = np.array([False] * only_first + [True] * only_second + [True])
    assert compare_predictions("A", "B", first_right, second_right).better == better
