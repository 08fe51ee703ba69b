"""Metrics: accuracies of a model on a data set, with confidence intervals; corrected p-values.

This module does not know how the probabilities were computed.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from core.models.card import Estimate

# Two-sided 95% quantile of the standard normal distribution.
Z = 1.959963984540054
# A p-value below this is called significant, or beyond chance.
SIGNIFICANCE_LEVEL = 0.05
# Keeps logarithms finite.
MIN_PROBABILITY = 1e-12

Labels = npt.NDArray[np.integer]
Probabilities = npt.NDArray[np.floating]


def estimate_share(successes: int, trials: int) -> Estimate:
    """Estimate a share of successes with its 95% Wilson score interval.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927), doi:10.1080/01621459.1927.10502953.

    Raises:
        ValueError: there are no trials, or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"expected 0 ≤ successes ≤ trials, got {successes} of {trials}")
    return _estimate_by_wilson(successes / trials, trials)


def estimate_mean_share(groups: Sequence[tuple[int, int]]) -> Estimate:
    """Estimate the mean of shares that weigh the same, however many trials each has.

    The interval is Wilson's with the effective number of trials of L. Kish, "Survey Sampling"
    (1965), section 11.7.

    Args:
        groups: successes and trials of each.

    Raises:
        ValueError: there is no group, or one without trials.
    """
    if not groups or min(trials for _, trials in groups) < 1:
        raise ValueError(f"expected at least one group, each with trials, got {groups}")
    mean = sum(successes / trials for successes, trials in groups) / len(groups)
    return _estimate_by_wilson(mean, len(groups) ** 2 / sum(1 / trials for _, trials in groups))


def _estimate_by_wilson(share: float, trials: float) -> Estimate:
    centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z / (1 + Z**2 / trials) * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    return Estimate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def correct_p_values(p_values: Sequence[float], *, tests: int = 0) -> list[float]:
    """Correct the p-values of several tests by Holm's method.

    With a probability of at least 95%, no p-value is below ``SIGNIFICANCE_LEVEL`` afterwards where
    chance explains all results. S. Holm, "A simple sequentially rejective multiple test procedure",
    Scandinavian Journal of Statistics 6 (1979).

    Args:
        p_values: 0…1, in any order.
        tests: how many tests there are, if there are more than p-values.

    Returns:
        The corrected p-values in the same order, 0…1.
    """
    tests = max(tests, len(p_values))
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (tests - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def estimate_accuracy(labels: Labels, probabilities: Probabilities) -> Estimate:
    """Estimate the accuracy of ``(N, 10)`` probabilities for ``(N,)`` labels."""
    return estimate_share(int((probabilities.argmax(axis=1) == labels).sum()), len(labels))


def estimate_top_k_accuracy(labels: Labels, probabilities: Probabilities, k: int) -> Estimate:
    """Estimate how often the label is among the ``k`` most probable classes.

    Args:
        labels: ``(N,)`` true classes.
        probabilities: ``(N, 10)``.
        k: 1…10.
    """
    top = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return estimate_share(int((top == labels[:, None]).any(axis=1).sum()), len(labels))


def compute_log_odds(
    probabilities: npt.NDArray[np.floating], digit: int
) -> npt.NDArray[np.float64]:
    """Compute the natural log-odds, ``(N,)``, of a digit against all others.

    The probabilities of the others are added, because 1 − p rounds to 0 where p is close to 1.

    Args:
        probabilities: ``(N, 10)``.
        digit: 0…9.
    """
    own = probabilities[:, digit].astype(np.float64)
    others = np.delete(probabilities, digit, axis=1).sum(axis=1, dtype=np.float64)
    return np.log(own + MIN_PROBABILITY) - np.log(others + MIN_PROBABILITY)
