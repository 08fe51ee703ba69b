"""Export and import: a finished run as a zip file, which another Digit Lab can import.

The zip has ``manifest.json``, with the name of the run and the SHA-256 of every other file, and the
files of the model's directory: the card and the files that the card lists. The owner is left out.
An imported zip is not trusted: everything is checked in memory before anything is written, and the
Keras file is stored for downloads, but never loaded.
"""

import hashlib
import io
import json
import math
import os
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
)

from core.archives import (
    CHOOSE_EXPORT,
    MAX_QUOTE_LENGTH,
    open_archive,
    refuse_damaged,
    refuse_invalid,
)
from core.digits.frame import FRAME_VERSION
from core.inference.sandbox import validate_in_sandbox
from core.models.card import ModelCard
from core.models.files import (
    CARD_FILE,
    HISTORY_FILE,
    KERAS_FILE,
    LITERT_FILE,
    SEALED_FILES,
    TEST_PROBABILITIES_FILE,
    VALIDATION_CONFUSIONS_FILE,
    load_card,
    parse_history,
    read_file,
    runs_directory,
)
from core.runs.finished import check_metrics
from core.runs.owners import forget_run, record_run
from core.runs.run import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    Run,
    load_run,
    new_run_id,
    write_run,
)
from core.runs.store import STAGING_PREFIX, check_quota

MANIFEST_FILE = "manifest.json"
PACKED_FILES = (CARD_FILE, *SEALED_FILES)
TEXT_FILES = (CARD_FILE, HISTORY_FILE)
# Largest sizes in bytes. A million parameters take 4 MB in a LiteRT and as much in a Keras file.
MAX_ARCHIVE_BYTES = 10 * 2**20
MAX_JSON_BYTES = 200_000
MAX_FILE_BYTES = {
    CARD_FILE: MAX_JSON_BYTES,
    KERAS_FILE: MAX_ARCHIVE_BYTES,
    LITERT_FILE: MAX_ARCHIVE_BYTES,
    HISTORY_FILE: 1_000_000,
    VALIDATION_CONFUSIONS_FILE: 2_000_000,
    TEST_PROBABILITIES_FILE: 1_000_000,
}
TEST_DIGITS = 10_000
MAX_IMPORTED_EPOCHS = 1000
# The largest depth of nested lists and mappings; a recipe has some.
MAX_DEPTH = 6
SHA256 = "^[0-9a-f]{64}$"


class Manifest(BaseModel):
    """The file manifest.json of an exported run."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["digitlab-run"]
    version: Literal[1]
    name: str = Field(max_length=MAX_NAME_LENGTH, pattern=r"\S")
    description: str = Field(max_length=MAX_DESCRIPTION_LENGTH)
    created_at: AwareDatetime
    plan: dict[str, JsonValue]
    files: dict[str, Annotated[str, Field(pattern=SHA256)]]


def export_run(run_id: str, directory: Path | None = None) -> bytes:
    """Pack a finished run into a zip. Does not check the owner.

    Raises:
        UnknownRunError: there is no run of that id.
        FileNotFoundError: it is not finished.
        DamagedArtifactError: one of its files is not the one on its card.
    """
    run = load_run(run_id, directory)
    card = load_card(run_id, directory)
    files = {CARD_FILE: card.to_json().encode()}
    files |= {name: read_file(run_id, name, directory) for name in SEALED_FILES}
    manifest = Manifest(
        format="digitlab-run",
        version=1,
        name=run.name.strip(),
        description=run.description,
        created_at=run.created_at,
        plan=dict(run.plan),
        files={name: _digest(contents) for name, contents in files.items()},
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST_FILE, manifest.model_dump_json(indent=2))
        for name, contents in files.items():
            archive.writestr(name, contents)
    return buffer.getvalue()


def import_run(contents: bytes, owner: str, directory: Path | None = None) -> Run:
    """Import the run in a zip under a new id.

    Args:
        contents: of the zip file.
        owner: the owner of the new run.
        directory: where runs are.

    Raises:
        ValueError: the file is not an export of a run, or a part of it is damaged; nothing is
            stored.
        TooManyRunsError: the owner already has the maximum number of runs.
    """
    check_quota(owner, directory)
    manifest, files = _unpack(contents)
    card = _read_card(files)
    _check_history(card, files)
    _check_arrays(files)
    validate_in_sandbox(files[LITERT_FILE])
    run = Run(
        id=new_run_id(),
        name=manifest.name,
        plan=manifest.plan,
        owner=owner,
        description=manifest.description,
        created_at=manifest.created_at,
    )
    files[CARD_FILE] = replace(card, id=run.id).to_json().encode()
    _write(run, files, directory or runs_directory())
    return run


def _unpack(contents: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest, and the files that it lists, by name."""
    names = (MANIFEST_FILE, *PACKED_FILES)
    with open_archive(
        contents,
        MANIFEST_FILE,
        description="a zip of a run",
        max_bytes=MAX_ARCHIVE_BYTES,
        max_files=len(names),
    ) as archive:
        archive.check_names(names)
        manifest = _read_manifest(archive.read_text(MANIFEST_FILE, MAX_JSON_BYTES))
        if set(manifest.files) != set(PACKED_FILES):
            raise ValueError(
                f"The file {MANIFEST_FILE} does not list the files of the zip. {CHOOSE_EXPORT}"
            )
        files = {name: archive.read(name, MAX_FILE_BYTES[name]) for name in PACKED_FILES}
        files |= {name: archive.read_text(name, MAX_FILE_BYTES[name]) for name in TEXT_FILES}
    for name, expected in manifest.files.items():
        if _digest(files[name]) != expected:
            raise ValueError(
                f"The file {name} does not have the SHA-256 that is in {MANIFEST_FILE}. "
                "Export the run again."
            )
    return manifest, files


