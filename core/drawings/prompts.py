"""A dictation: which digits somebody still has to write, and in which order.

Knows counts alone: neither who writes nor where drawings are kept.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np


def list_missing(kept: Sequence[int], each: int) -> list[int]:
    """How many of each digit 0…9 are still to be written.

    Args:
        kept: how many of each digit there are, ten counts.
        each: how many there should be, at least 1.

    Raises:
        ValueError: there are not ten counts, or one of the numbers is too small.
    """
    if len(kept) != 10 or min(kept) < 0 or each < 1:
        raise ValueError(
            f"expected ten counts from 0 up and at least 1 of each digit, got {list(kept)} and "
            f"{each}"
        )
    return [max(each - count, 0) for count in kept]


def order_digits(missing: Sequence[int], random: np.random.Generator) -> list[int]:
    """All missing digits in the order to ask for them.

    They come in rounds, each digit once in each: a digit follows itself only where no other one is
    missing any more.
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


def go_on(order: Sequence[int], missing: Sequence[int], random: np.random.Generator) -> list[int]:
    """The order as it is where it holds exactly what is missing, else a new one."""
    fits = Counter(order) == Counter({digit: count for digit, count in enumerate(missing) if count})
    return list(order) if fits else order_digits(missing, random)


def skip_first(order: Sequence[int]) -> list[int]:
    """The order with its first digit asked for last."""
    return [*order[1:], *order[:1]]
