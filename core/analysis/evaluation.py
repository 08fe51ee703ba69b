"""Evaluations: a model's predictions for all digits of a data set, and figures computed from them.

This module does not know how the predictions are shown.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.analysis.confusion import ConfusionMatrix, count_confusions
from core.analysis.metrics import estimate_accuracy, estimate_top_k_accuracy
from core.digits.datasets import Dataset
from core.inference.classifier import Classifier
from core.models.card import Estimate, ModelCard
from core.models.files import load_card, load_test_probabilities


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Labels ``(N,)`` and one model's probabilities ``(N, 10)``, in the data set's order."""

    model_id: str
    title: str
    labels: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.labels), 10):
            raise ValueError(
                f"expected probabilities of shape ({len(self.labels)}, 10), "
                f"got {self.probabilities.shape}"
            )

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The most probable class of each digit, ``(N,)``."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> npt.NDArray[np.float32]:
        """The probability of the most probable class, ``(N,)``."""
        return self.probabilities.max(axis=1)


@dataclass(frozen=True, eq=False)
class AccuracyReport:
    """The figures that summarise an evaluation."""

    model_id: str
    title: str
    confusion: ConfusionMatrix
    accuracy: Estimate
    top_3_accuracy: Estimate


def evaluate(classifier: Classifier, dataset: Dataset) -> Evaluation:
    """Predict all digits of a data set with a model."""
    probabilities = classifier.probabilities(dataset.frames)
    return Evaluation(classifier.model_id, classifier.title, dataset.labels, probabilities)


def load_test_evaluation(
    model_id: str, test: Dataset, directory: Path | None = None, *, card: ModelCard | None = None
) -> Evaluation:
    """Load the stored probabilities of a model on its test set, with the labels of that set.

    Takes and raises what ``read_file`` does.
    """
    card = card or load_card(model_id, directory)
    probabilities = load_test_probabilities(model_id, directory, card=card)
    return Evaluation(model_id, card.title, test.labels, probabilities)


def report_from_card(card: ModelCard) -> AccuracyReport:
    """Build the report on a model's test set from the figures on its card."""
    return AccuracyReport(
        card.id,
        card.title,
        ConfusionMatrix(np.array(card.test_confusion)),
        card.metrics["test_accuracy"],
        card.metrics["test_top_3_accuracy"],
    )


def report_from_evaluation(evaluation: Evaluation) -> AccuracyReport:
    """Compute the report of an evaluation."""
    return AccuracyReport(
        evaluation.model_id,
        evaluation.title,
        ConfusionMatrix(count_confusions(evaluation.labels, evaluation.predicted)),
        estimate_accuracy(evaluation.labels, evaluation.probabilities),
        estimate_top_k_accuracy(evaluation.labels, evaluation.probabilities, 3),
    )
