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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from core.models.card import (
    MODEL_ID,
    UNCHANGED_ACCURACY,
    UNCHANGED_LOSS,
    Estimate,
    ModelCard,
    Replication,
    TrainingHistory,
)

ARTIFACTS_DIRECTORY = Path(__file__).resolve().parents[2] / "artifacts"
# The models that predict unless others are chosen.
DEFAULT_MODEL_IDS = ("lenet5", "logistic_regression", "mlp")
CARD_FILE = "card.json"
KERAS_FILE = "model.keras"
LITERT_FILE = "model.tflite"
HISTORY_FILE = "history.csv"
VALIDATION_CONFUSIONS_FILE = "validation_confusions.npy"
TEST_PROBABILITIES_FILE = "test_probabilities.npy"
# Of runs: all weights as numbers, from which another Digit Lab rebuilds the model.
WEIGHTS_FILE = "weights.npy"
# Measured after training, and gone when the model is trained again.
ROBUSTNESS_FILE = "robustness.json"
FINDINGS_FILE = "findings.json"
MAP_FILE = "map.npz"
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
# A model's directory, or where it is for the moment in which another one takes its place.
MODEL_DIRECTORY = re.compile(rf"({MODEL_ID.pattern})|\.({MODEL_ID.pattern})\.previous")
# The longest piece of a request that a message repeats.
MAX_QUOTE_LENGTH = 100

# Inode, time of the last change in nanoseconds, bytes.
FileSignature = tuple[int, int, int]


class DamagedArtifactError(ValueError):
    """A file of a model directory is missing or is not the one its card describes."""


class ModelReplacedError(DamagedArtifactError):
    """Another model was published under the same id while one of its files was to be read."""


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


def locate_previous(model_id: str, directory: Path | None = None) -> Path:
    """Where a model is for the moment in which another one takes its place, see ``publish.py``."""
    place = locate_model(model_id, directory)
    return place.with_name(f".{place.name}.previous")


def list_model_ids(directory: Path | None = None) -> list[str]:
    """Ids of the built-in models, sorted; or of those in another directory."""
    home = directory or ARTIFACTS_DIRECTORY
    return [
        model_id for model_id in list_candidates(home) if sign_model_file(model_id, directory=home)
    ]


def list_candidates(directory: Path | None = None) -> list[str]:
    """Names of directories that may be models, sorted: whether they have a card is not checked."""
    try:
        names = os.listdir(directory or ARTIFACTS_DIRECTORY)
    except FileNotFoundError:
        return []
    matches = map(MODEL_DIRECTORY.fullmatch, names)
    return sorted({match[1] or match[2] for match in matches if match})


def sign_file(path: Path | str) -> FileSignature | None:
    """What changes when a file is replaced or written to; None where there is none."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def sign_model_file(
    model_id: str, name: str = CARD_FILE, directory: Path | None = None
) -> FileSignature | None:
    """What changes when a file of a model is replaced; None where it is missing.

    Without a card, there is no such model.
    """
    signatures = (sign_file(f"{place}/{name}") for place in _list_places(model_id, directory))
    return next(filter(None, signatures), None)


def load_card(model_id: str, directory: Path | None = None) -> ModelCard:
    """The card of a model, built-in or a run.

    Raises:
        FileNotFoundError: there is no such model; the message lists the choices, except for runs,
            which only their owners may know of.
        DamagedArtifactError: the card cannot be read or is another model's.
    """
    contents = None
    if MODEL_ID.fullmatch(model_id):
        contents = read_unchecked(model_id, CARD_FILE, directory)
    if contents is None:
        raise FileNotFoundError(
            f"There is no model {model_id[:MAX_QUOTE_LENGTH]!r}; the choices are "
            f"{', '.join(list_model_ids(directory))}."
        )
    try:
        card = ModelCard.from_json(contents.decode("utf-8"))
    except ValueError as error:
        damage = DamagedArtifactError(
            f"The card of {model_id} is damaged. Restore its {CARD_FILE} or train the model again."
        )
        damage.add_note(str(error))
        raise damage from error
    if card.id != model_id:
        raise DamagedArtifactError(
            f"The card of {model_id} belongs to another model, {card.id}. Restore its {CARD_FILE} "
            "or train the model again."
        )
    return card


def read_file(
    model_id: str, name: str, directory: Path | None = None, *, card: ModelCard | None = None
) -> bytes:
    """Contents of one file of a model, checked against its SHA-256.

    Args:
        model_id: of a built-in model or of a run.
        name: of the file.
        directory: where models are; by default, where those of this kind are.
        card: of the model whose file it must be; by default, the one on disk.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file is missing, not on the card, or not the one on the card.
        ModelReplacedError: the file is another model's, which has replaced that of ``card``.
    """
    if card is None:
        return read_with_card(model_id, name, directory)[1]
    try:
        return _read_sealed(card, name, directory)
    except DamagedArtifactError as error:
        if _is_replaced(card, name, directory):
            raise ModelReplacedError(
                f"The model {card.title} has just been replaced by a new one. Please try again."
            ) from error
        raise


def read_with_card(
    model_id: str, name: str, directory: Path | None = None
) -> tuple[ModelCard, bytes]:
    """A model's card and one of its files, both of one training. Raises as ``read_file`` does."""
    while True:
        card = load_card(model_id, directory)
        try:
            return card, _read_sealed(card, name, directory)
        except DamagedArtifactError:
            if not _is_replaced(card, name, directory):
                raise


