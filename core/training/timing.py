"""Timing: a short training, from which the time of a whole one is forecast.

The code of a whole training runs on a part of the images, as few as its network can be timed with:
two epochs, two augmented copies, and the evaluation of the model. Nothing is published.
"""

import json
import traceback
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from time import perf_counter

import numpy as np

from core.atomic_files import explain_full_disk, read_text
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier
from core.models import files
from core.models.card import MNIST
from core.runs.forecast import count_predicted
from core.runs.plan import TrainingPlan, describe_plan
from core.runs.run import Run, new_run_id
from core.runs.speeds import Speeds, save_speeds
from core.runs.time_measurement import PLAN_FILE, explain_training
from core.runs.training_data import BUNDLED_DIGITS, Split, split_bundled_digits, split_mnist, take
from core.training.callbacks import Reporter
from core.training.fitting import Task, fit
from core.training.measurement import Sample, load_samples, measure
from core.training.stopwatch import Stopwatch
from core.training.train_run import COPIES_DIRECTORY, build_entry

# With two, the second epoch tells what an epoch takes after everything is compiled.
EPOCHS = COPIES = 2
# Multiplications for which a part of the digits is predicted, a fraction of a second.
MULTIPLICATIONS = 1e10
MAX_IMAGES, MIN_BATCHES, MIN_DIGITS = 2000, 5, 200


@dataclass(frozen=True)
class Sizes:
    """How many images a network is timed with: in training, and in each evaluation."""

    images: int
    digits: int


def time_plan(place: Path) -> str:
    """Time the plan in a directory, and save its speeds.

    Args:
        place: has the plan; the files of the training are written beside it.

    Returns:
        Why that failed, in a sentence; empty if it did not.
    """
    try:
        plan = TrainingPlan.from_fields(json.loads(read_text(place / PLAN_FILE)))
        speeds = measure_speeds(plan, place)
        training = explain_training()  # it may have begun in the meantime
        if not training:
            save_speeds(plan, speeds)
    except OSError as error:  # a model or MNIST is missing, or a file cannot be written
        traceback.print_exc()
        return explain_full_disk(error) or error.strerror or str(error)
    except ValueError as error:
        traceback.print_exc()
        return str(error)
    return training


def measure_speeds(plan: TrainingPlan, place: Path) -> Speeds:
    """Train and evaluate the network of a plan on a part of the images.

    Args:
        plan: drawings are replaced by other digits, which take the same time.
        place: an empty directory for temporary files.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
        ValueError: the plan cannot be trained, or there are too few images.
    """
    started = perf_counter()
    whole = split_mnist() if plan.training_data == MNIST else split_bundled_digits()
    sizes = choose_sizes(plan)
    part = _take_part(whole, sizes)
    stopwatch = Stopwatch()
    entry = build_entry(Run(new_run_id(), "Timing", {}), _shorten(plan))
    task = Task(
        entry=entry,
        training=part.training,
        validation=part.validation,
        staging=place,
        copies=place / COPIES_DIRECTORY,
        models=None,
        reporter=Reporter(place),
        stopwatch=stopwatch,
    )
    fitted = fit(entry.recipe, task)
    samples = load_samples(part)
    evaluated = {name: _take_sample(sample, sizes) for name, sample in samples.items()}
    measure(entry, fitted, part, evaluated, place, duration=0.0)
    predicted = count_predicted(len(part.training), len(part.validation))
    speeds = stopwatch.compute_speeds(
        seconds=perf_counter() - started, images=len(part.training), predicted=predicted
    )
    if speeds is None:
        raise ValueError("There are too few images to measure the time.")
    left_out = len(whole.validation) - len(part.validation)
    for name, sample in samples.items():
        left_out += len(sample.labels) - len(evaluated[name].labels)
    left_out *= 2  # each digit is predicted before and after the calibration
    larger = len(whole.validation) / len(part.validation)
    return replace(
        speeds,
        once=speeds.once + left_out * _time_digit(place),
        between=speeds.between * larger,
        predicted=speeds.predicted * larger,
    )


def choose_sizes(plan: TrainingPlan) -> Sizes:
    """As many images as the network of a plan predicts in about the same time, within limits."""
    multiplications = sum(
        layer.parameters * prod(layer.output_shape[:-1]) for layer in describe_plan(plan)
    )
    affordable = int(MULTIPLICATIONS / multiplications)
    return Sizes(
        images=max(min(affordable, MAX_IMAGES), MIN_BATCHES * plan.recipe.batch_size),
        digits=max(affordable, MIN_DIGITS),
    )


def _shorten(plan: TrainingPlan) -> TrainingPlan:
    """The plan of the timed training: it begins with random weights and without drawings."""
    data = MNIST if plan.training_data == MNIST else BUNDLED_DIGITS
    recipe = replace(plan.recipe, epochs=EPOCHS, augmented_copies=COPIES)
    return replace(
        plan, training_data=data, drawing_weight=0, start_from=None, sweep=None, recipe=recipe
    )


def _take_part(split: Split, sizes: Sizes) -> Split:
    return replace(
        split,
        training=take(split.training, slice(sizes.images)),
        validation=take(split.validation, slice(sizes.digits)),
    )


def _take_sample(sample: Sample, sizes: Sizes) -> Sample:
    return Sample(sample.labels[: sizes.digits], sample.frames[: sizes.digits])


def _time_digit(place: Path) -> float:
    """Seconds in which the trained model predicts one of many digits."""
    classifier = Classifier("timing", "Timing", (place / files.LITERT_FILE).read_bytes())
    frames = np.zeros((MIN_DIGITS, FRAME_SIZE, FRAME_SIZE), np.float32)
    classifier.probabilities(frames)  # the first call takes longer
    started = perf_counter()
    classifier.probabilities(frames)
    return (perf_counter() - started) / len(frames)
