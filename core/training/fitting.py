"""Fitting: how each kind of recipe turns an entry of the zoo into a trained Keras model.

A fitted model comes with its history and its validation confusions, both in the staging directory.
This module does not know the test set.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from core import artifacts
from core.analysis.calibration import mean_loss
from core.analysis.confusion import count_confusions
from core.digits.datasets import Dataset
from core.inference.classifier import load_classifier
from core.training.rounds import RoundBatches, Rounds, plain_round
from core.training.scratch import DenseNetwork, train_epochs
from core.training.zoo import CommitteeRecipe, Recipe, ScratchRecipe, ZooEntry

BEST_WEIGHTS_FILE = "best.weights.h5"
HISTORY_COLUMNS = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")


@dataclass(frozen=True, eq=False)
class Task:
    """What a model is fitted with.

    Attributes:
        entry: the architecture.
        training: images to learn.
        validation: images to choose the epoch by.
        staging: where the history and the validation confusions are written.
        rounds: where augmented copies of the training set are kept.
        models: where trained models are found: teachers, the members of a committee.
    """

    entry: ZooEntry
    training: Dataset
    validation: Dataset
    staging: Path
    rounds: Path
    models: Path


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model with the weights of its epoch of least validation loss, counted from 1."""

    model: keras.Model
    best_epoch: int


@singledispatch
def fit(recipe: object, task: Task) -> Fitted:
    """Train by a recipe, write the history and the validation confusions.

    Args:
        recipe: one of the kinds of recipe in ``zoo.py``.
        task: what to train and with what.

    Raises:
        TypeError: the recipe is of no such kind.
        FileNotFoundError: the recipe names a model that is not trained yet.
    """
    raise TypeError(f"expected a recipe of the zoo for {task.entry.id}, got {recipe!r}")


@fit.register
def _fit_with_keras(recipe: Recipe, task: Task) -> Fitted:
    keras.utils.set_random_seed(recipe.seed)
    tf.config.experimental.enable_op_determinism()
    batches = _build_batches(recipe, task)
    model = task.entry.build()
    model.compile(
        optimizer=_build_optimizer(recipe, len(batches)),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    checkpoint = task.staging / BEST_WEIGHTS_FILE
    confusions = ValidationConfusions(task.validation)
    history = model.fit(
        batches,
        epochs=recipe.epochs,
        shuffle=False,  # the batches are shuffled already
        validation_data=(task.validation.frames, plain_round(task.validation).targets),
        callbacks=[
            keras.callbacks.CSVLogger(str(task.staging / artifacts.HISTORY_FILE)),
            keras.callbacks.ModelCheckpoint(
                str(checkpoint), monitor="val_loss", save_best_only=True, save_weights_only=True
            ),
            confusions,
        ],
    )
    _save_confusions(confusions.counts, task.staging)
    # A new model without an optimizer: it saves smaller, and the converter takes no other.
    best = task.entry.build()
    best.load_weights(checkpoint)
    checkpoint.unlink()
    return Fitted(best, int(np.argmin(history.history["val_loss"])) + 1)


@fit.register
def _fit_from_scratch(recipe: ScratchRecipe, task: Task) -> Fitted:
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
    _save_confusions(counts, task.staging)
    return Fitted(model, best_epoch)


@fit.register
def _form_committee(recipe: CommitteeRecipe, task: Task) -> Fitted:
    members = [_load_keras_model(model_id, task.models) for model_id in recipe.members]
    _write_history([], task.staging)
    _save_confusions([], task.staging)
    return Fitted(task.entry.build(members), best_epoch=0)


class ValidationConfusions(keras.callbacks.Callback):
    """Counts, after every epoch, which class the model takes for which."""

    def __init__(self, validation: Dataset) -> None:
        super().__init__()
        self.counts: list[np.ndarray] = []  # (10, 10) an epoch
        self._frames = validation.frames
        self._labels = validation.labels

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each epoch."""
        predicted = self.model.predict(self._frames, batch_size=1000, verbose=0).argmax(axis=1)
        self.counts.append(count_confusions(self._labels, predicted))


def _build_batches(recipe: Recipe, task: Task) -> RoundBatches:
    if recipe.augmentation is None:
        plain = plain_round(task.training)
        return RoundBatches(
            lambda _: plain, rounds=1, batch_size=recipe.batch_size, seed=recipe.seed
        )
    teachers = [load_classifier(model_id, task.models) for model_id in recipe.teachers]
    rounds = Rounds(task.training, recipe.augmentation, task.rounds, teachers=teachers)
    return RoundBatches(
        rounds.load, rounds=recipe.rounds, batch_size=recipe.batch_size, seed=recipe.seed
    )


def _build_optimizer(recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.get(recipe.optimizer)
    optimizer.learning_rate = (
        keras.optimizers.schedules.CosineDecay(
            recipe.learning_rate, recipe.epochs * steps_per_epoch
        )
        if recipe.cosine_decay
        else recipe.learning_rate
    )
    return optimizer


def _load_keras_model(model_id: str, directory: Path) -> keras.Model:
    artifacts.read_file(model_id, artifacts.KERAS_FILE, directory)  # for its check alone
    return keras.saving.load_model(directory / model_id / artifacts.KERAS_FILE, compile=False)


def _write_history(rows: Sequence[Sequence[float]], staging: Path) -> None:
    with (staging / artifacts.HISTORY_FILE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HISTORY_COLUMNS, *rows])


def _save_confusions(counts: Sequence[np.ndarray], staging: Path) -> None:
    """Write ``(E, 10, 10)`` counts, small enough for 16 bits."""
    stacked = np.array(counts, np.uint16).reshape(-1, 10, 10)
    np.save(staging / artifacts.VALIDATION_CONFUSIONS_FILE, stacked)
