"""A trained model on disk: one directory of files, described and sealed by its card.

Training writes these directories, everything else only reads them. Every file is checked against
the SHA-256 on the card before it is used, and nothing is ever unpickled. This module knows neither
TensorFlow nor LiteRT: it hands out bytes, arrays and values.
"""

import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ARTIFACTS_DIRECTORY = Path(__file__).resolve().parent.parent / "artifacts"

# The dashboard's own three: those that are asked unless others are named.
DEFAULT_MODEL_IDS = ("lenet5", "logistic_regression", "mlp")

CARD_FILE = "card.json"
KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"
HISTORY_FILE = "history.csv"
VALIDATION_CONFUSIONS_FILE = "validation_confusions.npy"
TEST_PROBABILITIES_FILE = "test_probabilities.npy"
# Measured after training, and gone when the model is trained again.
ROBUSTNESS_FILE = "robustness.json"
# Beside the models' directories: one small file for each model trained by its published recipe.
REPLICATIONS_DIRECTORY = "replications"
SEALED_FILES = (
    KERAS_FILE,
    LITERT_FILE,
    HISTORY_FILE,
    VALIDATION_CONFUSIONS_FILE,
    TEST_PROBABILITIES_FILE,
)

MODEL_ID = re.compile(r"[a-z][a-z0-9_]*")


class DamagedArtifactError(ValueError):
    """A file of a model directory is missing or is not the one its card describes."""


@dataclass(frozen=True)
class Estimate:
    """A share between 0 and 1 with the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.value <= self.high <= 1:
            raise ValueError(f"expected 0 ≤ low ≤ value ≤ high ≤ 1, got {self}")


@dataclass(frozen=True)
class Layer:
    """One layer of a network, as its summary shows it."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class PublishedResult:
    """What somebody else reported for this architecture.

    Attributes:
        test_accuracy: as a share between 0 and 1, or None where no figure was given.
        source: who reported it.
    """

    test_accuracy: float | None
    source: str


