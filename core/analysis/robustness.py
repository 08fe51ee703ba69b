"""Robustness: how well models read corrupted digits.

``python -m core.analysis.robustness`` measures every model on every corruption and severity, on the
MNIST test set and the bundled digits, and keeps the counts beside the model. Every model reads the
very same corrupted digits.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from core.analysis.metrics import estimate_share
from core.digits.datasets import (
    DamagedDatasetError,
    Dataset,
    load_bundled_digits,
    load_mnist,
)
from core.inference.classifier import Classifier, load_classifier
from core.models.card import Estimate
from core.models.files import (
    LITERT_FILE,
    ROBUSTNESS_FILE,
    DamagedArtifactError,
    list_model_ids,
    load_card,
    locate_model,
)
from core.synthesis.corruptions import CORRUPTIONS, SEED, Corruption, corrupt

COMMAND = "python -m core.analysis.robustness"
AMOUNTS = {one.id: one.amounts for one in CORRUPTIONS.values()}


@dataclass(frozen=True)
class RobustnessCounts:
    """How many digits of one data set a model reads right.

    Attributes:
        total: how many digits there are, at least 1.
        untouched: right as they are.
        right: right under each corruption, by its id: five counts, for the severities 1 to 5.
    """

    total: int
    untouched: int
    right: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        if set(self.right) != set(AMOUNTS) or any(len(one) != 5 for one in self.right.values()):
            raise ValueError("expected five counts for each corruption")
        counts = [self.untouched, *(count for row in self.right.values() for count in row)]
        if min(counts) < 0 or max(counts) > self.total or self.total < 1:
            raise ValueError(f"expected counts of 0 to {self.total} digits, at least 1")

    def estimate(self, corruption_id: str) -> tuple[Estimate, ...]:
        """Accuracy at the severities 0, untouched, to 5, with 95 % Wilson intervals."""
        counts = (self.untouched, *self.right[corruption_id])
        return tuple(estimate_share(count, self.total) for count in counts)

    def average(self, corruption_id: str) -> float:
        """Mean accuracy, 0…1, over the severities 1 to 5."""
        return mean(self.right[corruption_id]) / self.total

    @property
    def average_over_corruptions(self) -> float:
        """Mean accuracy, 0…1, over all corruptions and their severities, each weighing the same."""
        return mean(self.average(corruption_id) for corruption_id in self.right)


@dataclass(frozen=True)
class Robustness:
    """One model's counts by data set: ``mnist_test`` and ``bundled_digits``."""

    model_id: str
    model_sha256: str
    counts: Mapping[str, RobustnessCounts]


def measure(
    classifiers: Sequence[Classifier],
    dataset: Dataset,
    report: Callable[[int], None] = lambda _: None,
) -> list[RobustnessCounts]:
    """Let models read a data set under every corruption and severity.

    Args:
        classifiers: the models, which read the same corrupted digits.
        dataset: at least one digit.
        report: called with the number of digits that a model has just read.

    Returns:
        The counts of each model, in their order.
    """
    frames = dataset.frames

    def count_each(read: np.ndarray) -> list[int]:
        counts = []
        for classifier in classifiers:
            counts.append(_count_right(classifier, read, dataset))
            report(len(dataset))
        return counts

    untouched = count_each(frames)
    right = {
        one.id: [count_each(corrupt(frames, one, amount)) for amount in one.amounts]
        for one in CORRUPTIONS.values()
    }  # by corruption, severity and model
    return [
        RobustnessCounts(
            len(dataset),
            untouched[i],
            {name: tuple(c[i] for c in row) for name, row in right.items()},
        )
        for i in range(len(classifiers))
    ]


def measure_amount(
    classifier: Classifier, dataset: Dataset, corruption: Corruption, amount: float | None
) -> Estimate:
    """Accuracy on a data set corrupted by any amount, or untouched where that is None."""
    frames = dataset.frames
    if amount is not None:
        frames = corrupt(frames, corruption, amount)
    return estimate_share(_count_right(classifier, frames, dataset), len(dataset))


def take_sample(dataset: Dataset, size: int) -> Dataset:
    """At most so many digits, from all over the data set: its parts may differ in difficulty."""
    places = np.linspace(0, len(dataset) - 1, min(size, len(dataset))).astype(int)
    return replace(dataset, images=dataset.images[places], labels=dataset.labels[places])


