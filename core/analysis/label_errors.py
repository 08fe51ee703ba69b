"""Label errors: digits whose label is suspected, or known, to be wrong.

Confident learning as C. G. Northcutt, L. Jiang, I. L. Chuang define it in "Confident learning:
estimating uncertainty in dataset labels", JAIR 70 (2021), doi:10.1613/jair.1.12125.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.analysis.evaluation import Evaluation
from core.analysis.metrics import estimate_accuracy
from core.models.card import Estimate

SUSPECTS = 40
# By place in the MNIST test set, from 0: the digit that the label errors data set suggests where
# fewer than three of five people kept the given label. C. G. Northcutt, A. Athalye, J. Mueller,
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
class Suspect:
    """A digit whose label the models doubt.

    Attributes:
        index: its place in the data set, from 0.
        label: what it is labelled.
        suggested: the most probable other digit.
        self_confidence: the mean probability that the models give its label, 0…1.
        is_confident: whether it counts as an error in the confident joint: the suggested class is
            at least as probable as that class is, on average, for digits labelled so.
    """

    index: int
    label: int
    suggested: int
    self_confidence: float
    is_confident: bool


def find_suspects(evaluations: Sequence[Evaluation], *, most: int = SUSPECTS) -> list[Suspect]:
    """The digits whose own label is least probable by the mean of several models, least first.

    This is the ranking by self-confidence of Northcutt et al., section 3.2. The mean of models that
    fail in different ways tells wrong labels from hard digits better than any of them.

    Args:
        evaluations: of one data set; each model must not have been trained on it.
        most: how many to list.

    Raises:
        ValueError: there is no evaluation.
    """
    if not evaluations:
        raise ValueError("expected at least one evaluation, got none")
    labels = evaluations[0].labels.astype(np.int64)
    probabilities = np.mean([one.probabilities for one in evaluations], axis=0)
    own = probabilities[np.arange(len(labels)), labels]
    others = probabilities.copy()
    others[np.arange(len(labels)), labels] = -1
    suggested = others.argmax(axis=1)
    is_confident = _find_confident_errors(labels, probabilities)
    return [
        Suspect(
            int(index),
            int(labels[index]),
            int(suggested[index]),
            float(own[index]),
            bool(is_confident[index]),
        )
        for index in np.argsort(own, kind="stable")[:most]
    ]


def estimate_accuracy_without(evaluation: Evaluation, excluded: Collection[int]) -> Estimate:
    """Accuracy on the digits whose places are not excluded."""
    kept = np.ones(len(evaluation.labels), bool)
    kept[list(excluded)] = False
    return estimate_accuracy(evaluation.labels[kept], evaluation.probabilities[kept])


def _find_confident_errors(
    labels: npt.NDArray[np.int64], probabilities: npt.NDArray[np.floating]
) -> npt.NDArray[np.bool_]:
    """Which digits lie off the diagonal of the confident joint, ``(N,)``.

    A digit counts as class j when its probability of j reaches the mean probability of j among the
    digits labelled j; of several such classes the most probable counts.
    """
    thresholds = np.array(
        [
            probabilities[labels == digit, digit].mean() if (labels == digit).any() else np.inf
            for digit in range(probabilities.shape[1])
        ]
    )
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)
