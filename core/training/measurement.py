"""Measurement: calibrates a fitted model, measures it on digits, and describes it on a card."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from core.analysis import calibration
from core.analysis.confusion import count_confusions
from core.analysis.handwriting import build_frames, load_collection
from core.analysis.metrics import estimate_accuracy, estimate_top_k_accuracy
from core.digits.datasets import (
    CLASSES,
    DamagedDatasetError,
    Dataset,
    MnistUnavailableError,
    load_bundled_digits,
    load_mnist,
)
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier
from core.models import files, publish
from core.models.card import MNIST_TEST, Calibration, Estimate, Layer, ModelCard, SeedRun
from core.runs.training_data import BUNDLED_DIGITS, Split
from core.synthesis.styles import draw_non_digits
from core.training.conversion import convert
from core.training.fitting import Fitted
from core.training.zoo import ZooEntry

LIBRARIES = ("tensorflow", "keras", "ai-edge-litert", "numpy")
# Names a file of drawings, in the format of core.analysis.handwriting, to measure models on too.
PEN_DIGITS_VARIABLE = "DIGITLAB_PEN_DIGITS"
# At most these shares of real digits may be "not sure". That of the validation set is smaller,
# because digits of other writers are harder.
NOT_SURE_COSTS = {"validation": 0.003, "pen_strokes": 0.005}
# A smaller validation set says less about the temperature and about confidences: the temperature is
# drawn towards 1, and a digit that is more probable than all others together is never "not sure".
FEW_DIGITS, MAX_THRESHOLD_OF_FEW = 1000, 0.5
NON_DIGITS = 2000
NON_DIGIT_SEED = 5

Frames = npt.NDArray[np.float32]  # (N, 28, 28)
Probabilities = npt.NDArray[np.float32]  # (N, 10)


@dataclass(frozen=True, eq=False)
class Sample:
    """Labels ``(N,)`` and frames ``(N, 28, 28)`` of digits that a model is measured on."""

    labels: npt.NDArray[np.uint8]
    frames: Frames


def load_samples(split: Split) -> dict[str, Sample]:
    """The digits that a model is measured on, by the names used on cards.

    They are those of its test set, the bundled digits unless it was trained on them, MNIST's test
    set where it can be read, and drawings where ``DIGITLAB_PEN_DIGITS`` names their file.

    Args:
        split: the training data.

    Raises:
        ValueError: the file of drawings cannot be read.
    """
    datasets = [split.test]
    if BUNDLED_DIGITS not in split.trained_on:
        datasets.append(load_bundled_digits())
    if split.test.id != MNIST_TEST:
        with suppress(MnistUnavailableError, DamagedDatasetError):
            datasets.append(load_mnist("test"))
    samples = {one.id: Sample(one.labels, one.frames) for one in datasets}
    named = os.environ.get(PEN_DIGITS_VARIABLE)
    if named:
        collection = load_collection(Path(named))
        for source, frames in build_frames(collection).items():
            samples[f"pen_{source}"] = Sample(collection.labels, frames)
    return samples


def measure(
    entry: ZooEntry,
    fitted: Fitted,
    split: Split,
    samples: Mapping[str, Sample],
    staging: Path,
    *,
    duration: float,
) -> ModelCard:
    """Calibrate a fitted model, measure it, and write its files into ``staging``.

    Args:
        entry: the entry that was fitted.
        fitted: the model; the weights of its last layer are divided by the temperature in place.
        split: the training data; the model is calibrated on its validation set.
        samples: the digits to measure the model on, from ``load_samples``.
        staging: the directory in which it was fitted.
        duration: of the training, in seconds.

    Returns:
        The card, which is not written yet.
    """
    validation, test_set = split.validation, split.test.id
    uncalibrated = Classifier(entry.id, entry.title, convert(fitted.model))
    temperature = _find_temperature(fitted, uncalibrated, validation)
    if fitted.best_epoch:
        calibrate(fitted.model, temperature)
    classifier = save_model(entry, fitted.model, staging)
    held_out = classifier.probabilities(validation.frames)
    # Every figure on the test set comes from the probabilities as they are stored.
    predictions = _predict(classifier, samples)
    stored = predictions[test_set].astype(np.float16)
    np.save(staging / files.TEST_PROBABILITIES_FILE, stored)
    predictions[test_set] = stored.astype(np.float32)
    metrics = {"validation_accuracy": estimate_accuracy(validation.labels, held_out)} | _measure(
        samples, predictions, test_set
    )
    return ModelCard(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        layers=describe_layers(fitted.model),
        parameter_count=fitted.model.count_params(),
        recipe=entry.recipe.to_card(),
        published=entry.published,
        dataset_sha256=split.sha256,
        library_versions={name: version(name) for name in LIBRARIES},
        best_epoch=fitted.best_epoch,
        duration_seconds=round(duration, 1),
        metrics=metrics,
        accuracy_by_digit={
            name: _measure_by_digit(samples[name].labels, probabilities)
            for name, probabilities in predictions.items()
            if len(np.unique(samples[name].labels)) == CLASSES
        },
        calibration=_describe_calibration(
            temperature,
            classifier,
            {"validation": held_out, **predictions},
            error_before=_measure_errors(samples, _predict(uncalibrated, samples)),
            error_after=_measure_errors(samples, predictions),
        ),
        seed_runs=(
            SeedRun(
                seed=entry.recipe.seed,
                validation_loss=calibration.mean_loss(validation.labels, held_out),
                validation_accuracy=metrics["validation_accuracy"].value,
                test_accuracy=metrics["test_accuracy"].value,
            ),
        ),
        test_confusion=_count(samples[test_set].labels, predictions[test_set]),
        frame_version=FRAME_VERSION,
        files=publish.digest_files(staging),
        trained_on=split.trained_on,
        test_set=test_set,
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


def save_model(entry: ZooEntry, model: keras.Model, staging: Path) -> Classifier:
    """Write a model as a Keras and as a LiteRT file; returns the classifier of the latter."""
    litert = convert(model)
    model.save(staging / files.KERAS_FILE)
    (staging / files.LITERT_FILE).write_bytes(litert)
    return Classifier(entry.id, entry.title, litert)


def _find_temperature(fitted: Fitted, uncalibrated: Classifier, validation: Dataset) -> float:
    """The temperature on the validation set; 1 where the output is not a softmax of logits.

    The members of an ensemble are calibrated already, and it has no logits of its own. A share that
    is kept for "no digit" is not the softmax of ten logits.
    """
    if not fitted.best_epoch or fitted.model.layers[-1].activation is not keras.activations.softmax:
        return 1.0
    return calibration.fit_temperature(
        validation.labels,
        uncalibrated.probabilities(validation.frames),
        regularise=len(validation) < FEW_DIGITS,
    )


def _predict(classifier: Classifier, samples: Mapping[str, Sample]) -> dict[str, Probabilities]:
    """The probabilities for each sample, ``(N, 10)``."""
    return {name: classifier.probabilities(sample.frames) for name, sample in samples.items()}


def _measure_errors(
    samples: Mapping[str, Sample], predictions: Mapping[str, Probabilities]
) -> dict[str, float]:
    """The calibration error on each sample."""
    return {
        name: calibration.expected_calibration_error(sample.labels, predictions[name])
        for name, sample in samples.items()
    }


def _measure(
    samples: Mapping[str, Sample], predictions: Mapping[str, Probabilities], test_set: str
) -> dict[str, Estimate]:
    test = samples[test_set].labels
    metrics = {
        "test_accuracy": estimate_accuracy(test, predictions[test_set]),
        "test_top_3_accuracy": estimate_top_k_accuracy(test, predictions[test_set], 3),
    }
    for name, probabilities in predictions.items():
        if name != test_set:
            metrics[f"{name}_accuracy"] = estimate_accuracy(samples[name].labels, probabilities)
    return metrics


def _measure_by_digit(
    labels: npt.NDArray[np.uint8], probabilities: Probabilities
) -> tuple[float, ...]:
    right = probabilities.argmax(axis=1) == labels
    return tuple(round(float(right[labels == digit].mean()), 4) for digit in range(CLASSES))


def _describe_calibration(
    temperature: float,
    classifier: Classifier,
    digits: Mapping[str, Probabilities],
    *,
    error_before: Mapping[str, float],
    error_after: Mapping[str, float],
) -> Calibration:
    """The threshold from the probabilities of digits, and the share of each sample below it."""
    threshold = min(
        calibration.find_not_sure_threshold(digits[name], max_share=cost)
        for name, cost in NOT_SURE_COSTS.items()
        if name in digits
    )
    if len(digits["validation"]) < FEW_DIGITS:
        threshold = min(threshold, MAX_THRESHOLD_OF_FEW)
    random = np.random.default_rng(NON_DIGIT_SEED)
    non_digits = classifier.probabilities(draw_non_digits(NON_DIGITS, random, held_out=True))
    return Calibration(
        temperature=temperature,
        not_sure_below=threshold,
        error_before=error_before,
        error_after=error_after,
        not_sure={
            name: calibration.share_not_sure(probabilities, threshold)
            for name, probabilities in {**digits, "scribbles": non_digits}.items()
        },
    )


def _count(
    labels: npt.NDArray[np.uint8], probabilities: Probabilities
) -> tuple[tuple[int, ...], ...]:
    confusion = count_confusions(labels, probabilities.argmax(axis=1))
    return tuple(tuple(int(count) for count in row) for row in confusion)
