"""The trainer: trains a zoo entry and publishes its model directory.

It works in a staging directory beside the final one: a training that is stopped or killed leaves
the previous model as it was. The test set is used once for each model, to report its accuracy.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import keras
import numpy as np
import numpy.typing as npt

from core.analysis import calibration
from core.analysis.confusion import count_confusions
from core.analysis.handwriting import build_frames, load_collection
from core.analysis.metrics import estimate_accuracy, estimate_top_k_accuracy
from core.digits.datasets import (
    CLASSES,
    MNIST_ARRAY_SHA256,
    Dataset,
    load_bundled_digits,
    load_mnist,
)
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier
from core.models import files, publish
from core.models.card import Calibration, Estimate, Layer, ModelCard, Replication, SeedRun
from core.synthesis.styles import draw_non_digits
from core.training.conversion import convert
from core.training.fitting import Fitted, Task, fit
from core.training.zoo import ZooEntry

VALIDATION_SIZE = 5000
# The same images are held out whatever the model and its seed, so that models can be compared.
SPLIT_SEED = 0
LIBRARIES = ("tensorflow", "keras", "ai-edge-litert", "numpy")
# Names a file of drawings, in the format of core.analysis.handwriting, to measure models on too.
PEN_DIGITS_VARIABLE = "DIGITLAB_PEN_DIGITS"
# At most these shares of real digits may be "not sure". That of the validation set is smaller,
# because digits of other writers are harder.
NOT_SURE_COSTS = {"validation": 0.003, "pen_strokes": 0.005}
NON_DIGITS = 2000
NON_DIGIT_SEED = 5

Frames = npt.NDArray[np.float32]  # (N, 28, 28)
Probabilities = npt.NDArray[np.float32]  # (N, 10)


@dataclass(frozen=True, eq=False)
class Sample:
    """Labels ``(N,)`` and frames ``(N, 28, 28)`` of digits that a model is measured on."""

    labels: npt.NDArray[np.uint8]
    frames: Frames


def train(
    entry: ZooEntry,
    directory: Path = files.ARTIFACTS_DIRECTORY,
    *,
    copies: Path,
    seeds: Sequence[int] = (1,),
) -> ModelCard:
    """Train a model once for each seed, and publish the one with the smallest validation loss.

    Args:
        entry: what to train and how; the seed of its recipe is not used.
        directory: where the model's directory is written; an older one with this id is replaced.
        copies: where augmented copies of the training set are kept.
        seeds: one or more.

    Returns:
        The card of the published model.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
        FileNotFoundError: the recipe names a model that is not trained yet.
        ValueError: the file of drawings cannot be read.
    """
    samples = load_samples()
    cards = []
    for seed in seeds:
        seeded = replace(entry, recipe=replace(entry.recipe, seed=seed))
        staging = _make_staging(directory, f".{entry.id}.training.{seed}")
        cards.append((_train_once(seeded, staging, directory, copies, samples), staging))
    runs = tuple(card.seed_runs[0] for card, _ in cards)
    best, best_staging = min(cards, key=lambda trained: trained[0].seed_runs[0].validation_loss)
    card = replace(best, seed_runs=runs)
    publish.publish(best_staging, card, directory)
    for _, staging in cards:
        shutil.rmtree(staging, ignore_errors=True)
    return card


def replicate(
    entry: ZooEntry, directory: Path = files.ARTIFACTS_DIRECTORY, *, copies: Path
) -> Replication:
    """Train by the published recipe; keep the figures, but not the model.

    Raises:
        ValueError: the entry has no published recipe.
        MnistUnavailableError: MNIST is not on this machine.
    """
    if entry.published_recipe is None:
        raise ValueError(f"expected a model with a published recipe, {entry.id} has none")
    staging = _make_staging(directory, f".{entry.id}.replication")
    training, validation = split_validation(load_mnist("train"))
    plain = replace(
        entry, recipe=entry.published_recipe, build=entry.published_build or entry.build
    )
    started = perf_counter()
    fitted = fit(plain.recipe, Task(plain, training, validation, staging, copies, directory))
    duration = perf_counter() - started
    test = load_mnist("test")
    probabilities = Classifier(entry.id, entry.title, convert(fitted.model)).probabilities(
        test.frames
    )
    replication = Replication(
        model_id=entry.id,
        recipe=entry.published_recipe.to_card(),
        test_accuracy=estimate_accuracy(test.labels, probabilities),
        best_epoch=fitted.best_epoch,
        duration_seconds=round(duration, 1),
    )
    publish.save_replication(replication, directory)
    shutil.rmtree(staging)
    return replication


def split_validation(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """Split into the images to train on and ``VALIDATION_SIZE`` held out, the same every time."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(dataset))
    kept, held_out = order[VALIDATION_SIZE:], order[:VALIDATION_SIZE]
    return (
        replace(dataset, images=dataset.images[kept], labels=dataset.labels[kept]),
        replace(dataset, images=dataset.images[held_out], labels=dataset.labels[held_out]),
    )


