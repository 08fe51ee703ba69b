"""Calibration: whether a model's confidence equals its accuracy, and temperature scaling.

A model is calibrated if it is correct in 90% of the predictions that it makes with a confidence of
90%. This module does not know how the probabilities were computed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from core.analysis.metrics import estimate_share
from core.models.card import Estimate

Labels = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.floating]

BINS = 15
# The natural logarithms of the temperatures searched. A model that needs a temperature outside of
# this range has other faults than miscalibration.
LOG_TEMPERATURES = (-3.0, 3.0)
MIN_PROBABILITY = 1e-12
# The standard deviation of the logarithm of the temperature before any digit is known.
PRIOR_DEVIATION = 0.5


@dataclass(frozen=True)
class ConfidenceBin:
    """The predictions with a confidence in one interval.

    Attributes:
        low: lower bound of the interval, 0…1. Its width is ``1 / BINS``.
        count: number of predictions, at least 1.
        confidence: their mean confidence, 0…1.
        accuracy: the share of them that is correct.
    """

    low: float
    count: int
    confidence: float
    accuracy: Estimate


def bin_by_confidence(labels: Labels, probabilities: Probabilities) -> list[ConfidenceBin]:
    """Compute the bins of the expected calibration error, in ascending order, without empty ones.

    Takes and raises what ``expected_calibration_error`` does.
    """
    _validate(labels, probabilities)
    confidence, right, bins = _assign_bins(labels, probabilities)
    counts = np.bincount(bins, minlength=BINS)
    totals = np.bincount(bins, weights=confidence, minlength=BINS)
    successes = np.bincount(bins, weights=right, minlength=BINS).astype(int)
    return [
        ConfidenceBin(
            index / BINS,
            int(counts[index]),
            float(totals[index] / counts[index]),
            estimate_share(int(successes[index]), int(counts[index])),
        )
        for index in np.flatnonzero(counts)
    ]


def expected_calibration_error(labels: Labels, probabilities: Probabilities) -> float:
    """Compute the mean gap between confidence and accuracy over 15 bins of equal width.

    C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017,
    arXiv:1706.04599, equation 3.

    Args:
        labels: ``(N,)`` true classes, N ≥ 1.
        probabilities: ``(N, 10)``, each row a distribution.

    Returns:
        The gap, 0…1, with each bin weighted by its number of digits.

    Raises:
        ValueError: there are no labels, or not as many as rows.
    """
    _validate(labels, probabilities)
    confidence, right, bins = _assign_bins(labels, probabilities)
    gaps = np.bincount(bins, weights=right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def fit_temperature(
    labels: Labels, probabilities: Probabilities, *, regularise: bool = False
) -> float:
    """Find the temperature with the smallest cross-entropy (Guo et al. 2017, section 4.2).

    Args:
        labels: ``(N,)`` true classes of digits that were not used in training, N ≥ 1.
        probabilities: ``(N, 10)`` of the uncalibrated model.
        regularise: whether to assume that the temperature is about 1: its logarithm has a normal
            prior of mean 0. Without, a few digits that are all classified correctly would have a
            temperature near 0.

    Returns:
        The number to divide the logits by, above 1 for an overconfident model.

    Raises:
        ValueError: there are no labels, or not as many as rows.
    """
    _validate(labels, probabilities)
    weight = 1 / (2 * PRIOR_DEVIATION**2 * len(labels)) if regularise else 0.0

    def measure_loss(log: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(log)))
        return mean_loss(labels, scaled) + weight * log**2

    result = scipy.optimize.minimize_scalar(measure_loss, bounds=LOG_TEMPERATURES, method="bounded")
    return float(np.exp(result.x))


def apply_temperature(
    probabilities: npt.NDArray[np.floating], temperature: float
) -> npt.NDArray[np.float64]:
    """Divide the logits of a model by a temperature.

    Args:
        probabilities: ``(N, 10)``, each row a distribution.
        temperature: above 0. Values above 1 make the model less confident.

    Returns:
        ``(N, 10)`` float64, each row a distribution.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), MIN_PROBABILITY))
    scaled = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return scaled / scaled.sum(axis=1, keepdims=True)


def mean_loss(labels: Labels, probabilities: npt.NDArray[np.floating]) -> float:
    """Compute the mean cross-entropy, in nats, of ``(N, 10)`` probabilities and ``(N,)`` labels."""
    likelihood = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(likelihood, MIN_PROBABILITY)).mean())


def find_not_sure_threshold(probabilities: Probabilities, *, max_share: float) -> float:
    """Find the largest threshold that makes at most a share of real digits "not sure".

    Args:
        probabilities: ``(N, 10)`` of real digits that were not used in training, N ≥ 1.
        max_share: the share of them, 0…1, that may be "not sure".

    Returns:
        The threshold, 0…1. A prediction with a lower confidence is "not sure".
    """
    confidence = np.sort(probabilities.max(axis=1))
    return float(confidence[int(max_share * len(confidence))])


def share_not_sure(probabilities: Probabilities, threshold: float) -> float:
    """Compute the share, 0…1, of ``(N, 10)`` predictions with a confidence below a threshold."""
    return float((probabilities.max(axis=1) < threshold).mean())


def _assign_bins(
    labels: Labels, probabilities: Probabilities
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """The confidence of each prediction, whether it is correct, and its bin, ``(N,)`` each."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    return confidence, right, np.minimum((confidence * BINS).astype(int), BINS - 1)


def _validate(labels: Labels, probabilities: Probabilities) -> None:
    if not len(labels) or probabilities.shape != (len(labels), 10):
        raise ValueError(
            f"expected at least one label and ten probabilities for each, got {len(labels)} labels "
            f"and probabilities of shape {probabilities.shape}"
        )
