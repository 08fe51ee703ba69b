"""Runs that nobody had to train: a built-in model under a run's id."""

import json
import shutil
from pathlib import Path

import numpy as np

from core.inference.activations import read_first_layer
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    CARD_FILE,
    KERAS_FILE,
    LITERT_FILE,
    SEALED_FILES,
    WEIGHTS_FILE,
    load_card,
    read_file,
    runs_directory,
)
from core.models.publish import digest_files
from core.runs.owners import OWNERS_DIRECTORY
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe
from core.runs.run import Run, new_run_id, save_run

MODEL_ID = "logistic_regression"


def make_run(**changes: object) -> Run:
    recipe = Recipe.from_card(load_card(MODEL_ID, ARTIFACTS_DIRECTORY).recipe)
    plan = TrainingPlan(architecture=MODEL_ID, train_fraction=1, recipe=recipe)
    fields = {"id": new_run_id(), "name": "My model", "plan": plan.to_fields()}
    return Run(**fields | changes)


def finish_run(run: Run, directory: Path | None = None) -> Run:
    """Keep a run with the files of a built-in model, as training leaves them."""
    place = save_run(run, directory)
    for name in SEALED_FILES:
        shutil.copy(ARTIFACTS_DIRECTORY / MODEL_ID / name, place)
    card = json.loads((ARTIFACTS_DIRECTORY / MODEL_ID / CARD_FILE).read_text("utf-8"))
    write_weights(place)
    card |= {"id": run.id, "files": digest_files(place, (*SEALED_FILES, WEIGHTS_FILE))}
    (place / CARD_FILE).write_text(json.dumps(card), "utf-8")
    return run


def write_weights(place: Path) -> None:
    """The weights of the built-in model, from its LiteRT file: it has a single dense layer."""
    layer = read_first_layer(read_file(MODEL_ID, LITERT_FILE))
    kernel = layer.weights.reshape(len(layer.bias), -1).T
    np.save(place / WEIGHTS_FILE, np.concatenate([kernel.ravel(), layer.bias]))


def rebuild_built_in(place: Path) -> None:
    """Rebuild the built-in model in a run's directory as the trainer does, without TensorFlow."""
    for name in (KERAS_FILE, LITERT_FILE):
        shutil.copy(ARTIFACTS_DIRECTORY / MODEL_ID / name, place)
    write_weights(place)


def list_places(directory: Path) -> list[str]:
    """What stands in the runs directory, except the index of owners."""
    return sorted(path.name for path in directory.iterdir() if path.name != OWNERS_DIRECTORY)


def damage(run: Run, name: str = CARD_FILE, directory: Path | None = None) -> None:
    """Cut a file of a run short."""
    file = (directory or runs_directory()) / run.id / name
    file.write_bytes(file.read_bytes()[:1000])
