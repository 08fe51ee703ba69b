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


def order_digits(missing: Sequence[int], random: np.random.Generator) -> list[int]:
    """All missing digits in the order in which to prompt for them.

    The digits of which most are missing come first, in random order. A digit follows itself only
    where it is the only one missing.
    """
    left = np.array(missing)
    order: list[int] = []
    while left.any():
        others = left.copy()
        others[order[-1:]] = 0
        eligible = others if others.any() else left
        order.append(int(random.choice(np.flatnonzero(eligible == eligible.max()))))
        left[order[-1]] -= 1
    return order


def update_order(
    order: Sequence[int], missing: Sequence[int], random: np.random.Generator
) -> list[int]:
    """The order unchanged if it holds exactly the missing digits, else a new order."""
    wanted = Counter({digit: count for digit, count in enumerate(missing) if count})
    return list(order) if Counter(order) == wanted else order_digits(missing, random)


def skip_first(order: Sequence[int]) -> list[int]:
    """The order with its first digit moved to the end."""
    return [*order[1:], *order[:1]]
