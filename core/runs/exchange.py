"""The exchange file: a finished run as a zip, which another Digit Lab can take in.

It holds ``manifest.json``, which says what the run is called and the SHA-256 of every other file,
and the files of a model directory as they are: its card and what that seals. The owner is left out.
What is read may come from a stranger: everything is checked in memory before anything is written,
and the Keras file is kept for who wants it, but never loaded.
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
    MAX_QUOTE_LENGTH,
    check_names,
    expect,
    expect_schema,
    open_archive,
    read_member,
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
from core.runs.run import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    Run,
    load_run,
    new_run_id,
    save_run,
)
from core.runs.store import STAGING_PREFIX, check_quota

MANIFEST_FILE = "manifest.json"
PACKED_FILES = (CARD_FILE, *SEALED_FILES)
# What the server takes at once. A model of a million parameters takes 4 MB, and as much again as a
# Keras file.
MAX_ARCHIVE_BYTES = 10 * 2**20  # bytes
MAX_JSON_BYTES = 200_000  # bytes
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
# Lists and mappings within each other, as a recipe has them.
MAX_DEPTH = 6
SHA256 = "^[0-9a-f]{64}$"


class Manifest(BaseModel):
    """The file manifest.json of an exported run."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["digitlab-run"]
    version: Literal[1]
    name: str = Field(min_length=1, max_length=MAX_NAME_LENGTH)
    description: str = Field(max_length=MAX_DESCRIPTION_LENGTH)
    created_at: AwareDatetime
    plan: dict[str, JsonValue]
    files: dict[str, Annotated[str, Field(pattern=SHA256)]]


def export_run(run_id: str, directory: Path | None = None) -> bytes:
    """Pack a finished run into a zip. Whose it is, is not checked here.

    Raises:
        UnknownRunError: there is none of that id.
        FileNotFoundError, DamagedArtifactError: it is not finished, or one of its files is not the
            one on its card.
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
    """Take the run of a zip in, under a new id.

    Args:
        contents: the zip file.
        owner: whose it becomes.
        directory: where runs are.

    Raises:
        ValueError: it is no export of a run, or holds something damaged or something else; nothing
            is kept of it.
        TooManyRunsError: the owner has as many runs as there may be.
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
    """The manifest, and the files that it promises, by name."""
    names = (MANIFEST_FILE, *PACKED_FILES)
    with open_archive(
        contents,
        what="a zip of a run as Digit Lab exports it",
        most_bytes=MAX_ARCHIVE_BYTES,
        most_files=len(names),
    ) as archive:
        check_names(archive, names, what=f"{', '.join(names)}, and nothing else,")
        manifest = _read_manifest(read_member(archive, MANIFEST_FILE, MAX_JSON_BYTES))
        if set(manifest.files) != set(PACKED_FILES):
            raise ValueError(f"expected {MANIFEST_FILE} to name every other file, got other names")
        files = {name: read_member(archive, name, MAX_FILE_BYTES[name]) for name in PACKED_FILES}
    for name, promised in manifest.files.items():
        if _digest(files[name]) != promised:
            raise ValueError(
                f"expected {name} with the SHA-256 {promised[:12]}… that {MANIFEST_FILE} names, "
                "got another file; export the run again"
            )
    return manifest, files


def _read_manifest(text: bytes) -> Manifest:
    _check_json(text, MANIFEST_FILE)
    with expect_schema(MANIFEST_FILE):
        return Manifest.model_validate_json(text)


def _read_card(files: Mapping[str, bytes]) -> ModelCard:
    """The card, of which every field has its type and every digest is right."""
    text = files[CARD_FILE]
    _check_json(text, CARD_FILE)
    with expect_schema(CARD_FILE):
        TypeAdapter(ModelCard).validate_json(text, strict=True)
    card = ModelCard.from_json(text.decode("utf-8"))
    check_metrics(card)
    if card.files != {name: _digest(files[name]) for name in SEALED_FILES}:
        raise ValueError(f"expected {CARD_FILE} to hold the SHA-256 of the files, got others")
    if card.frame_version != FRAME_VERSION:
        raise ValueError(
            f"expected a model that reads frames of version {FRAME_VERSION}, got one of version "
            f"{card.frame_version}; train it again"
        )
    if "members" in card.recipe or not card.layers:
        raise ValueError("expected a model that was trained itself, got a committee")
    _check_figures(card)
    return card


