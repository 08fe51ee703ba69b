"""The trainer: from a zoo entry to a published model directory.

It works in a staging directory beside the final one, so that a run that is stopped or killed
leaves the last good model as it was.
"""

import shutil
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import keras
import numpy as np
import tensorflow as tf

from core import artifacts
from core.analysis.confusion import count_confusions
from core.analysis.metrics import estimate_accuracy, estimate_top_k_accuracy
from core.artifacts import Estimate, Layer, ModelCard
from core.digits.datasets import MNIST_ARRAY_SHA256, Dataset, load_bundled_digits, load_mnist
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier
from core.training.augmentation import build_augmentation
from core.training.zoo import Recipe, ZooEntry

VALIDATION_SIZE = 5000
# The same images are held out whatever the model and its seed, so that models can be compared.
SPLIT_SEED = 0
LIBRARIES = ("tensorflow", "keras", "ai-edge-litert", "numpy")


def train(entry: ZooEntry, directory: Path = artifacts.ARTIFACTS_DIRECTORY) -> ModelCard:
    """Train a model, keep its epoch of least validation loss, measure it and publish it.

    Args:
        entry: what to train and how.
        directory: where the model's directory is written; an older one of its id is replaced.

    Returns:
        The card of the published model.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
    """
    training, validation = split_validation(load_mnist("train"))
    staging = directory / f".{entry.id}.training"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)

    started = perf_counter()
    model, best_epoch = fit(entry, training, validation, staging)
    duration = perf_counter() - started

    litert = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    (staging / artifacts.LITERT_FILE).write_bytes(litert)
    metrics, test_confusion = measure(Classifier(entry.id, entry.title, litert), staging)
    card = ModelCard(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        layers=describe_layers(model),
        parameter_count=model.count_params(),
        recipe=asdict(entry.recipe),
        published=entry.published,
        dataset_sha256=MNIST_ARRAY_SHA256,
        library_versions={name: version(name) for name in LIBRARIES},
        best_epoch=best_epoch,
        duration_seconds=round(duration, 1),
        metrics=metrics,
        test_confusion=test_confusion,
        frame_version=FRAME_VERSION,
        files=artifacts.digest_files(staging),
    )
    artifacts.publish(staging, card, directory)
    return card


def split_validation(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """Split into the images to train on and ``VALIDATION_SIZE`` held out, the same every time."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(dataset))
    kept, held_out = order[VALIDATION_SIZE:], order[:VALIDATION_SIZE]
    return (
        replace(dataset, images=dataset.images[kept], labels=dataset.labels[kept]),
        replace(dataset, images=dataset.images[held_out], labels=dataset.labels[held_out]),
    )


def fit(
    entry: ZooEntry, training: Dataset, validation: Dataset, staging: Path
) -> tuple[keras.Model, int]:
    """Train by the recipe and write the Keras file, the history and the validation confusions.

    Returns:
        The model as it was after its epoch of least validation loss, and that epoch, from 1.
    """
    keras.utils.set_random_seed(entry.recipe.seed)
    tf.config.experimental.enable_op_determinism()
    model = entry.build()
    model.compile(
        optimizer=_build_optimizer(entry.recipe, len(training)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    confusions = ValidationConfusions(validation)
    history = model.fit(
        _build_batches(entry.recipe, training),
        epochs=entry.recipe.epochs,
        shuffle=False,  # the batches are shuffled already
        validation_data=(validation.frames, validation.labels),
        callbacks=[
            keras.callbacks.CSVLogger(str(staging / artifacts.HISTORY_FILE)),
            keras.callbacks.ModelCheckpoint(
                str(staging / artifacts.KERAS_FILE), monitor="val_loss", save_best_only=True
            ),
            confusions,
        ],
    )
    np.save(staging / artifacts.VALIDATION_CONFUSIONS_FILE, np.stack(confusions.counts))
    # What is published needs no optimizer, whose state is twice as large as the weights.
    best = keras.saving.load_model(staging / artifacts.KERAS_FILE, compile=False)
    best.save(staging / artifacts.KERAS_FILE)
    return best, int(np.argmin(history.history["val_loss"])) + 1


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
        self.counts.append(count_confusions(self._labels, predicted).astype(np.uint16))


def measure(
    classifier: Classifier, staging: Path
) -> tuple[dict[str, Estimate], tuple[tuple[int, ...], ...]]:
    """Read the test sets with the model that serves, and write its test probabilities.

    Every figure comes from the probabilities as they are stored, in 16 bits.

    Returns:
        The metrics of the card, and its confusion matrix on the MNIST test set.
    """
    test, bundled = load_mnist("test"), load_bundled_digits()
    stored = classifier.probabilities(test.frames).astype(np.float16)
    np.save(staging / artifacts.TEST_PROBABILITIES_FILE, stored)
    probabilities = stored.astype(np.float32)
    metrics = {
        "test_accuracy": estimate_accuracy(test.labels, probabilities),
        "test_top_3_accuracy": estimate_top_k_accuracy(test.labels, probabilities, 3),
        "bundled_digits_accuracy": estimate_accuracy(
            bundled.labels, classifier.probabilities(bundled.frames)
        ),
    }
    confusion = count_confusions(test.labels, probabilities.argmax(axis=1))
    return metrics, tuple(tuple(int(count) for count in row) for row in confusion)


def describe_layers(model: keras.Model) -> tuple[Layer, ...]:
    """The layers as the card lists them, output shapes without the batch."""
    return tuple(
        Layer(
            name=layer.name,
            kind=type(layer).__name__,
            output_shape=tuple(layer.output.shape[1:]),
            parameters=layer.count_params(),
        )
        for layer in model.layers
    )


def _build_batches(recipe: Recipe, training: Dataset) -> tf.data.Dataset:
    """Shuffled batches of frames and labels, augmented anew in every epoch."""
    batches = (
        tf.data.Dataset.from_tensor_slices((training.frames, training.labels))
        .shuffle(len(training), seed=recipe.seed)
        .batch(recipe.batch_size)
    )
    if recipe.augmentation:
        augment = build_augmentation(recipe.augmentation, recipe.seed)
        batches = batches.map(lambda frames, labels: (augment(frames, training=True), labels))
    return batches.prefetch(tf.data.AUTOTUNE)


def _build_optimizer(recipe: Recipe, images: int) -> keras.optimizers.Optimizer:
    steps = recipe.epochs * -(-images // recipe.batch_size)
    rate = (
        keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
        if recipe.cosine_decay
        else recipe.learning_rate
    )
    optimizer = keras.optimizers.get(recipe.optimizer)
    optimizer.learning_rate = rate
    return optimizer
