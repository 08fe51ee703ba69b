"""The trainer: trains a zoo entry and publishes its model directory.

It works in a staging directory beside the final one: a training that is stopped or killed leaves
the previous model as it was. The test set is used once for each model, to report its accuracy.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from core.analysis.metrics import estimate_accuracy
from core.inference.classifier import Classifier
from core.models import files, publish
from core.models.card import ModelCard, Replication
from core.runs.training_data import Split, split_mnist
from core.training.conversion import convert
from core.training.fitting import Task, fit
from core.training.measurement import Sample, load_samples, measure
from core.training.zoo import ZooEntry


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
    split = split_mnist()
    samples = load_samples(split)
    cards = []
    for seed in seeds:
        seeded = replace(entry, recipe=replace(entry.recipe, seed=seed))
        staging = _make_staging(directory, f".{entry.id}.training.{seed}")
        cards.append((_train_once(seeded, staging, directory, copies, split, samples), staging))
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
    split = split_mnist()
    plain = replace(
        entry, recipe=entry.published_recipe, build=entry.published_build or entry.build
    )
    started = perf_counter()
    fitted = fit(
        plain.recipe, Task(plain, split.training, split.validation, staging, copies, directory)
    )
    duration = perf_counter() - started
    test = split.test
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


def _train_once(
    entry: ZooEntry,
    staging: Path,
    directory: Path,
    copies: Path,
    split: Split,
    samples: Mapping[str, Sample],
) -> ModelCard:
    task = Task(entry, split.training, split.validation, staging, copies, directory)
    started = perf_counter()
    fitted = fit(entry.recipe, task)
    duration = perf_counter() - started
    return measure(entry, fitted, split, samples, staging, duration=duration)


def _make_staging(directory: Path, name: str) -> Path:
    staging = directory / name
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging
