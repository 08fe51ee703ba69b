"""The card of a trained model, and the other values that its directory holds.

This module knows no files: ``files.py`` reads them and ``publish.py`` writes them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MODEL_ID = re.compile(r"[a-z][a-z0-9_]*")

# Columns of ``history.csv`` that those of earlier versions lack.
UNCHANGED_ACCURACY, UNCHANGED_LOSS = "unchanged_accuracy", "unchanged_loss"

# The data and the test set of cards that name none: those of earlier versions.
MNIST, MNIST_TEST = "mnist", "mnist_test"

# A model that doubts no non-digit has a vote, too: it may be the only one.
MIN_VOTE_WEIGHT = 0.02


@dataclass(frozen=True)
class Estimate:
    """A proportion, 0…1, with the bounds of its 95% confidence interval."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.value <= self.high <= 1:
            raise ValueError(f"expected 0 ≤ low ≤ value ≤ high ≤ 1, got {self}")


@dataclass(frozen=True)
class Layer:
    """One layer of a network, as in Keras's summary."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class PublishedResult:
    """A published result of the same architecture.

    Attributes:
        test_accuracy: 0…1; None where the source has none.
        source: who published it.
    """

    test_accuracy: float | None
    source: str


@dataclass(frozen=True)
class Calibration:
    """How well a model's confidence agrees with its accuracy.

    Attributes:
        temperature: the logits are divided by it, so that confidence agrees with accuracy on the
            validation set. The weights in the model's files contain it.
        not_sure_below: a prediction with a confidence lower than this, 0…1, is "not sure".
        error_before: expected calibration error, 0…1, without the temperature, by data set.
        error_after: the same with the temperature. Data sets are the test set,
            ``bundled_digits`` and, where they were measured, ``mnist_test``, ``pen_strokes`` and
            ``pen_pictures``.
        not_sure: the proportion of predictions that are not sure, by data set, and for two more
            sets: ``validation``, held-out training data, and ``scribbles``, non-digits of kinds
            that no model was trained on.
    """

    temperature: float
    not_sure_below: float
    error_before: Mapping[str, float]
    error_after: Mapping[str, float]
    not_sure: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise ValueError(f"expected a temperature above 0, got {self.temperature}")
        if not 0 <= self.not_sure_below <= 1:
            raise ValueError(f"expected a confidence from 0 to 1, got {self.not_sure_below}")

    @property
    def vote_weight(self) -> float:
        """The weight in a vote of several models: the share of non-digits it is not sure of."""
        return max(self.not_sure.get("scribbles", 0.0), MIN_VOTE_WEIGHT)


@dataclass(frozen=True)
class SeedRun:
    """One of several trainings that differ only in their seed; accuracies 0…1."""

    seed: int
    validation_loss: float
    validation_accuracy: float
    test_accuracy: float


@dataclass(frozen=True)
class Replication:
    """The result of a training with the published recipe, of which only figures are kept.

    Attributes:
        best_epoch: the epoch, counted from 1, whose weights were measured.
        duration_seconds: wall-clock time of all epochs.
    """

    model_id: str
    recipe: Mapping[str, Any]
    test_accuracy: Estimate
    best_epoch: int
    duration_seconds: float


@dataclass(frozen=True)
class ModelCard:
    """Description, training and figures of a trained model.

    Attributes:
        best_epoch: the epoch, counted from 1, whose weights were kept; the last one of a model that
            was taught; 0 for an ensemble, which is not trained itself.
        duration_seconds: wall-clock time of all epochs.
        metrics: estimates by name: ``test_accuracy``, ``test_top_3_accuracy``,
            ``validation_accuracy`` and, for each other data set that was measured, as in
            ``Calibration``, its name followed by ``_accuracy``; and the figures that begin with
            ``real_pictures_``, which ``core.analysis.real_pictures`` adds after the training.
        accuracy_by_digit: ten accuracies, for the digits 0…9, by data set as in ``Calibration``;
            without data sets that lack a digit.
        seed_runs: all trainings with this recipe; the model with the lowest validation loss was
            kept. At least one, except for an ensemble.
        test_confusion: 10 rows (true class) of 10 counts (predicted class) on the test set.
        frame_version: ``core.digits.frame.FRAME_VERSION`` at the time of the training.
        files: SHA-256 in hexadecimal of each file beside the card, by name.
        trained_on: ids of the training data, see ``core.runs.training_data``. The test set is a
            part of the first; the others were added, or the model that this one started from was
            trained on them.
        test_set: id of the data set of ``test_accuracy``, ``test_top_3_accuracy``,
            ``test_confusion`` and the stored probabilities.
        learned_drawings: digests of the visitors' drawings that it has learned from, see
            ``core.runs.learned_drawings``; none on cards of earlier versions.
    """

    id: str
    title: str
    description: str
    layers: tuple[Layer, ...]
    parameter_count: int
    recipe: Mapping[str, Any]
    published: PublishedResult
    dataset_sha256: Mapping[str, str]
    library_versions: Mapping[str, str]
    best_epoch: int
    duration_seconds: float
    metrics: Mapping[str, Estimate]
    accuracy_by_digit: Mapping[str, tuple[float, ...]]
    calibration: Calibration
    seed_runs: tuple[SeedRun, ...]
    test_confusion: tuple[tuple[int, ...], ...]
    frame_version: int
    files: Mapping[str, str]
    trained_on: tuple[str, ...] = (MNIST,)
    test_set: str = MNIST_TEST
    learned_drawings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(isinstance(one, str) for one in self.learned_drawings):
            raise ValueError("expected the digests of learned drawings as texts")
        if not MODEL_ID.fullmatch(self.id):
            raise ValueError(f"expected a model id in lower_snake_case, got {self.id!r}")
        if sum(layer.parameters for layer in self.layers) != self.parameter_count:
            raise ValueError(f"expected the layers of {self.id} to add up to its parameter count")
        if np.shape(self.test_confusion) != (10, 10):
            raise ValueError(
                f"expected a 10×10 test confusion, got shape {np.shape(self.test_confusion)}"
            )

    @property
    def is_taught(self) -> bool:
        """Whether only its last layer learned, on the Draw page: each epoch is one step."""
        return "steps" in self.recipe

    def find_accuracy(self, dataset_id: str) -> Estimate | None:
        """The accuracy on a data set, its test set or another; None where it was not measured."""
        name = "test_accuracy" if dataset_id == self.test_set else f"{dataset_id}_accuracy"
        return self.metrics.get(name)

    def to_json(self) -> str:
        """The card as indented JSON text."""
        fields = asdict(self)
        if not self.learned_drawings:  # servers of earlier versions do not know them
            del fields["learned_drawings"]
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ModelCard":
        """Read a card back; raises ValueError when a field is missing, unknown or malformed."""
        try:
            fields = json.loads(text)
            return cls(
                **{
                    **fields,
                    "layers": tuple(
                        Layer(**{**layer, "output_shape": tuple(layer["output_shape"])})
                        for layer in fields["layers"]
                    ),
                    "published": PublishedResult(**fields["published"]),
                    "metrics": {
                        name: Estimate(**estimate) for name, estimate in fields["metrics"].items()
                    },
                    "accuracy_by_digit": {
                        name: tuple(shares) for name, shares in fields["accuracy_by_digit"].items()
                    },
                    "calibration": Calibration(**fields["calibration"]),
                    "seed_runs": tuple(SeedRun(**run) for run in fields["seed_runs"]),
                    "test_confusion": tuple(tuple(row) for row in fields["test_confusion"]),
                    "trained_on": tuple(fields.get("trained_on", (MNIST,))),
                    "learned_drawings": tuple(fields.get("learned_drawings", ())),
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"expected a model card, got fields that do not fit: {error}"
            ) from error


@dataclass(frozen=True, eq=False)
class TrainingHistory:
    """Loss (cross-entropy, nats) and accuracy (0…1) of every epoch, each array ``(E,)``.

    Those on unchanged training images, neither augmented nor with soft targets, are NaN where they
    were not measured.
    """

    loss: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]
    validation_loss: npt.NDArray[np.float64]
    validation_accuracy: npt.NDArray[np.float64]
    unchanged_loss: npt.NDArray[np.float64]
    unchanged_accuracy: npt.NDArray[np.float64]

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return len(self.loss)

    @property
    def has_unchanged(self) -> bool:
        """Whether it has figures on unchanged training images, of at least one epoch."""
        return bool(np.isfinite(self.unchanged_accuracy).any())
