"""A trained model on disk: a directory of files that its card describes.

The built-in models are in ``artifacts/``. The runs that people train are in a directory of their
own and have ids of their own. Every file is checked against the SHA-256 on the card before it is
used, and nothing is unpickled. This module knows neither TensorFlow nor LiteRT: it returns bytes,
arrays and values.
"""

import csv
import hashlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from core.models.card import MODEL_ID, Estimate, ModelCard, Replication, TrainingHistory

ARTIFACTS_DIRECTORY = Path(__file__).resolve().parents[2] / "artifacts"
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
RUNS_VARIABLE = "DIGITLAB_RUNS"
# An id of a model too, so that a run can stand wherever a model can.
RUN_ID = re.compile(r"run_[0-9a-f]{12}")


class DamagedArtifactError(ValueError):
    """A file of a model directory is missing or is not the one its card describes."""


def runs_directory() -> Path:
    """Where runs are kept: what ``DIGITLAB_RUNS`` names, else in the user's data directory."""
    named = os.environ.get(RUNS_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("digitlab")) / "runs"


def is_run(model_id: str) -> bool:
    """Whether a model is somebody's run rather than built in, by its id alone."""
    return RUN_ID.fullmatch(model_id) is not None


def locate_model(model_id: str, directory: Path | None = None) -> Path:
    """The directory of a model, whether it is there or not.

    Args:
        model_id: of a built-in model or of a run.
        directory: where models are; by default, where those of this id's kind are.
    """
    home = directory or (runs_directory() if is_run(model_id) else ARTIFACTS_DIRECTORY)
    return home / model_id


def list_model_ids(directory: Path = ARTIFACTS_DIRECTORY) -> list[str]:
    """Ids of the built-in models, sorted; or of those in another directory."""
    return sorted(
        card.parent.name
        for card in directory.glob(f"*/{CARD_FILE}")
        if MODEL_ID.fullmatch(card.parent.name)
    )


def load_card(model_id: str, directory: Path | None = None) -> ModelCard:
    """The card of a model, built-in or a run.

    Raises:
        FileNotFoundError: there is no such model; the message lists the choices, less the runs,
            which are not everybody's to know of.
        DamagedArtifactError: the card cannot be read or is another model's.
    """
    path = locate_model(model_id, directory) / CARD_FILE
    if not MODEL_ID.fullmatch(model_id) or not path.exists():
        raise FileNotFoundError(
            f"expected the id of a trained model, got {model_id!r}; choices are "
            f"{', '.join(list_model_ids(directory or ARTIFACTS_DIRECTORY))}"
        )
    try:
        card = ModelCard.from_json(path.read_text("utf-8"))
    except ValueError as error:
        raise DamagedArtifactError(f"the card of {model_id} is damaged: {error}") from error
    if card.id != model_id:
        raise DamagedArtifactError(f"expected the card of {model_id}, got that of {card.id}")
    return card


def read_file(model_id: str, name: str, directory: Path | None = None) -> bytes:
    """Contents of one file of a model, checked against its SHA-256.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file is missing, not on the card, or not the one on the card.
    """
    expected = load_card(model_id, directory).files.get(name)
    if expected is None:
        raise DamagedArtifactError(f"expected {name} on the card of {model_id}, it is not there")
    try:
        contents = (locate_model(model_id, directory) / name).read_bytes()
    except FileNotFoundError as error:
        raise DamagedArtifactError(f"{name} of {model_id} is missing; train it again") from error
    if hashlib.sha256(contents).hexdigest() != expected:
        raise DamagedArtifactError(
            f"expected {name} of {model_id} to have SHA-256 {expected[:12]}…, got another file; "
            "restore it or train the model again"
        )
    return contents


def load_history(model_id: str, directory: Path | None = None) -> TrainingHistory:
    """Loss and accuracy of every epoch. Raises as ``read_file`` does."""
    return parse_history(read_file(model_id, HISTORY_FILE, directory))


def parse_history(contents: bytes) -> TrainingHistory:
    """The history in the contents of its file; KeyError, TypeError or ValueError if it is none."""
    rows = csv.DictReader(contents.decode("utf-8").splitlines())
    columns: dict[str, list[float]] = {
        name: [] for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    }
    for row in rows:
        for name, values in columns.items():
            values.append(float(row[name]))
    return TrainingHistory(*(np.array(values) for values in columns.values()))


def load_validation_confusions(
    model_id: str, directory: Path | None = None
) -> npt.NDArray[np.int64]:
    """Counts on the validation set after every epoch, ``(E, 10, 10)``: true class by predicted."""
    return _load_array(model_id, VALIDATION_CONFUSIONS_FILE, directory).astype(np.int64)


def load_test_probabilities(
    model_id: str, directory: Path | None = None
) -> npt.NDArray[np.float32]:
    """Probabilities on the MNIST test set in its own order, ``(10000, 10)``, kept in 16 bits."""
    return _load_array(model_id, TEST_PROBABILITIES_FILE, directory).astype(np.float32)


def load_replication(model_id: str, directory: Path = ARTIFACTS_DIRECTORY) -> Replication | None:
    """What training by the published recipe gave, or None when that was not tried.

    Raises:
        DamagedArtifactError: the file cannot be read.
    """
    path = locate_replication(model_id, directory)
    if not path.exists():
        return None
    try:
        fields = json.loads(path.read_text("utf-8"))
        return Replication(**{**fields, "test_accuracy": Estimate(**fields["test_accuracy"])})
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedArtifactError(f"the replication of {model_id} is damaged: {error}") from error


def locate_replication(model_id: str, directory: Path) -> Path:
    """The file of a replication, whether it is there or not."""
    return directory / REPLICATIONS_DIRECTORY / f"{model_id}.json"


def _load_array(model_id: str, name: str, directory: Path | None) -> npt.NDArray[Any]:
    return np.load(io.BytesIO(read_file(model_id, name, directory)), allow_pickle=False)