def _read_manifest(text: bytes) -> Manifest:
    _check_json(text, MANIFEST_FILE)
    with refuse_invalid(MANIFEST_FILE):
        return Manifest.model_validate_json(text)


def _read_card(files: Mapping[str, bytes]) -> ModelCard:
    """The card, after a check of its fields, figures and digests."""
    text = files[CARD_FILE]
    _check_json(text, CARD_FILE)
    with refuse_invalid(CARD_FILE):
        TypeAdapter(ModelCard).validate_json(text, strict=True)
    with refuse_damaged(f"The file {CARD_FILE} is not a valid model card. {CHOOSE_EXPORT}"):
        card = ModelCard.from_json(text.decode("utf-8"))
        check_metrics(card)
    if card.files != {name: _digest(files[name]) for name in SEALED_FILES}:
        raise ValueError(
            f"The file {CARD_FILE} does not have the SHA-256 of the other files. "
            "Export the run again."
        )
    if card.frame_version != FRAME_VERSION:
        raise ValueError(
            f"This model was trained on frames of version {card.frame_version}, but this Digit Lab "
            f"uses version {FRAME_VERSION}. Train the model again."
        )
    if "members" in card.recipe or not card.layers:
        raise ValueError("This model is an ensemble, which cannot be imported as a run.")
    _check_figures(card)
    return card


def _check_figures(card: ModelCard) -> None:
    """Raises ValueError where the figures on a card contradict each other."""
    confusion = np.array(card.test_confusion)
    right, total = int(np.trace(confusion)), int(confusion.sum())
    if confusion.min() < 0 or total != TEST_DIGITS:
        raise ValueError(
            f"The confusion matrix in {CARD_FILE} must have counts of {TEST_DIGITS:,} digits, not "
            f"{total:,}. {CHOOSE_EXPORT}"
        )
    if abs(right / total - card.metrics["test_accuracy"].value) > 1e-6:
        raise ValueError(
            f"The accuracy in {CARD_FILE} does not agree with its confusion matrix. {CHOOSE_EXPORT}"
        )
    shares = [share for row in card.accuracy_by_digit.values() for share in row]
    if any(len(row) != 10 for row in card.accuracy_by_digit.values()) or not all(
        0 <= share <= 1 for share in shares
    ):
        raise ValueError(
            f"The accuracies by digit in {CARD_FILE} must be ten numbers from 0 to 1 for each data "
            f"set. {CHOOSE_EXPORT}"
        )


