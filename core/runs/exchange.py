"""Export and import: a finished run as a zip file, which another Digit Lab can import.

The zip has ``manifest.json``, with the name of the run, its plan and the SHA-256 of every other
file, the card, the figures and the weights as numbers. There is no model in it: whoever imports a
run rebuilds the model from its plan and its weights. Zips of the first version have the weights in
a Keras file, and a LiteRT file, which is not read. The owner is left out. An imported zip is not
trusted: all that can be checked in memory is checked before anything is written.
"""

import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from core.archives import CHOOSE_EXPORT, open_archive, refuse_invalid
from core.models.card import ModelCard
from core.models.files import (
    CARD_FILE,
    HISTORY_FILE,
    KERAS_FILE,
    LITERT_FILE,
    SEALED_FILES,
    TEST_PROBABILITIES_FILE,
    VALIDATION_CONFUSIONS_FILE,
    WEIGHTS_FILE,
    load_card,
    read_file,
    runs_directory,
)
from core.models.publish import digest_files
from core.runs.imported_files import (
    check_arrays,
    check_history,
    check_json,
    check_plan,
    digest,
    read_card,
)
from core.runs.owners import forget_run, record_run
from core.runs.rebuilding import rebuild_model
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
FIGURES = (CARD_FILE, HISTORY_FILE, VALIDATION_CONFUSIONS_FILE, TEST_PROBABILITIES_FILE)
TEXT_FILES = (CARD_FILE, HISTORY_FILE)
# The files of a zip by its version: those that are read, and those that are listed and not read.
PACKED_FILES = {1: (*FIGURES, KERAS_FILE), 2: (*FIGURES, WEIGHTS_FILE)}
IGNORED_FILES = {1: (LITERT_FILE,), 2: ()}
# Largest sizes in bytes. A million parameters take 4 MB.
MAX_ARCHIVE_BYTES = 10 * 2**20
MAX_JSON_BYTES = 200_000
MAX_FILE_BYTES = {
    CARD_FILE: MAX_JSON_BYTES,
    KERAS_FILE: MAX_ARCHIVE_BYTES,
    WEIGHTS_FILE: MAX_ARCHIVE_BYTES,
    HISTORY_FILE: 1_000_000,
    VALIDATION_CONFUSIONS_FILE: 2_000_000,
    TEST_PROBABILITIES_FILE: 1_000_000,
}
SHA256 = "^[0-9a-f]{64}$"


class Manifest(BaseModel):
    """The file manifest.json of an exported run."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["digitlab-run"]
    version: Literal[1, 2]
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
    files |= {name: read_file(run_id, name, directory, card=card) for name in FIGURES[1:]}
    files[WEIGHTS_FILE] = _read_weights(run, card, directory)
    manifest = Manifest(
        format="digitlab-run",
        version=2,
        name=run.name.strip(),
        description=run.description,
        created_at=run.created_at,
        plan=dict(run.plan),
        files={name: digest(contents) for name, contents in files.items()},
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
        TrainingUnavailableError: TensorFlow, which rebuilds the model, is not installed.
    """
    check_quota(owner, directory)
    manifest, files = _unpack(contents)
    card = read_card(files)
    check_history(card, files)
    check_arrays(card, files)
    check_plan(manifest.plan, card)
    run = Run(
        id=new_run_id(),
        name=manifest.name,
        plan=manifest.plan,
        owner=owner,
        description=manifest.description,
        created_at=manifest.created_at,
        named_at=datetime.now(UTC),
    )
    _write(run, card, files, directory or runs_directory())
    return run


def _read_weights(run: Run, card: ModelCard, directory: Path | None) -> bytes:
    """The file of a run's weights; runs of earlier versions have them in their Keras file."""
    if WEIGHTS_FILE in card.files:
        return read_file(run.id, WEIGHTS_FILE, directory, card=card)
    with TemporaryDirectory() as aside:
        place = write_run(run, Path(aside))
        (place / KERAS_FILE).write_bytes(read_file(run.id, KERAS_FILE, directory, card=card))
        rebuild_model(place)
        return (place / WEIGHTS_FILE).read_bytes()


def _unpack(contents: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest, and the files that it lists, by name."""
    with open_archive(
        contents,
        MANIFEST_FILE,
        description="a zip of a run",
        max_bytes=MAX_ARCHIVE_BYTES,
        max_files=10,
    ) as archive:
        manifest = _read_manifest(archive.read_text(MANIFEST_FILE, MAX_JSON_BYTES))
        names, ignored = PACKED_FILES[manifest.version], IGNORED_FILES[manifest.version]
        archive.check_names({MANIFEST_FILE, *names, *ignored})
        if set(manifest.files) != {*names, *ignored}:
            raise ValueError(
                f"The file {MANIFEST_FILE} does not list the files of the zip. {CHOOSE_EXPORT}"
            )
        files = {name: archive.read(name, MAX_FILE_BYTES[name]) for name in names}
        files |= {name: archive.read_text(name, MAX_FILE_BYTES[name]) for name in TEXT_FILES}
    for name in names:
        if digest(files[name]) != manifest.files[name]:
            raise ValueError(
                f"The file {name} does not have the SHA-256 that is in {MANIFEST_FILE}. "
                "Export the run again."
            )
    return manifest, files


def _read_manifest(text: bytes) -> Manifest:
    check_json(text, MANIFEST_FILE)
    with refuse_invalid(MANIFEST_FILE):
        return Manifest.model_validate_json(text)


def _write(run: Run, card: ModelCard, files: Mapping[str, bytes], home: Path) -> None:
    """Rebuild the model in a staging directory, and move it into its place when it is complete."""
    staging = home / f"{STAGING_PREFIX}{secrets.token_hex(4)}"
    try:
        place = write_run(run, staging)
        for name, contents in files.items():
            (place / name).write_bytes(contents)
        rebuild_model(place)
        digests = digest_files(place, (*SEALED_FILES, WEIGHTS_FILE))
        card = replace(card, id=run.id, files=digests)
        (place / CARD_FILE).write_text(card.to_json(), "utf-8")
        record_run(run.id, run.owner, home)
        os.rename(place, home / run.id)
    except OSError:
        forget_run(run.id, run.owner, home)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
