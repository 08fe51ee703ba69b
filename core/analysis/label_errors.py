"""Label errors: digits whose label is suspected, or known, to be wrong.

The method is confident learning: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning:
estimating uncertainty in dataset labels", JAIR 70 (2021), doi:10.1613/jair.1.12125.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation
from core.analysis.metrics import estimate_accuracy
from core.models.card import MNIST_TEST, Estimate

# How many suspected labels are listed by default.
SUSPECTED_LABELS = 40
# By index in the MNIST test set: the digit that the label errors data set suggests where fewer than
# three of five people confirmed the given label. C. G. Northcutt, A. Athalye, J. Mueller,
# "Pervasive label errors in test sets destabilize machine learning benchmarks", NeurIPS 2021,
# arXiv:2103.14749, https://github.com/cleanlab/label-errors.
KNOWN_MNIST_TEST_ERRORS: Mapping[int, int] = {
    947: 9,
    1621: 6,
    1901: 4,
    2130: 9,
    2462: 0,
    2597: 3,
    2654: 1,
    3520: 4,
    3558: 0,
    5937: 3,
    6651: 6,
    6783: 6,
    8527: 9,
    9679: 3,
    9729: 6,
}


@dataclass(frozen=True)
class SuspectedLabel:
    """A digit whose label is improbable according to the models.

    Attributes:
        index: of the digit in the data set, from 0.
        label: the given label, 0…9.
        suggested: the most probable other class, 0…9.
        self_confidence: the mean probability of the given label over the models, 0…1.
        is_confident: whether the digit is an error in the confident joint, which means that another
            class is at least as probable as that class is, on average, for digits with its label.
    """

    index: int
    label: int
    suggested: int
    self_confidence: float
    is_confident: bool


def find_suspected_labels(
    evaluations: Sequence[Evaluation], *, count: int = SUSPECTED_LABELS
) -> list[SuspectedLabel]:
    """Find the digits whose label is least probable by the mean of several models.

    This is the ranking by self-confidence of Northcutt et al., section 3.2. The mean of models with
    different errors distinguishes wrong labels from difficult digits better than a single model.

    Args:
        evaluations: all of the same data set, on which none of the models was trained.
        count: how many digits to list.

    Returns:
        The digits, the least probable label first.

    Raises:
        ValueError: there is no evaluation.
    """
    if not evaluations:
        raise ValueError("expected at least one evaluation, got none")
    labels = evaluations[0].labels.astype(np.int64)
    probabilities = np.mean([evaluation.probabilities for evaluation in evaluations], axis=0)
    own = probabilities[np.arange(len(labels)), labels]
    others = probabilities.copy()
    others[np.arange(len(labels)), labels] = -1
    suggested = others.argmax(axis=1)
    is_confident = _find_confident_errors(labels, probabilities)
    return [
        SuspectedLabel(
            int(index),
            int(labels[index]),
            int(suggested[index]),
            float(own[index]),
            bool(is_confident[index]),
        )
        for index in np.argsort(own, kind="stable")[:count]
    ]


def list_known_errors(dataset_id: str) -> Mapping[int, int]:
    """The digits of a data set whose labels are known to be wrong: the right ones, by index."""
    return KNOWN_MNIST_TEST_ERRORS if dataset_id == MNIST_TEST else {}


def estimate_accuracy_without(evaluation: Evaluation, excluded: Collection[int]) -> Estimate:
    """Estimate the accuracy without the digits at the excluded indices."""
    kept = np.ones(len(evaluation.labels), bool)
    kept[list(excluded)] = False
    return estimate_accuracy(evaluation.labels[kept], evaluation.probabilities[kept])


def _find_confident_errors(
    labels: npt.NDArray[np.int64], probabilities: npt.NDArray[np.floating]
) -> npt.NDArray[np.bool_]:
    """Find the digits off the diagonal of the confident joint, ``(N,)``.

    A digit counts as class j if its probability of j is at least the mean probability of j among
    the digits labelled j. If there are several such classes, the most probable one counts.
    """
    thresholds = np.array(
        [
            probabilities[labels == digit, digit].mean() if (labels == digit).any() else np.inf
            for digit in range(probabilities.shape[1])
        ]
    )
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)
