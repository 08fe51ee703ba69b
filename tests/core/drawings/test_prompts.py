import itertools
from collections import Counter

import numpy as np
import pytest

from core.drawings.prompts import go_on, list_missing, order_digits, skip_first


def test_what_is_missing_is_what_was_not_kept_and_never_less_than_nothing():
    assert list_missing([0, 5, 4, 9, 1, 0, 0, 0, 0, 5], 5) == [5, 0, 1, 0, 4, 5, 5, 5, 5, 0]


@pytest.mark.parametrize(("kept", "each"), [([0] * 9, 5), ([0] * 9 + [-1], 5), ([0] * 10, 0)])
def test_counts_that_are_none_are_refused(kept, each):
    with pytest.raises(ValueError, match="expected ten counts"):
        list_missing(kept, each)


@pytest.mark.parametrize("missing", [[5] * 10, [2] * 10, [0, 3, 0, 1, 0, 0, 0, 2, 0, 0], [0] * 10])
def test_every_missing_digit_is_asked_for_as_often_as_it_is_missing(missing, random):
    order = order_digits(missing, random)
    assert [Counter(order)[digit] for digit in range(10)] == missing


def test_digits_come_in_rounds_that_differ_and_none_twice_in_a_row():
    for seed in range(20):
        order = order_digits([5] * 10, np.random.default_rng(seed))
        rounds = [order[start : start + 10] for start in range(0, 50, 10)]
        assert all(sorted(one) == list(range(10)) for one in rounds)
        assert len({tuple(one) for one in rounds}) == 5
        assert all(a != b for a, b in itertools.pairwise(order))


def test_a_digit_follows_itself_only_where_no_other_is_missing(random):
    for missing in ([0, 0, 0, 0, 3, 0, 0, 0, 0, 2], [0, 0, 0, 0, 2, 0, 0, 1, 0, 2]):
        order = order_digits(missing, random)
        assert all(a != b for a, b in itertools.pairwise(order))
    assert order_digits([0, 0, 0, 0, 0, 0, 0, 3, 0, 0], random) == [7, 7, 7]


def test_an_order_stays_as_long_as_it_holds_what_is_missing(random):
    missing = [0, 2, 0, 0, 0, 0, 0, 1, 0, 0]
    assert go_on([1, 7, 1], missing, random) == [1, 7, 1]
    assert sorted(go_on([7, 1], missing, random)) == [1, 1, 7]
    assert sorted(go_on([], missing, random)) == [1, 1, 7]
    assert go_on([1, 7, 1], [0] * 10, random) == []


def test_a_skipped_digit_comes_last():
    assert skip_first([3, 1, 4]) == [1, 4, 3]
    assert skip_first([]) == []