def _check_figures(card: ModelCard) -> None:
    """Raises ValueError where the figures on a card are not of one test set."""
    confusion = np.array(card.test_confusion)
    right, total = int(np.trace(confusion)), int(confusion.sum())
    if confusion.min() < 0 or total != TEST_DIGITS:
        raise ValueError(f"expected counts of {TEST_DIGITS:,} digits on {CARD_FILE}, got {total:,}")
    if abs(right / total - card.metrics["test_accuracy"].value) > 1e-6:
        raise ValueError(f"expected {CARD_FILE} to say the accuracy of its counts, got another")
    shares = [one for row in card.accuracy_by_digit.values() for one in row]
    if any(len(row) != 10 for row in card.accuracy_by_digit.values()) or not all(
        0 <= one <= 1 for one in shares
    ):
        raise ValueError(f"expected ten shares for each data set on {CARD_FILE}, got others")


def _check_history(card: ModelCard, files: Mapping[str, bytes]) -> None:
    with expect(f"{HISTORY_FILE} with a row of four figures an epoch", KeyError, TypeError):
        history = parse_history(files[HISTORY_FILE])
    columns = (
        history.loss, history.accuracy, history.validation_loss, history.validation_accuracy,
    )  # fmt: skip
    if not all(np.isfinite(one).all() for one in columns):
        raise ValueError(f"expected finite figures in {HISTORY_FILE}, got others")
    if not 1 <= card.best_epoch <= history.epochs <= MAX_IMPORTED_EPOCHS:
        raise ValueError(
            f"expected 1 to {MAX_IMPORTED_EPOCHS:,} epochs, the kept one among them, got "
            f"{history.epochs:,} and epoch {card.best_epoch}"
        )


def _check_arrays(files: Mapping[str, bytes]) -> None:
    epochs = parse_history(files[HISTORY_FILE]).epochs
    confusions = _read_array(files, VALIDATION_CONFUSIONS_FILE, (epochs, 10, 10), "iu")
    if confusions.min() < 0 or confusions.sum(axis=(1, 2)).min() < 1:
        raise ValueError(f"expected counts in {VALIDATION_CONFUSIONS_FILE}, got none")
    said = _read_array(files, TEST_PROBABILITIES_FILE, (TEST_DIGITS, 10), "f").astype(np.float32)
    if not (said.min() >= 0 and np.allclose(said.sum(axis=1), 1, atol=1e-2)):
        raise ValueError(f"expected probabilities in {TEST_PROBABILITIES_FILE}, got other numbers")


def _read_array(
    files: Mapping[str, bytes], name: str, shape: tuple[int, ...], kinds: str
) -> np.ndarray:
    """An array, whose head is read first: it could tell of more numbers than there is memory."""
    stream = io.BytesIO(files[name])
    with expect(f"{name} in NumPy's format"):
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version")
        found, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if found != shape or dtype.kind not in kinds:
        raise ValueError(
            f"expected {name} of shape {shape}, got shape {str(found)[:MAX_QUOTE_LENGTH]} of "
            f"{str(dtype)[:MAX_QUOTE_LENGTH]}"
        )
    with expect(f"{name} in NumPy's format"):
        return np.load(io.BytesIO(files[name]), allow_pickle=False)


def _write(run: Run, files: Mapping[str, bytes], home: Path) -> None:
    """Put the run together aside, and move it into its place whole."""
    staging = home / f"{STAGING_PREFIX}{secrets.token_hex(4)}"
    try:
        place = save_run(run, staging)
        for name, contents in files.items():
            (place / name).write_bytes(contents)
        os.rename(place, home / run.id)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _check_json(text: bytes, name: str) -> None:
    """Raises ValueError unless it is JSON of finite numbers, and not nested without end."""
    with expect(f"{name} as JSON", RecursionError):
        value = json.loads(text, parse_constant=_refuse)
    _check_depth(value, name, MAX_DEPTH)


def _check_depth(value: Any, name: str, depth: int) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"expected finite numbers in {name}, got another")
    if isinstance(value, dict | list):
        if not depth:
            raise ValueError(f"expected at most {MAX_DEPTH} levels in {name}, got more")
        for one in value.values() if isinstance(value, dict) else value:
            _check_depth(one, name, depth - 1)


def _refuse(constant: str) -> None:
    raise ValueError(f"expected a number, got {constant}")


def _digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
