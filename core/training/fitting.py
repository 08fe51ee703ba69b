"""Fitting: how each type of recipe trains a model.

The history and the validation confusion matrices are written into the staging directory. The
settings of ``Recipe`` are applied here. This module does not know the test set.
"""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from time import perf_counter

import keras
import numpy as np
import tensorflow as tf

from core.analysis.calibration import mean_loss
from core.analysis.confusion import count_confusions
from core.atomic_files import write_atomically
from core.digits.datasets import Dataset
from core.inference.classifier import load_classifier
from core.models import files
from core.models.card import UNCHANGED_ACCURACY, UNCHANGED_LOSS
from core.runs.forecast import (
    COPIES_BEFORE,
    compute_between,
    count_predicted,
    count_unchanged,
)
from core.runs.progress import Point, Validation
from core.runs.recipe import Recipe
from core.runs.speeds import Speeds
from core.runs.training_data import take
from core.training.architectures import SoftenInTraining
from core.training.augmented_copies import AugmentedCopies, plain_copy
from core.training.callbacks import (
    AveragedWeights,
    BestWeights,
    Reporter,
    UnchangedImages,
    ValidationConfusions,
    choose_momentum,
    find_best_epoch,
    save_confusions,
    weights_file,
)
from core.training.copy_batches import CopyBatches
from core.training.numpy_network import DenseNetwork, train_epochs
from core.training.stopwatch import Stopwatch
from core.training.teaching import Pupil
from core.training.time_left import TimeLeft
from core.training.zoo import EnsembleRecipe, LessonRecipe, NumpyNetworkRecipe, ZooEntry

BACKUP_DIRECTORY = "backup"
# Where Keras writes the number of epochs before the backup.
BACKUP_NOTE = "training_metadata.json"
# About so many of the last updates count in an average of weights.
AVERAGED_UPDATES = 1000
UNCHANGED_SEED = 0
HISTORY_COLUMNS = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")
# Those of a training with Keras, in the order in which Keras writes them.
KERAS_COLUMNS = (*HISTORY_COLUMNS[:3], UNCHANGED_ACCURACY, UNCHANGED_LOSS, *HISTORY_COLUMNS[3:])