def _check_history(card: ModelCard, files: Mapping[str, bytes]) -> None:
    message = (
        f"The file {HISTORY_FILE} must have a row with four numbers for each epoch. {CHOOSE_EXPORT}"
    )
    with refuse_damaged(message, KeyError, TypeError):
        history = parse_history(files[HISTORY_FILE])
    columns = (
        history.loss, history.accuracy, history.validation_loss, history.validation_accuracy,
    )  # fmt: skip
    if not all(np.isfinite(column).all() for column in columns):
        raise ValueError(
            f"The file {HISTORY_FILE} has numbers that are not finite. {CHOOSE_EXPORT}"
        )
    if not 1 <= card.best_epoch <= history.epochs <= MAX_IMPORTED_EPOCHS:
        raise ValueError(
            f"The file {HISTORY_FILE} must have 1 to {MAX_IMPORTED_EPOCHS:,} epochs, with the best "
            f"epoch of {CARD_FILE} among them. It has {history.epochs:,} epochs, and the best one "
            f"is {card.best_epoch}."
        )


def _check_arrays(files: Mapping[str, bytes]) -> None:
    epochs = parse_history(files[HISTORY_FILE]).epochs
    confusions = _read_array(files, VALIDATION_CONFUSIONS_FILE, (epochs, 10, 10), "iu")
    if confusions.min() < 0 or confusions.sum(axis=(1, 2)).min() < 1:
        raise ValueError(
            f"The file {VALIDATION_CONFUSIONS_FILE} must have counts of 0 or more, and at least "
            f"one digit for each epoch. {CHOOSE_EXPORT}"
        )
    probabilities = _read_array(files, TEST_PROBABILITIES_FILE, (TEST_DIGITS, 10), "f")
    probabilities = probabilities.astype(np.float32)
    sums = probabilities.sum(axis=1)
    if not (probabilities.min() >= 0 and np.allclose(sums, 1, atol=1e-2)):
        raise ValueError(
            f"The file {TEST_PROBABILITIES_FILE} must have probabilities that add up to 1 for each "
            f"digit. {CHOOSE_EXPORT}"
        )


def _read_array(
    files: Mapping[str, bytes], name: str, shape: tuple[int, ...], kinds: str
) -> np.ndarray:
    """Read an array, its header first: it may declare more numbers than fit into memory."""
    stream = io.BytesIO(files[name])
    damaged = f"The file {name} is not a NumPy array, or it is damaged. {CHOOSE_EXPORT}"
    with refuse_damaged(damaged):
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version")
        found, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if found != shape or dtype.kind not in kinds:
        raise ValueError(
            f"The array in {name} must have the shape {shape}. It has the shape "
            f"{str(found)[:MAX_QUOTE_LENGTH]} and the type {str(dtype)[:MAX_QUOTE_LENGTH]}."
        )
    with refuse_damaged(damaged):
        return np.load(io.BytesIO(files[name]), allow_pickle=False)


def _write(run: Run, files: Mapping[str, bytes], home: Path) -> None:
    """Write the run in a staging directory, and move it into its place when it is complete."""
    staging = home / f"{STAGING_PREFIX}{secrets.token_hex(4)}"
    try:
        place = write_run(run, staging)
        for name, contents in files.items():
            (place / name).write_bytes(contents)
        record_run(run.id, run.owner, home)
        os.rename(place, home / run.id)
    except OSError:
        forget_run(run.id, run.owner, home)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _check_json(text: bytes, name: str) -> None:
    """Raises ValueError unless it is JSON with finite numbers and without deep nesting."""
    damaged = f"The file {name} is not valid JSON. {CHOOSE_EXPORT}"
    with refuse_damaged(damaged, RecursionError):
        value = json.loads(text, parse_constant=_refuse)
    _check_depth(value, name, MAX_DEPTH)


def _check_depth(value: Any, name: str, depth: int) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"The file {name} has a number that is not finite. {CHOOSE_EXPORT}")
    if isinstance(value, dict | list):
        if not depth:
            raise ValueError(
                f"The file {name} has more than {MAX_DEPTH} nested levels. {CHOOSE_EXPORT}"
            )
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, name, depth - 1)


def _refuse(constant: str) -> None:
    raise ValueError(f"expected a number, got {constant}")


def _digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
