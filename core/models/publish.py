"""Publishing a trained model: its directory is completed aside and then moved into place.

A server may be serving the model meanwhile, and a directory cannot replace another one in a single
step. So the last good model is first moved to ``.<model id>.previous``. Until the new one is in
place, or for good where the process is killed in between, ``files.py`` reads it there.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from core.atomic_files import replace_file, write_atomically
from core.models.card import Estimate, ModelCard, Replication
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    CARD_FILE,
    LITERT_FILE,
    ROBUSTNESS_FILE,
    SEALED_FILES,
    ModelReplacedError,
    load_card,
    locate_model,
    locate_previous,
    locate_replication,
)


def save_replication(replication: Replication, directory: Path = ARTIFACTS_DIRECTORY) -> Path:
    """Write a replication in place of an older one; returns its path."""
    path = locate_replication(replication.model_id, directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(asdict(replication), indent=2) + "\n")
    return path


def replace_metrics(
    model_id: str,
    model_sha256: str,
    prefix: str,
    metrics: Mapping[str, Estimate],
    directory: Path | None = None,
) -> None:
    """Write metrics that were measured after the training on the card of a model.

    Args:
        model_id: of a built-in model.
        model_sha256: of the LiteRT file that was measured.
        prefix: metrics whose names begin with it are replaced.
        metrics: the new ones by name.
        directory: where models are; by default, the built-in ones.

    Raises:
        ModelReplacedError: the model is no longer the one that was measured.
    """
    card = load_card(model_id, directory)
    if card.files[LITERT_FILE] != model_sha256:
        raise ModelReplacedError(
            f"The model {card.title} has been replaced by a new one. Please measure it again."
        )
    kept = {name: one for name, one in card.metrics.items() if not name.startswith(prefix)}
    card = replace(card, metrics={**kept, **metrics})
    write_atomically(locate_model(model_id, directory) / CARD_FILE, card.to_json())


def digest_files(directory: Path, names: Iterable[str] = SEALED_FILES) -> dict[str, str]:
    """SHA-256 of files, by name; by default, of those that every card lists."""
    return {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}


def publish(staging: Path, card: ModelCard, directory: Path = ARTIFACTS_DIRECTORY) -> Path:
    """Move a finished staging directory, on the same disk, into the place of its model.

    At any time, there is a complete model to read; see the module's docstring.

    Returns:
        The directory of the published model.
    """
    (staging / CARD_FILE).write_text(card.to_json(), "utf-8")
    final, previous = directory / card.id, locate_previous(card.id, directory)
    if final.exists():  # otherwise the last good model is the one at ``previous``
        shutil.rmtree(previous, ignore_errors=True)
        os.replace(final, previous)
    os.replace(staging, final)
    shutil.rmtree(previous, ignore_errors=True)
    return final


def publish_files(staging: Path, card: ModelCard, place: Path) -> None:
    """Copy a finished model's files to ``place``, beside other files there, the card last.

    A directory without a card is no model, so nobody reads files of two trainings as one.
    """
    for name in (CARD_FILE, ROBUSTNESS_FILE):
        (place / name).unlink(missing_ok=True)
    (staging / CARD_FILE).write_text(card.to_json(), "utf-8")
    for name in (*card.files, CARD_FILE):
        with replace_file(place / name) as temporary:
            shutil.copyfile(staging / name, temporary)
