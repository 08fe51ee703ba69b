import itertools
from collections import Counter

import numpy as np
import pytest

from core.drawings.prompts import list_missing, order_digits, skip_first, update_order


def test_missing_digits_are_those_not_saved_and_never_fewer_than_none():
    assert list_missing([0, 5, 4, 9, 1, 0, 0, 0, 0, 5], 5) == [5, 0, 1, 0, 4, 5, 5, 5, 5, 0]


@pytest.mark.parametrize(("saved", "each"), [([0] * 9, 5), ([0] * 9 + [-1], 5), ([0] * 10, 0)])
def test_malformed_counts_are_refused(saved, each):
    with pytest.raises(ValueError, match="expected ten counts"):
        list_missing(saved, each)


@pytest.mark.parametrize("missing", [[5] * 10, [2] * 10, [0, 3, 0, 1, 0, 0, 0, 2, 0, 0], [0] * 10])
def test_every_missing_digit_is_prompted_as_often_as_it_is_missing(missing, random):
    order = order_digits(missing, random)
    assert [Counter(order)[digit] for digit in range(10)] == missing


def test_each_ten_prompts_hold_every_digit_in_another_order_and_none_twice_in_a_row():
    for seed in range(20):
        order = order_digits([5] * 10, np.random.default_rng(seed))
        tens = [order[start : start + 10] for start in range(0, 50, 10)]
        assert all(sorted(ten) == list(range(10)) for ten in tens)
        assert len(set(map(tuple, tens))) == 5
        assert all(a != b for a, b in itertools.pairwise(order))


def test_a_digit_follows_itself_only_where_no_other_is_missing(random):
    for missing in ([0, 0, 0, 0, 3, 0, 0, 0, 0, 2], [0, 0, 0, 0, 2, 0, 0, 1, 0, 2]):
        order = order_digits(missing, random)
        assert all(a != b for a, b in itertools.pairwise(order))
    assert order_digits([0, 0, 0, 0, 0, 0, 0, 3, 0, 0], random) == [7, 7, 7]


def test_an_order_stays_while_it_holds_the_missing_digits(random):
    missing = [0, 2, 0, 0, 0, 0, 0, 1, 0, 0]
    assert update_order([1, 7, 1], missing, random) == [1, 7, 1]
    assert sorted(update_order([7, 1], missing, random)) == [1, 1, 7]
    assert sorted(update_order([], missing, random)) == [1, 1, 7]
    assert update_order([1, 7, 1], [0] * 10, random) == []


def test_a_skipped_digit_comes_last():
    assert skip_first([3, 1, 4]) == [1, 4, 3]
    assert skip_first([]) == []


@pytest.mark.parametrize("first", range(10))
def test_an_order_begins_with_the_digit_that_is_prompted_already(random, first):
    missing = [2, 1, 0, 0, 0, 3, 0, 0, 0, 0]
    order = update_order([1, 5], missing, random, first=first)
    wanted = [digit for digit, count in enumerate(missing) for _ in range(count)]
    assert order[0] == first
    assert sorted(order) == sorted(wanted if missing[first] else [*wanted, first])
    assert update_order(order, missing, random, first=first) == order
