"""Runs that nobody had to train: a built-in model under a run's id."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.analysis.confusion import count_confusions
from core.analysis.metrics import estimate_accuracy
from core.inference.activations import read_first_layer
from core.inference.classifier import load_classifier
from core.models.card import MNIST
from core.models.files import (
    ARTIFACTS_DIRECTORY,
    CARD_FILE,
    KERAS_FILE,
    LITERT_FILE,
    SEALED_FILES,
    TEST_PROBABILITIES_FILE,
    WEIGHTS_FILE,
    load_card,
    read_file,
    runs_directory,
)
from core.models.publish import digest_files
from core.runs.owners import OWNERS_DIRECTORY
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.run import Run, new_run_id, save_run
from core.runs.training_data import BUNDLED_DIGITS, TAUGHT_DRAWINGS, split_bundled_digits

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


def finish_run_on_bundled_digits(run: Run, directory: Path | None = None) -> Run:
    """The same with a card that names the bundled digits as its training data."""
    plan = TrainingPlan.from_fields(run.plan)
    run = replace(run, plan=change_settings(plan, training_data=BUNDLED_DIGITS).to_fields())
    place = (directory or runs_directory()) / finish_run(run, directory).id
    split = split_bundled_digits()
    found = load_classifier(MODEL_ID).probabilities(split.test.frames).astype(np.float16)
    np.save(place / TEST_PROBABILITIES_FILE, found)
    card = load_card(run.id, directory)
    accuracy = estimate_accuracy(split.test.labels, found)
    metrics = {name: one for name, one in card.metrics.items() if name != "bundled_digits_accuracy"}
    counts = count_confusions(split.test.labels, found.argmax(axis=1))
    card = replace(
        card,
        trained_on=split.trained_on,
        test_set=split.test.id,
        dataset_sha256=split.sha256,
        metrics=metrics | {"test_accuracy": accuracy, "test_top_3_accuracy": accuracy},
        accuracy_by_digit={},
        test_confusion=tuple(tuple(int(count) for count in row) for row in counts),
        files=digest_files(place, (*SEALED_FILES, WEIGHTS_FILE)),
    )
    (place / CARD_FILE).write_text(card.to_json(), "utf-8")
    return run


def finish_taught_run(run: Run) -> Run:
    """The same with a card that says that the model was taught on the Draw page."""
    place = runs_directory() / finish_run(run).id
    recipe = {"start_from": MODEL_ID, "taught_drawings": 5, "steps": 60}
    card = replace(
        load_card(run.id),
        description="Its last layer was taught 5 drawings.",
        recipe=recipe,
        trained_on=(MNIST, TAUGHT_DRAWINGS),
    )
    (place / CARD_FILE).write_text(card.to_json(), "utf-8")
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