@dataclass(frozen=True)
class Calibration:
    """How far a model's confidence can be believed.

    Attributes:
        temperature: what the logits were divided by so that confidence matches accuracy on the
            validation set; the published weights contain it.
        not_sure_below: a confidence lower than this, 0…1, is shown as "not sure".
        error_before: expected calibration error, 0…1, before the temperature, by data set.
        error_after: the same with it. Data sets are ``mnist_test``, ``bundled_digits`` and, where
            they were measured, ``pen_strokes`` and ``pen_pictures``.
        not_sure: the share that falls below ``not_sure_below``, by data set, and besides of the
            ``validation`` digits, by which it was chosen, and of ``scribbles``: drawings that are
            no digit, of kinds that were never trained on.
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


@dataclass(frozen=True)
class SeedRun:
    """One of several trainings that differ in their seed alone; accuracies 0…1."""

    seed: int
    validation_loss: float
    validation_accuracy: float
    test_accuracy: float


@dataclass(frozen=True)
class Replication:
    """A training by the published recipe, kept as figures only.

    Attributes:
        best_epoch: the epoch, counted from 1, whose weights were measured.
        duration_seconds: wall-clock time of the training, all epochs.
    """

    model_id: str
    recipe: Mapping[str, Any]
    test_accuracy: Estimate
    best_epoch: int
    duration_seconds: float


@dataclass(frozen=True)
class ModelCard:
    """What a trained model is, how it came about and how well it reads.

    Attributes:
        best_epoch: the epoch, counted from 1, whose weights were kept; 0 for a committee, which is
            not trained itself.
        duration_seconds: wall-clock time of the training, all epochs.
        metrics: estimates by name: ``test_accuracy``, ``test_top_3_accuracy``,
            ``validation_accuracy``, ``bundled_digits_accuracy`` and, where they were measured,
            ``pen_strokes_accuracy`` and ``pen_pictures_accuracy``.
        accuracy_by_digit: ten shares, for the digits 0…9, by data set as in ``Calibration``.
        seed_runs: all trainings of which this is the one that validation chose; at least one,
            except for a committee.
        test_confusion: 10 rows (true class) of 10 counts (predicted class) on the MNIST test set.
        frame_version: ``core.digits.frame.FRAME_VERSION`` at the time of training.
        files: SHA-256 in hexadecimal of each file beside the card.
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

    def __post_init__(self) -> None:
        if not MODEL_ID.fullmatch(self.id):
            raise ValueError(f"expected a model id in lower_snake_case, got {self.id!r}")
        if sum(layer.parameters for layer in self.layers) != self.parameter_count:
            raise ValueError(f"expected the layers of {self.id} to add up to its parameter count")
        if np.shape(self.test_confusion) != (10, 10):
            raise ValueError(
                f"expected a 10×10 test confusion, got shape {np.shape(self.test_confusion)}"
            )

    def to_json(self) -> str:
        """The card as indented JSON text."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

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
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"expected a model card, got fields that do not fit: {error}"
            ) from error


@dataclass(frozen=True, eq=False)
class TrainingHistory:
    """Loss (cross-entropy, nats) and accuracy (0…1) of every epoch, each array ``(E,)``."""

    loss: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]
    validation_loss: npt.NDArray[np.float64]
    validation_accuracy: npt.NDArray[np.float64]

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.loss)


def list_model_ids(directory: Path = ARTIFACTS_DIRECTORY) -> list[str]:
    """Ids of the models that are there, sorted."""
    return sorted(
        card.parent.name
        for card in directory.glob(f"*/{CARD_FILE}")
        if MODEL_ID.fullmatch(card.parent.name)
    )


def load_card(model_id: str, directory: Path = ARTIFACTS_DIRECTORY) -> ModelCard:
    """The card of a model.

    Raises:
        FileNotFoundError: there is no such model; the message lists the choices.
        DamagedArtifactError: the card cannot be read or is another model's.
    """
    known = list_model_ids(directory)
    if model_id not in known:
        raise FileNotFoundError(
            f"expected the id of a trained model, got {model_id!r}; choices are {', '.join(known)}"
        )
    try:
        card = ModelCard.from_json((directory / model_id / CARD_FILE).read_text("utf-8"))
    except ValueError as error:
        raise DamagedArtifactError(f"the card of {model_id} is damaged: {error}") from error
    if card.id != model_id:
        raise DamagedArtifactError(f"expected the card of {model_id}, got that of {card.id}")
    return card


def read_file(model_id: str, name: str, directory: Path = ARTIFACTS_DIRECTORY) -> bytes:
    """Contents of one file of a model, checked against its SHA-256.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file is missing, not on the card, or not the one on the card.
    """
    expected = load_card(model_id, directory).files.get(name)
    if expected is None:
        raise DamagedArtifactError(f"expected {name} on the card of {model_id}, it is not there")
    try:
        contents = (directory / model_id / name).read_bytes()
    except FileNotFoundError as error:
        raise DamagedArtifactError(f"{name} of {model_id} is missing; train it again") from error
    if hashlib.sha256(contents).hexdigest() != expected:
        raise DamagedArtifactError(
            f"expected {name} of {model_id} to have SHA-256 {expected[:12]}…, got another file; "
            "restore it or train the model again"
        )
    return contents


def load_history(model_id: str, directory: Path = ARTIFACTS_DIRECTORY) -> TrainingHistory:
    """Loss and accuracy of every epoch. Raises as ``read_file`` does."""
    rows = csv.DictReader(read_file(model_id, HISTORY_FILE, directory).decode("utf-8").splitlines())
    columns: dict[str, list[float]] = {
        name: [] for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    }
    for row in rows:
        for name, values in columns.items():
            values.append(float(row[name]))
    return TrainingHistory(*(np.array(values) for values in columns.values()))


def load_validation_confusions(
    model_id: str, directory: Path = ARTIFACTS_DIRECTORY
) -> npt.NDArray[np.int64]:
    """Counts on the validation set after every epoch, ``(E, 10, 10)``: true class by predicted."""
    return _load_array(model_id, VALIDATION_CONFUSIONS_FILE, directory).astype(np.int64)


def load_test_probabilities(
    model_id: str, directory: Path = ARTIFACTS_DIRECTORY
) -> npt.NDArray[np.float32]:
    """Probabilities on the MNIST test set in its own order, ``(10000, 10)``, kept in 16 bits."""
    return _load_array(model_id, TEST_PROBABILITIES_FILE, directory).astype(np.float32)


def load_replication(model_id: str, directory: Path = ARTIFACTS_DIRECTORY) -> Replication | None:
    """What training by the published recipe gave, or None when that was not tried.

    Raises:
        DamagedArtifactError: the file cannot be read.
    """
    path = _replication_path(model_id, directory)
    if not path.exists():
        return None
    try:
        fields = json.loads(path.read_text("utf-8"))
        return Replication(**{**fields, "test_accuracy": Estimate(**fields["test_accuracy"])})
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedArtifactError(f"the replication of {model_id} is damaged: {error}") from error


def save_replication(replication: Replication, directory: Path = ARTIFACTS_DIRECTORY) -> Path:
    """Write a replication in place of an older one, and return its path."""
    path = _replication_path(replication.model_id, directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".writing")
    aside.write_text(json.dumps(asdict(replication), indent=2) + "\n", "utf-8")
    os.replace(aside, path)
    return path


def digest_files(directory: Path) -> dict[str, str]:
    """SHA-256 of every file that a card seals, by name."""
    return {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in SEALED_FILES
    }


def publish(staging: Path, card: ModelCard, directory: Path = ARTIFACTS_DIRECTORY) -> Path:
    """Move a finished staging directory, on the same disk, into the place of its model.

    The last good model stays in place until the new one is complete beside it.

    Returns:
        The directory of the published model.
    """
    (staging / CARD_FILE).write_text(card.to_json(), "utf-8")
    final, previous = directory / card.id, directory / f".{card.id}.previous"
    shutil.rmtree(previous, ignore_errors=True)
    if final.exists():
        os.replace(final, previous)
    os.replace(staging, final)
    shutil.rmtree(previous, ignore_errors=True)
    return final


def publish_files(staging: Path, card: ModelCard, place: Path) -> None:
    """Copy a finished model's files to ``place``, beside what else is there, the card last.

    Without its card it is no model: nobody reads files of two trainings as one.
    """
    for name in (CARD_FILE, ROBUSTNESS_FILE):
        (place / name).unlink(missing_ok=True)
    (staging / CARD_FILE).write_text(card.to_json(), "utf-8")
    for name in (*SEALED_FILES, CARD_FILE):
        aside = place / f".{name}.writing"
        shutil.copyfile(staging / name, aside)
        os.replace(aside, place / name)


def _replication_path(model_id: str, directory: Path) -> Path:
    return directory / REPLICATIONS_DIRECTORY / f"{model_id}.json"


def _load_array(model_id: str, name: str, directory: Path) -> npt.NDArray[Any]:
    return np.load(io.BytesIO(read_file(model_id, name, directory)), allow_pickle=False)