def load_samples() -> dict[str, Sample]:
    """The digits that every model is measured on, by the names used on cards.

    Drawings are among them only where ``DIGITLAB_PEN_DIGITS`` names their file.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
        ValueError: the file of drawings cannot be read.
    """
    test, bundled = load_mnist("test"), load_bundled_digits()
    samples = {
        "mnist_test": Sample(test.labels, test.frames),
        "bundled_digits": Sample(bundled.labels, bundled.frames),
    }
    named = os.environ.get(PEN_DIGITS_VARIABLE)
    if named:
        collection = load_collection(Path(named))
        for source, frames in build_frames(collection).items():
            samples[f"pen_{source}"] = Sample(collection.labels, frames)
    return samples


def measure(
    entry: ZooEntry,
    fitted: Fitted,
    validation: Dataset,
    samples: Mapping[str, Sample],
    staging: Path,
    *,
    duration: float,
) -> ModelCard:
    """Calibrate a fitted model, measure it, and write its files into ``staging``.

    Args:
        entry: the entry that was fitted.
        fitted: the model; the weights of its last layer are divided by the temperature in place.
        validation: the validation set, on which the model is calibrated.
        samples: the digits to measure the model on.
        staging: the directory in which it was fitted.
        duration: of the training, in seconds.

    Returns:
        The card, which is not written yet.
    """
    uncalibrated = Classifier(entry.id, entry.title, convert(fitted.model))
    temperature = _find_temperature(fitted, uncalibrated, validation)
    if fitted.best_epoch:
        calibrate(fitted.model, temperature)
    classifier = save_model(entry, fitted.model, staging)
    held_out = classifier.probabilities(validation.frames)
    predictions = _predict_samples(classifier, samples, staging)
    metrics = {"validation_accuracy": estimate_accuracy(validation.labels, held_out)} | _measure(
        samples, predictions
    )
    return ModelCard(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        layers=describe_layers(fitted.model),
        parameter_count=fitted.model.count_params(),
        recipe=entry.recipe.to_card(),
        published=entry.published,
        dataset_sha256=MNIST_ARRAY_SHA256,
        library_versions={name: version(name) for name in LIBRARIES},
        best_epoch=fitted.best_epoch,
        duration_seconds=round(duration, 1),
        metrics=metrics,
        accuracy_by_digit={
            name: _measure_by_digit(samples[name].labels, probabilities)
            for name, probabilities in predictions.items()
        },
        calibration=_describe_calibration(
            temperature, held_out, uncalibrated, classifier, samples, predictions
        ),
        seed_runs=(
            SeedRun(
                seed=entry.recipe.seed,
                validation_loss=calibration.mean_loss(validation.labels, held_out),
                validation_accuracy=metrics["validation_accuracy"].value,
                test_accuracy=metrics["test_accuracy"].value,
            ),
        ),
        test_confusion=_count(samples["mnist_test"].labels, predictions["mnist_test"]),
        frame_version=FRAME_VERSION,
        files=publish.digest_files(staging),
    )


def calibrate(model: keras.Model, temperature: float) -> None:
    """Divide the logits of a model that ends in a softmax layer by the temperature, in place."""
    last = model.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])