def load_robustness(model_id: str, directory: Path | None = None) -> Robustness | None:
    """What was measured of a model, or None where nothing was.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file cannot be read, is of another model, or other corruptions.
    """
    expected = load_card(model_id, directory).files.get(LITERT_FILE)
    path = locate_model(model_id, directory) / ROBUSTNESS_FILE
    if not path.exists():
        return None
    try:
        fields = json.loads(path.read_text("utf-8"))
        robustness = Robustness(model_id, fields["model_sha256"], _parse_counts(fields))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DamagedArtifactError(
            f"{ROBUSTNESS_FILE} of {model_id} is damaged or of other corruptions: {error}; "
            f"run {COMMAND}"
        ) from error
    if robustness.model_sha256 != expected:
        raise DamagedArtifactError(
            f"expected {ROBUSTNESS_FILE} of {model_id} to be of the model beside it, got that of "
            f"another; run {COMMAND}"
        )
    return robustness


def save_robustness(robustness: Robustness, directory: Path | None = None) -> Path:
    """Write what was measured beside its model, in place of older figures; returns its path."""
    path = locate_model(robustness.model_id, directory) / ROBUSTNESS_FILE
    fields = {
        "model_sha256": robustness.model_sha256,
        "seed": SEED,
        "amounts": AMOUNTS,
        "datasets": {name: asdict(counts) for name, counts in robustness.counts.items()},
    }
    aside = path.with_suffix(".writing")
    aside.write_text(json.dumps(fields) + "\n", "utf-8")
    os.replace(aside, path)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Measure models on corrupted digits."
    )
    parser.add_argument("--model", action="append", metavar="ID", help="only this one; repeatable")
    parser.add_argument("--limit", type=int, metavar="N", help="try it on N digits; writes nothing")
    options = parser.parse_args(arguments)
    try:
        classifiers = [load_classifier(one) for one in options.model or list_model_ids()]
        datasets = [load_mnist("test"), load_bundled_digits()]
    except (FileNotFoundError, DamagedArtifactError, DamagedDatasetError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.limit:
        datasets = [take_sample(one, options.limit) for one in datasets]
    for robustness in _measure_all(classifiers, datasets):
        if not options.limit:
            save_robustness(robustness)
        averages = (
            f"{name} {counts.average_over_corruptions:.2%}"
            for name, counts in robustness.counts.items()
        )
        print(f"{robustness.model_id:<22}mean over corruptions: {', '.join(averages)}")
    return 0


def _measure_all(
    classifiers: Sequence[Classifier], datasets: Sequence[Dataset]
) -> list[Robustness]:
    """Measure with a progress bar."""
    from tqdm import tqdm  # noqa: PLC0415  pages have progress bars of their own

    readings = 1 + sum(len(amounts) for amounts in AMOUNTS.values())
    total = readings * len(classifiers) * sum(map(len, datasets))
    with tqdm(total=total, unit=" digits", unit_scale=True) as bar:
        found = {one.id: measure(classifiers, one, bar.update) for one in datasets}
    return [
        Robustness(one.model_id, one.digest, {name: found[name][place] for name in found})
        for place, one in enumerate(classifiers)
    ]


def _parse_counts(fields: Mapping[str, Any]) -> dict[str, RobustnessCounts]:
    """The counts by data set; raises ValueError when the corruptions are not those of now."""
    stored = {name: tuple(amounts) for name, amounts in fields["amounts"].items()}
    if (stored, fields["seed"]) != (AMOUNTS, SEED):
        raise ValueError("expected the amounts and the seed of this version, got others")
    return {
        name: RobustnessCounts(
            one["total"],
            one["untouched"],
            {corruption: tuple(counts) for corruption, counts in one["right"].items()},
        )
        for name, one in fields["datasets"].items()
    }


def _count_right(classifier: Classifier, frames: np.ndarray, dataset: Dataset) -> int:
    read = classifier.probabilities(frames).argmax(axis=1)
    return int((read == dataset.labels).sum())


if __name__ == "__main__":
    sys.exit(main())
