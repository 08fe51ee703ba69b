"""Calibration: whether a model that says 90 % is right nine times in ten, and how to make it so."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from core.analysis.metrics import estimate_share
from core.models.card import Estimate

Labels = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.float32]

BINS = 15
# Temperatures searched, as powers of e; beyond them a model is broken rather than miscalibrated.
LOG_TEMPERATURES = (-3.0, 3.0)
MIN_PROBABILITY = 1e-12


@dataclass(frozen=True)
class ConfidenceBin:
    """The digits of which a model is about as sure.

    Attributes:
        low: the least confidence of the bin, 0…1; it is ``1 / BINS`` wide.
        count: how many digits fall into it, at least 1.
        confidence: their mean, 0…1.
        accuracy: the share of them that is read right.
    """

    low: float
    count: int
    confidence: float
    accuracy: Estimate


def bin_by_confidence(labels: Labels, probabilities: Probabilities) -> list[ConfidenceBin]:
    """The bins of the expected calibration error, from the least confident; empty ones left out.

    Takes and raises what ``expected_calibration_error`` does.
    """
    _validate(labels, probabilities)
    confidence, right, bins = _part(labels, probabilities)
    counts = np.bincount(bins, minlength=BINS)
    totals = np.bincount(bins, weights=confidence, minlength=BINS)
    successes = np.bincount(bins, weights=right, minlength=BINS).astype(int)
    return [
        ConfidenceBin(
            one / BINS,
            int(counts[one]),
            float(totals[one] / counts[one]),
            estimate_share(int(successes[one]), int(counts[one])),
        )
        for one in np.flatnonzero(counts)
    ]


def expected_calibration_error(labels: Labels, probabilities: Probabilities) -> float:
    """Mean gap between confidence and accuracy over 15 bins of confidence of equal width.

    C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017,
    arXiv:1706.04599, equation 3.

    Args:
        labels: ``(N,)`` true classes, N ≥ 1.
        probabilities: ``(N, 10)``, each row a distribution.

    Returns:
        The gap as a share, 0…1, each bin weighted by how many digits fall into it.

    Raises:
        ValueError: there are no labels, or not one a row.
    """
    _validate(labels, probabilities)
    confidence, right, bins = _part(labels, probabilities)
    gaps = np.bincount(bins, weights=right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def fit_temperature(labels: Labels, probabilities: Probabilities) -> float:
    """The temperature that makes the labels most likely (Guo et al. 2017, section 4.2).

    Args:
        labels: ``(N,)`` true classes of digits that were not trained on, N ≥ 1.
        probabilities: ``(N, 10)`` of the model as it was trained.

    Returns:
        What the logits are to be divided by: above 1 for an overconfident model.

    Raises:
        ValueError: there are no labels, or not one a row.
    """
    _validate(labels, probabilities)

    found = minimize_scalar(
        lambda log: mean_loss(labels, apply_temperature(probabilities, float(np.exp(log)))),
        bounds=LOG_TEMPERATURES,
        method="bounded",
    )
    return float(np.exp(found.x))


def apply_temperature(
    probabilities: npt.NDArray[np.floating], temperature: float
) -> npt.NDArray[np.float64]:
    """The probabilities, ``(N, 10)``, of a model whose logits are divided by ``temperature``."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), MIN_PROBABILITY))
    scaled = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return scaled / scaled.sum(axis=1, keepdims=True)


def mean_loss(labels: Labels, probabilities: npt.NDArray[np.floating]) -> float:
    """Mean cross-entropy, in nats, of probabilities ``(N, 10)`` against labels ``(N,)``."""
    likelihood = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(likelihood, MIN_PROBABILITY)).mean())


def find_not_sure_threshold(probabilities: Probabilities, *, cost: float) -> float:
    """The greatest confidence below which at most a share ``cost`` of real digits falls.

    Args:
        probabilities: ``(N, 10)`` of real digits that were not trained on, N ≥ 1.
        cost: the share of them, 0…1, that may be called "not sure".

    Returns:
        The threshold, 0…1; a confidence strictly below it is "not sure".
    """
    confidence = np.sort(probabilities.max(axis=1))
    return float(confidence[int(cost * len(confidence))])


def share_not_sure(probabilities: Probabilities, threshold: float) -> float:
    """Share of the rows, ``(N, 10)``, whose confidence is below the threshold."""
    return float((probabilities.max(axis=1) < threshold).mean())


def _part(
    labels: Labels, probabilities: Probabilities
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Of each digit its confidence, whether it is read right, and its bin, ``(N,)`` each."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    return confidence, right, np.minimum((confidence * BINS).astype(int), BINS - 1)


def _validate(labels: Labels, probabilities: Probabilities) -> None:
    if not len(labels) or probabilities.shape != (len(labels), 10):
        raise ValueError(
            f"expected at least one label and ten probabilities for each, got {len(labels)} labels "
            f"and probabilities of shape {probabilities.shape}"
        )
