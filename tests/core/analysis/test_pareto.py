"""The Pareto front, compared with its definition and with small examples."""

import numpy as np

from core.analysis.pareto import find_front


def test_what_is_dearer_and_worse_than_another_is_not_on_the_front():
    assert find_front([3, 1, 2, 4], [0.99, 0.90, 0.89, 0.98]) == [1, 0]


def test_of_the_same_accuracy_the_cheaper_one_is_on_the_front_and_equals_are_together():
    assert find_front([2, 1], [0.9, 0.9]) == [1]
    assert find_front([1, 1], [0.8, 0.9]) == [1]
    assert find_front([1, 1], [0.9, 0.9]) == [0, 1]
    assert find_front([], []) == []


def test_a_sweep_over_the_costs_finds_the_same_front():
    for seed in range(20):
        costs, accuracies = np.random.default_rng(seed).permuted([range(30), range(30)], axis=1)
        by_cost = np.argsort(costs)
        best_so_far = np.maximum.accumulate(accuracies[by_cost])
        swept = by_cost[accuracies[by_cost] == best_so_far]
        assert find_front(costs.tolist(), accuracies.tolist()) == swept.tolist()
