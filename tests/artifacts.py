"""Copies of built-in models in a directory where a test may publish others or damage them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.models import files
from core.models.card import ModelCard
from core.models.files import CARD_FILE, LITERT_FILE, load_card
from core.models.publish import publish

ORIGINALS = files.ARTIFACTS_DIRECTORY


def copy_models(directory: Path, patch: pytest.MonkeyPatch, *model_ids: str) -> Path:
    """Have only copies of these models as the built-in ones; returns their directory."""
    for model_id in model_ids:
        shutil.copytree(ORIGINALS / model_id, directory / model_id)
    patch.setattr(files, "ARTIFACTS_DIRECTORY", directory)
    return directory


def stage(model_id: str, source_id: str, directory: Path) -> tuple[Path, ModelCard]:
    """The files of another model in a staging directory, and a card that has the first one's id."""
    staging = directory / f".{model_id}.training"
    shutil.copytree(ORIGINALS / source_id, staging)
    (staging / CARD_FILE).unlink()
    card = load_card(source_id, ORIGINALS)
    return staging, replace(card, id=model_id, description=f"Trained as {source_id}.")


def publish_as(model_id: str, source_id: str, directory: Path) -> ModelCard:
    """Publish the files of another model under an id, as training it again does."""
    staging, card = stage(model_id, source_id, directory)
    publish(staging, card, directory)
    return card


def cut_card(model_id: str, directory: Path) -> None:
    """Leave half of a model's card."""
    file = directory / model_id / CARD_FILE
    file.write_text(file.read_text("utf-8")[:1000], "utf-8")


def rewrite_card(model_id: str, directory: Path, **changes: object) -> None:
    """Change fields of a model's card in place."""
    file = directory / model_id / CARD_FILE
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def flip_byte(model_id: str, directory: Path, name: str = LITERT_FILE) -> None:
    """Change one byte in the middle of a file of a model."""
    file = directory / model_id / name
    contents = bytearray(file.read_bytes())
    contents[len(contents) // 2] ^= 1
    file.write_bytes(contents)


def remove_card(model_id: str, directory: Path) -> None:
    """Leave a model without its card."""
    (directory / model_id / CARD_FILE).unlink()


# What may happen to a built-in model, and what is then said of it.
DAMAGES = [
    (flip_byte, "The file model.tflite of lenet5 is damaged"),
    (cut_card, "The card of lenet5 is damaged"),
    (remove_card, "The card.json of lenet5 is missing"),
]
