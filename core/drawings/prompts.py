"""Prompts: the digits that somebody still has to write, and their order.

Knows only counts: neither who writes nor where drawings are saved.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np


def list_missing(saved: Sequence[int], each: int) -> list[int]:
    """How many of each digit 0…9 are still missing, ten counts.

    Args:
        saved: how many of each digit there are, ten counts.
        each: how many of each there should be, at least 1.

    Raises:
        ValueError: there are not ten counts, or one of the numbers is too small.
    """
    if len(saved) != 10 or min(saved) < 0 or each < 1:
        raise ValueError(
            f"expected ten counts from 0 up and at least 1 of each digit, got {list(saved)} and "
            f"{each}"
        )
    return [max(each - count, 0) for count in saved]


def order_digits(
    missing: Sequence[int], random: np.random.Generator, *, first: int | None = None
) -> list[int]:
    """All missing digits in the order in which to prompt for them.

    The digits of which most are missing come first, in random order. A digit follows itself only
    where it is the only one missing.

    Args:
        missing: ten counts.
        random: decides the order.
        first: the first digit of the order, missing or not; None for any.
    """
    left = np.array(missing)
    order: list[int] = []
    if first is not None:
        order.append(first)
        left[first] = max(left[first] - 1, 0)
    while left.any():
        others = left.copy()
        others[order[-1:]] = 0
        eligible = others if others.any() else left
        order.append(int(random.choice(np.flatnonzero(eligible == eligible.max()))))
        left[order[-1]] -= 1
    return order


def update_order(
    order: Sequence[int],
    missing: Sequence[int],
    random: np.random.Generator,
    *,
    first: int | None = None,
) -> list[int]:
    """The order unchanged if it holds exactly the missing digits, else a new order.

    Args:
        order: digits.
        missing: ten counts.
        random: decides a new order.
        first: the digit that the order must begin with, missing or not; None for any.
    """
    wanted = Counter({digit: count for digit, count in enumerate(missing) if count})
    if first is not None:
        wanted[first] = max(wanted[first], 1)
    holds = Counter(order) == wanted and (first is None or order[0] == first)
    return list(order) if holds else order_digits(missing, random, first=first)


def skip_first(order: Sequence[int]) -> list[int]:
    """The order with its first digit moved to the end."""
    return [*order[1:], *order[:1]]
