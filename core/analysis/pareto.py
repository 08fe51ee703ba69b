"""The Pareto front: what nothing else beats both in cost and in accuracy.

This module does not know what the costs are.
"""

from collections.abc import Sequence


def find_front(costs: Sequence[float], accuracies: Sequence[float]) -> list[int]:
    """The indices of what is on the Pareto front, from the lowest cost to the highest.

    On the front is what no other equals or beats in both figures and beats in one. Equals of the
    same cost and accuracy are on the front together.

    Args:
        costs: the lower the better.
        accuracies: of the same things; the higher the better.
    """
    pairs = list(zip(costs, accuracies, strict=True))
    front = [
        index
        for index, (cost, accuracy) in enumerate(pairs)
        if not any(
            other[0] <= cost and other[1] >= accuracy and other != (cost, accuracy)
            for other in pairs
        )
    ]
    return sorted(front, key=lambda index: pairs[index])