@dataclass(frozen=True, eq=False)
class Task:
    """What ``fit`` needs besides the recipe.

    Attributes:
        entry: its architecture is trained.
        training: training images.
        validation: the images by which the best epoch is chosen.
        staging: where the history and the validation confusion matrices are written.
        copies: where augmented copies of the training set are kept.
        models: where trained models are: teachers and the members of an ensemble. None for where
            those of each kind are.
        start_from: the Keras file whose weights the training starts from; None for random weights.
        reporter: reports progress. With a reporter, an interrupted training in the staging
            directory is resumed.
        stopwatch: times a training with Keras.
        speeds: what is known of it, to foresee the time that is left before parts were timed.
    """

    entry: ZooEntry
    training: Dataset
    validation: Dataset
    staging: Path
    copies: Path
    models: Path | None
    start_from: Path | None = None
    reporter: Reporter | None = None
    stopwatch: Stopwatch | None = None
    speeds: Speeds | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model with the weights of an epoch, counted from 1: that of the smallest validation loss.

    Where only its last layer has learned, a step is an epoch, and the last one counts.
    """

    model: keras.Model
    best_epoch: int


@singledispatch
def fit(recipe: object, task: Task) -> Fitted:
    """Train by a recipe, and write the history and the validation confusion matrices.

    Args:
        recipe: of one of the types in ``zoo.py``.
        task: what to train, and with which data.

    Raises:
        TypeError: there is no way to train by a recipe of this type.
        FileNotFoundError: the recipe names a model that is not trained yet.
    """
    raise TypeError(f"expected a recipe of the zoo for {task.entry.id}, got {recipe!r}")


@fit.register
def _fit_with_keras(recipe: Recipe, task: Task) -> Fitted:
    keras.utils.set_random_seed(recipe.seed)
    tf.config.experimental.enable_op_determinism()
    begun = _find_begun(task)
    started = perf_counter()
    batches = _build_batches(recipe, task, begun)
    copy_seconds = perf_counter() - started
    unchanged = UnchangedImages(choose_unchanged(task.training, task.validation))
    time_left = _foresee(recipe, task, begun, copy_seconds=copy_seconds)
    with _compute_in("mixed_bfloat16" if recipe.bfloat16 else "float32"):
        model = task.entry.build()
    if task.start_from:
        model.load_weights(task.start_from)
    model = _soften(model, recipe)
    model.compile(
        optimizer=_build_optimizer(recipe, len(batches)),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        batches,
        epochs=recipe.epochs,
        shuffle=False,  # the batches are shuffled already
        validation_data=(task.validation.frames, plain_copy(task.validation).targets),
        verbose=2 if task.reporter else "auto",
        callbacks=_list_callbacks(recipe, task, begun, unchanged, time_left),
    )
    best_epoch = find_best_epoch(_read_history(task.staging))
    # A new model, in float32 and without an optimizer: its file is smaller, and the converter
    # requires it.
    best = task.entry.build()
    _soften(best, recipe).load_weights(weights_file(task.staging, best_epoch))
    if not task.reporter:
        weights_file(task.staging, best_epoch).unlink()
    return Fitted(best, best_epoch)


@fit.register
def _fit_numpy_network(recipe: NumpyNetworkRecipe, task: Task) -> Fitted:
    model = task.entry.build()
    sizes = [kernel.shape for kernel in model.get_weights()[::2]]
    network = DenseNetwork([sizes[0][0], *(outputs for _, outputs in sizes)], seed=recipe.seed)
    labels = task.validation.labels
    rows, counts, best_loss, best_epoch = [], [], np.inf, 0
    epochs = train_epochs(
        network, task.training.frames, task.training.labels, recipe.phases, seed=recipe.seed
    )
    total = sum(phase.epochs for phase in recipe.phases)
    progress = keras.utils.Progbar(
        total, stateful_metrics=["loss", "val_accuracy"], unit_name="epoch"
    )
    for epoch, (loss, accuracy) in enumerate(epochs, start=1):
        probabilities = network.probabilities(task.validation.frames)
        validation_loss = mean_loss(labels, probabilities)
        validation_accuracy = float((probabilities.argmax(axis=1) == labels).mean())
        rows.append((epoch - 1, accuracy, loss, validation_accuracy, validation_loss))
        counts.append(count_confusions(labels, probabilities.argmax(axis=1)))
        progress.update(epoch, [("loss", loss), ("val_accuracy", validation_accuracy)])
        if validation_loss < best_loss:
            best_loss, best_epoch = validation_loss, epoch
            model.set_weights(network.keras_weights())
    _write_history(rows, task.staging)
    save_confusions(counts, task.staging)
    return Fitted(model, best_epoch)


@fit.register
def _build_ensemble(recipe: EnsembleRecipe, task: Task) -> Fitted:
    members = [_load_keras_model(model_id, task.models) for model_id in recipe.members]
    _write_history([], task.staging)
    save_confusions([], task.staging)
    return Fitted(task.entry.build(members), best_epoch=0)


@fit.register
def _teach_last_layer(recipe: LessonRecipe, task: Task) -> Fitted:
    started = perf_counter()
    model = task.entry.build()
    model.load_weights(task.start_from)
    pupil = Pupil(model, task.training, task.validation, drawings=recipe.drawings)
    rows, counts = [], []
    for step in range(recipe.steps):
        pupil.take_step()
        (loss, accuracy, _), (val_loss, val_accuracy, confusions) = pupil.measure()
        rows.append((step, accuracy, loss, val_accuracy, val_loss))
        counts.append(confusions)
    pupil.finish()
    _write_history(rows, task.staging)
    save_confusions(counts, task.staging)
    if task.reporter:
        _report_steps(task.reporter, rows, counts[-1], seconds=perf_counter() - started)
    return Fitted(model, best_epoch=recipe.steps)


def _report_steps(
    reporter: Reporter,
    rows: Sequence[tuple[int, float, float, float, float]],
    confusion: np.ndarray,
    *,
    seconds: float,
) -> None:
    """Report all steps of a lesson at once: they take a moment."""
    reporter.write(
        epoch=len(rows),
        epochs=len(rows),
        seconds=seconds,
        points=tuple(Point(step + 1, loss, accuracy) for step, accuracy, loss, _, _ in rows),
        validations=tuple(Validation(loss, accuracy) for *_, accuracy, loss in rows),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
    )


def choose_unchanged(training: Dataset, validation: Dataset) -> Dataset:
    """The training images whose loss and accuracy are measured after each epoch."""
    count = count_unchanged(len(training), len(validation))
    order = np.random.default_rng(UNCHANGED_SEED).permutation(len(training))
    return take(training, order[:count])


def _foresee(recipe: Recipe, task: Task, begun: int, *, copy_seconds: float) -> TimeLeft:
    """The parts of a training that take time, before its first batch."""
    speeds, validation = task.speeds, len(task.validation)
    # Predicting a digit takes at most what learning from it takes.
    share = count_predicted(len(task.training), validation) / recipe.batch_size
    if speeds:
        share = compute_between(recipe, len(task.training), validation, speeds) / speeds.batch
    return TimeLeft(
        epochs=recipe.epochs - begun,
        new_copies=recipe.augmented_copies - COPIES_BEFORE if recipe.applied_amounts else 0,
        copy_seconds=copy_seconds,
        between_share=share,
        measuring_seconds=task.reporter.measuring_seconds if task.reporter else 0.0,
        batch_seconds=speeds.batch if speeds else None,
    )


def _list_callbacks(
    recipe: Recipe, task: Task, begun: int, unchanged: UnchangedImages, time_left: TimeLeft
) -> list[keras.callbacks.Callback]:
    """The callbacks in their order: the backup, which completes an epoch, comes after its files."""
    rows = _read_history(task.staging) if begun else []
    confusions = ValidationConfusions(task.validation, task.staging, begun=begun)
    history = str(task.staging / files.HISTORY_FILE)
    callbacks = [
        confusions,
        unchanged,
        keras.callbacks.CSVLogger(history, append=begun > 0),
        BestWeights(task.staging, rows=rows),
    ]
    if recipe.averaging:
        # First of all: the others measure and save the averaged weights.
        callbacks.insert(0, AveragedWeights(begun=begun))
    if task.reporter:
        task.reporter.prepare(
            confusions, rows, time_left, epochs=recipe.epochs, unchanged_images=unchanged.count
        )
        backup = keras.callbacks.BackupAndRestore(
            str(task.staging / BACKUP_DIRECTORY), double_checkpoint=True, delete_checkpoint=False
        )
        callbacks += [backup, task.reporter]
    if task.stopwatch:
        callbacks.append(task.stopwatch)
    return callbacks


def _find_begun(task: Task) -> int:
    """Number of epochs that an earlier training completed; what it wrote after them is removed."""
    if task.reporter is None:
        return 0
    try:
        note = json.loads((task.staging / BACKUP_DIRECTORY / BACKUP_NOTE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return 0
    begun = int(note["epoch"])
    rows = _read_history(task.staging)[:begun]
    # Earlier versions did not measure on unchanged images.
    cells = [[row.get(name, "") for name in KERAS_COLUMNS] for row in rows]
    _write_history(cells, task.staging, columns=KERAS_COLUMNS)
    return begun


def _build_batches(recipe: Recipe, task: Task, begun: int) -> CopyBatches:
    settings = {"batch_size": recipe.batch_size, "seed": recipe.seed, "begun": begun}
    amounts = recipe.applied_amounts
    if amounts is None:
        plain = plain_copy(task.training)
        return CopyBatches(lambda _: plain, copies=1, **settings)
    teachers = [
        load_classifier(model_id, task.models, threads=os.cpu_count() or 1)
        for model_id in recipe.teachers
    ]
    copies = AugmentedCopies(
        task.training,
        amounts,
        task.copies,
        teachers=teachers,
        temperature=recipe.teacher_temperature,
    )
    load = task.stopwatch.time_copies(copies.load) if task.stopwatch else copies.load
    return CopyBatches(load, copies=recipe.augmented_copies, **settings)


def _build_optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.get(recipe.optimizer)
    optimizer.weight_decay = recipe.weight_decay or None
    updates = recipe.epochs * steps_per_epoch
    optimizer.use_ema = recipe.averaging
    optimizer.ema_momentum = choose_momentum(updates, averaged=AVERAGED_UPDATES)
    optimizer.learning_rate = (
        keras.optimizers.schedules.CosineDecay(recipe.learning_rate, updates)
        if recipe.cosine_decay
        else recipe.learning_rate
    )
    return optimizer


def _soften(model: keras.Model, recipe: Recipe) -> keras.Model:
    """The model as it is trained: at the temperature of its teachers."""
    if recipe.teacher_temperature == 1:
        return model
    return keras.Sequential([model, SoftenInTraining(recipe.teacher_temperature)])


@contextmanager
def _compute_in(policy: str) -> Iterator[None]:
    """Layers that are built meanwhile compute by this policy of Keras."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _load_keras_model(model_id: str, directory: Path | None) -> keras.Model:
    files.read_file(model_id, files.KERAS_FILE, directory)  # only to check its digest
    path = files.locate_model(model_id, directory) / files.KERAS_FILE
    return keras.saving.load_model(path, compile=False)


def _read_history(staging: Path) -> list[dict[str, str]]:
    with (staging / files.HISTORY_FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write_history(
    rows: Sequence[Sequence[float | str]],
    staging: Path,
    *,
    columns: Sequence[str] = HISTORY_COLUMNS,
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *rows])
    write_atomically(staging / files.HISTORY_FILE, text.getvalue())