def _read_sealed(card: ModelCard, name: str, directory: Path | None) -> bytes:
    expected = card.files.get(name)
    if expected is None:
        raise DamagedArtifactError(
            f"The card of {card.id} does not list {name}. Train the model again."
        )
    contents = read_unchecked(card.id, name, directory)
    if contents is None:
        raise DamagedArtifactError(
            f"The file {name} of {card.id} is missing. Restore it or train the model again."
        )
    digest = hashlib.sha256(contents).hexdigest()
    if digest != expected:
        damage = DamagedArtifactError(
            f"The file {name} of {card.id} is damaged or belongs to another training: it does not "
            "have the SHA-256 on the card. Restore it or train the model again."
        )
        damage.add_note(f"expected the SHA-256 {expected}, got {digest}")
        raise damage
    return contents


def _is_replaced(card: ModelCard, name: str, directory: Path | None) -> bool:
    """Whether the file on disk should by now be another one than the card says."""
    try:
        return load_card(card.id, directory).files.get(name) != card.files.get(name)
    except FileNotFoundError:  # a run that is being trained again
        return True


def read_unchecked(model_id: str, name: str, directory: Path | None) -> bytes | None:
    """The contents of a file in a model's directory as they are; None where it is missing."""
    for place in _list_places(model_id, directory):
        try:
            return (place / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
    return None


def _list_places(model_id: str, directory: Path | None) -> Iterator[Path]:
    """Where to look for a model: twice in its own place, as it may be moved there meanwhile."""
    place = locate_model(model_id, directory)
    yield place
    yield locate_previous(model_id, directory)
    yield place


def load_history(
    model_id: str, directory: Path | None = None, *, card: ModelCard | None = None
) -> TrainingHistory:
    """Loss and accuracy of every epoch. Takes and raises what ``read_file`` does."""
    return parse_history(read_file(model_id, HISTORY_FILE, directory, card=card))


def parse_history(contents: bytes) -> TrainingHistory:
    """The history in the contents of its file; KeyError, TypeError or ValueError if it is none."""
    rows = list(csv.DictReader(contents.decode("utf-8").splitlines()))
    measured = [
        np.array([float(row[name]) for row in rows])
        for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    ]
    unchanged = [
        np.array([float(row.get(name) or "nan") for row in rows])
        for name in (UNCHANGED_LOSS, UNCHANGED_ACCURACY)
    ]
    return TrainingHistory(*measured, *unchanged)


def parse_array(contents: bytes) -> npt.NDArray[Any]:
    """The array in the contents of a NumPy file; nothing is unpickled."""
    return np.load(io.BytesIO(contents), allow_pickle=False)


def load_validation_confusions(
    model_id: str, directory: Path | None = None, *, card: ModelCard | None = None
) -> npt.NDArray[np.int64]:
    """Counts on the validation set after every epoch, ``(E, 10, 10)``: true class by predicted.

    Takes and raises what ``read_file`` does.
    """
    counts = parse_array(read_file(model_id, VALIDATION_CONFUSIONS_FILE, directory, card=card))
    return counts.astype(np.int64)


def load_test_probabilities(
    model_id: str, directory: Path | None = None, *, card: ModelCard | None = None
) -> npt.NDArray[np.float32]:
    """Probabilities on a model's test set in its own order, ``(N, 10)``, kept in 16 bits.

    Takes and raises what ``read_file`` does.
    """
    return parse_array(read_file(model_id, TEST_PROBABILITIES_FILE, directory, card=card)).astype(
        np.float32
    )


def load_replication(model_id: str, directory: Path | None = None) -> Replication | None:
    """The result of training by the published recipe, or None where nobody has tried.

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
        damage = DamagedArtifactError(
            f"The file {path.name} in {path.parent.name} is damaged. Restore it or train the model "
            "again with its published recipe."
        )
        damage.add_note(str(error))
        raise damage from error


def locate_replication(model_id: str, directory: Path | None = None) -> Path:
    """The file of a replication, whether it is there or not."""
    return (directory or ARTIFACTS_DIRECTORY) / REPLICATIONS_DIRECTORY / f"{model_id}.json"
