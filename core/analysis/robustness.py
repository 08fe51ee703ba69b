"""Robustness: the accuracy of models on corrupted digits.

``python -m core.analysis.robustness`` measures every model on every corruption and severity, on the
MNIST test set and the bundled digits, and stores the counts beside the model. All models predict
the same corrupted digits. A corruption that was added since, or has other amounts now, is simply
not measured yet: the figures of the others stay valid.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from core.analysis.metrics import estimate_share
from core.atomic_files import write_atomically
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
    read_unchecked,
)
from core.synthesis.corruptions import CORRUPTIONS, SEED, SEVERITIES, Corruption, corrupt

COMMAND = "python -m core.analysis.robustness"


@dataclass(frozen=True)
class RobustnessCounts:
    """How many digits of one data set a model predicts correctly.

    Attributes:
        total: how many digits there are, at least 1.
        untouched: how many are correct without corruption.
        right: how many are correct under each corruption that was measured, by its id: five
            counts, for the severities 1 to 5. A corruption that is not in it was not measured yet.
    """

    total: int
    untouched: int
    right: Mapping[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        if any(len(row) != len(SEVERITIES) for row in self.right.values()):
            raise ValueError(f"expected {len(SEVERITIES)} counts for each corruption")
        counts = [self.untouched, *(count for row in self.right.values() for count in row)]
        if min(counts) < 0 or max(counts) > self.total or self.total < 1:
            raise ValueError(f"expected counts of 0 to {self.total} digits, at least 1")

    def estimate(self, corruption_id: str) -> tuple[Estimate, ...] | None:
        """Accuracy at the severities 0, without corruption, to 5, with 95% Wilson intervals.

        None where the corruption was not measured yet.
        """
        if corruption_id not in self.right:
            return None
        counts = (self.untouched, *self.right[corruption_id])
        return tuple(estimate_share(count, self.total) for count in counts)

    def average(self, corruption_id: str) -> float | None:
        """Mean accuracy, 0…1, over the severities 1 to 5; None where it was not measured yet."""
        right = self.right.get(corruption_id)
        return None if right is None else mean(right) / self.total

    @property
    def average_over_corruptions(self) -> float | None:
        """Mean accuracy, 0…1, over corruptions and severities, each corruption weighing the same.

        Only corruptions that were measured count; None where there is none.
        """
        averages = [mean(row) / self.total for row in self.right.values()]
        return mean(averages) if averages else None

    def list_unmeasured(self) -> list[str]:
        """The ids of the corruptions that were not measured yet."""
        return [corruption_id for corruption_id in CORRUPTIONS if corruption_id not in self.right]


@dataclass(frozen=True)
class Robustness:
    """One model's counts by data set, ``mnist_test`` and ``bundled_digits``.

    A data set that is not in ``counts`` was not measured yet.
    """

    model_id: str
    model_sha256: str
    counts: Mapping[str, RobustnessCounts]

    def average(self, dataset_id: str) -> float | None:
        """Mean accuracy over the corruptions that were measured, 0…1; None where none was."""
        counts = self.counts.get(dataset_id)
        return counts.average_over_corruptions if counts else None


def measure_robustness(
    classifiers: Sequence[Classifier],
    dataset: Dataset,
    report: Callable[[int], None] = lambda _: None,
) -> list[RobustnessCounts]:
    """Count the correct predictions of models under every corruption and severity.

    Args:
        classifiers: the models, which all predict the same corrupted digits.
        dataset: at least one digit.
        report: called after each pass of a model over the digits, with their number.

    Returns:
        The counts of each model, in their order.
    """
    frames = dataset.frames

    def count_each(corrupted: np.ndarray) -> list[int]:
        counts = []
        for classifier in classifiers:
            counts.append(_count_right(classifier, corrupted, dataset))
            report(len(dataset))
        return counts

    untouched = count_each(frames)
    right = {
        corruption.id: [
            count_each(corrupt(frames, corruption, amount)) for amount in corruption.amounts
        ]
        for corruption in CORRUPTIONS.values()
    }  # by corruption, severity and model
    return [
        RobustnessCounts(
            len(dataset),
            untouched[place],
            {name: tuple(counts[place] for counts in rows) for name, rows in right.items()},
        )
        for place in range(len(classifiers))
    ]


def measure_amount(
    classifier: Classifier, dataset: Dataset, corruption: Corruption, amount: float | None
) -> Estimate:
    """Estimate the accuracy on a data set under any amount of a corruption; None for without."""
    frames = dataset.frames
    if amount is not None:
        frames = corrupt(frames, corruption, amount)
    return estimate_share(_count_right(classifier, frames, dataset), len(dataset))


def take_sample(dataset: Dataset, size: int) -> Dataset:
    """Take at most ``size`` digits at equal distances: parts of a data set differ in difficulty."""
    indices = np.linspace(0, len(dataset) - 1, min(size, len(dataset))).astype(int)
    return replace(dataset, images=dataset.images[indices], labels=dataset.labels[indices])


def load_robustness(model_id: str, directory: Path | None = None) -> Robustness | None:
    """Load the counts of a model; None where it was not measured yet.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: the file cannot be read, or belongs to another model.
    """
    expected = load_card(model_id, directory).files.get(LITERT_FILE)
    contents = read_unchecked(model_id, ROBUSTNESS_FILE, directory)
    if contents is None:
        return None
    try:
        fields = json.loads(contents)
        robustness = Robustness(model_id, fields["model_sha256"], _parse_counts(fields))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        damage = DamagedArtifactError(
            f"The file {ROBUSTNESS_FILE} of {model_id} is damaged. Run `{COMMAND}` to measure the "
            "model again."
        )
        damage.add_note(repr(error))
        raise damage from error
    if robustness.model_sha256 == expected:
        return robustness
    if load_card(model_id, directory).files.get(LITERT_FILE) != expected:
        return load_robustness(model_id, directory)  # another model has just been published
    raise DamagedArtifactError(
        f"The file {ROBUSTNESS_FILE} of {model_id} belongs to another training of the model. Run "
        f"`{COMMAND}` to measure again."
    )


def save_robustness(robustness: Robustness, directory: Path | None = None) -> Path:
    """Write the counts beside their model, in place of older ones; returns the path."""
    path = locate_model(robustness.model_id, directory) / ROBUSTNESS_FILE
    fields = {
        "model_sha256": robustness.model_sha256,
        "seed": SEED,
        "amounts": _list_amounts(),
        "datasets": {name: asdict(counts) for name, counts in robustness.counts.items()},
    }
    write_atomically(path, json.dumps(fields) + "\n")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Measure models on corrupted digits."
    )
    parser.add_argument(
        "--model", action="append", metavar="ID", help="only this model; repeatable"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="measure on N digits as a trial, and write nothing"
    )
    options = parser.parse_args(arguments)
    try:
        model_ids = options.model or list_model_ids()
        classifiers = [load_classifier(model_id) for model_id in model_ids]
        datasets = [load_mnist("test"), load_bundled_digits()]
    except (FileNotFoundError, DamagedArtifactError, DamagedDatasetError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.limit:
        datasets = [take_sample(dataset, options.limit) for dataset in datasets]
    for robustness in _measure_all(classifiers, datasets):
        if not options.limit:
            save_robustness(robustness)
        averages = (f"{name} {robustness.average(name):.2%}" for name in robustness.counts)
        print(f"{robustness.model_id:<22}mean over corruptions: {', '.join(averages)}")
    return 0


def _measure_all(
    classifiers: Sequence[Classifier], datasets: Sequence[Dataset]
) -> list[Robustness]:
    """Measure models on several data sets with a progress bar."""
    from tqdm import tqdm  # noqa: PLC0415  only the command line needs it

    passes = 1 + sum(len(amounts) for amounts in _list_amounts().values())
    total = passes * len(classifiers) * sum(map(len, datasets))
    with tqdm(total=total, unit=" digits", unit_scale=True) as bar:
        found = {
            dataset.id: measure_robustness(classifiers, dataset, bar.update) for dataset in datasets
        }
    return [
        Robustness(
            classifier.model_id, classifier.digest, {name: found[name][place] for name in found}
        )
        for place, classifier in enumerate(classifiers)
    ]


def _list_amounts() -> dict[str, tuple[float, ...]]:
    """The amounts of the severities 1 to 5 of every corruption, by its id."""
    return {corruption.id: corruption.amounts for corruption in CORRUPTIONS.values()}


def _parse_counts(fields: Mapping[str, Any]) -> dict[str, RobustnessCounts]:
    """The counts by data set, only of corruptions that were measured with today's amounts."""
    measured = {name: tuple(amounts) for name, amounts in fields["amounts"].items()}
    valid = {
        name
        for name, amounts in _list_amounts().items()
        if measured.get(name) == amounts and fields["seed"] == SEED
    }
    return {
        name: RobustnessCounts(
            counts["total"],
            counts["untouched"],
            {
                corruption_id: tuple(row)
                for corruption_id, row in counts["right"].items()
                if corruption_id in valid
            },
        )
        for name, counts in fields["datasets"].items()
    }


def _count_right(classifier: Classifier, frames: np.ndarray, dataset: Dataset) -> int:
    predicted = classifier.probabilities(frames).argmax(axis=1)
    return int((predicted == dataset.labels).sum())


if __name__ == "__main__":
    sys.exit(main())