def describe_layers(model: keras.Model) -> tuple[Layer, ...]:
    """The layers of a model as its card lists them; output shapes are without the batch."""
    return tuple(
        Layer(
            name=layer.name,
            kind=type(layer).__name__,
            output_shape=tuple(layer.output.shape[1:]),
            parameters=layer.count_params(),
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    )


def _train_once(
    entry: ZooEntry, staging: Path, directory: Path, copies: Path, samples: Mapping[str, Sample]
) -> ModelCard:
    training, validation = split_validation(load_mnist("train"))
    started = perf_counter()
    fitted = fit(entry.recipe, Task(entry, training, validation, staging, copies, directory))
    duration = perf_counter() - started
    return measure(entry, fitted, validation, samples, staging, duration=duration)


def _find_temperature(fitted: Fitted, uncalibrated: Classifier, validation: Dataset) -> float:
    """The temperature on the validation set; 1 where the output is not a softmax of logits.

    The members of an ensemble are calibrated already, and it has no logits of its own. A share that
    is kept for "no digit" is not the softmax of ten logits.
    """
    if not fitted.best_epoch or fitted.model.layers[-1].activation is not keras.activations.softmax:
        return 1.0
    return calibration.fit_temperature(
        validation.labels, uncalibrated.probabilities(validation.frames)
    )


def save_model(entry: ZooEntry, model: keras.Model, staging: Path) -> Classifier:
    """Write a model as a Keras and as a LiteRT file; returns the classifier of the latter."""
    litert = convert(model)
    model.save(staging / files.KERAS_FILE)
    (staging / files.LITERT_FILE).write_bytes(litert)
    return Classifier(entry.id, entry.title, litert)


def _predict_samples(
    classifier: Classifier, samples: Mapping[str, Sample], staging: Path
) -> dict[str, Probabilities]:
    """The probabilities for each sample, ``(N, 10)``; writes those on the MNIST test set.

    They are rounded as they are stored: every figure on the test set comes from the stored ones.
    """
    predictions = {
        name: classifier.probabilities(sample.frames) for name, sample in samples.items()
    }
    stored = predictions["mnist_test"].astype(np.float16)
    np.save(staging / files.TEST_PROBABILITIES_FILE, stored)
    return predictions | {"mnist_test": stored.astype(np.float32)}


def _measure(
    samples: Mapping[str, Sample], predictions: Mapping[str, Probabilities]
) -> dict[str, Estimate]:
    test = samples["mnist_test"].labels
    metrics = {
        "test_accuracy": estimate_accuracy(test, predictions["mnist_test"]),
        "test_top_3_accuracy": estimate_top_k_accuracy(test, predictions["mnist_test"], 3),
    }
    for name, probabilities in predictions.items():
        if name != "mnist_test":
            metrics[f"{name}_accuracy"] = estimate_accuracy(samples[name].labels, probabilities)
    return metrics


def _measure_by_digit(
    labels: npt.NDArray[np.uint8], probabilities: Probabilities
) -> tuple[float, ...]:
    right = probabilities.argmax(axis=1) == labels
    return tuple(round(float(right[labels == digit].mean()), 4) for digit in range(CLASSES))


def _describe_calibration(
    temperature: float,
    held_out: Probabilities,
    before: Classifier,
    after: Classifier,
    samples: Mapping[str, Sample],
    predictions: Mapping[str, Probabilities],
) -> Calibration:
    digits = {"validation": held_out, **predictions}
    threshold = min(
        calibration.find_not_sure_threshold(digits[name], max_share=cost)
        for name, cost in NOT_SURE_COSTS.items()
        if name in digits
    )
    random = np.random.default_rng(NON_DIGIT_SEED)
    non_digits = after.probabilities(draw_non_digits(NON_DIGITS, random, held_out=True))
    return Calibration(
        temperature=temperature,
        not_sure_below=threshold,
        error_before={
            name: calibration.expected_calibration_error(
                sample.labels, before.probabilities(sample.frames)
            )
            for name, sample in samples.items()
        },
        error_after={
            name: calibration.expected_calibration_error(sample.labels, predictions[name])
            for name, sample in samples.items()
        },
        not_sure={
            name: calibration.share_not_sure(probabilities, threshold)
            for name, probabilities in (digits | {"scribbles": non_digits}).items()
        },
    )


def _count(
    labels: npt.NDArray[np.uint8], probabilities: Probabilities
) -> tuple[tuple[int, ...], ...]:
    confusion = count_confusions(labels, probabilities.argmax(axis=1))
    return tuple(tuple(int(count) for count in row) for row in confusion)


def _make_staging(directory: Path, name: str) -> Path:
    staging = directory / name
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging
