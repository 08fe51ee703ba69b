"""Training data: what a run can be trained on, each split into training, validation and test.

No image is in two parts, and each part has every digit in the same proportion. The parts of a set
are the same whenever it is split. This module does not know how a network is trained.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.digits.datasets import (
    CLASSES,
    MNIST_ARRAY_SHA256,
    Dataset,
    load_bundled_digits,
    load_mnist,
)
from core.models.card import MNIST, MNIST_TEST

BUNDLED_DIGITS, MY_DRAWINGS = "bundled_digits", "my_drawings"
TITLES = {MNIST: "MNIST", BUNDLED_DIGITS: "Bundled digits", MY_DRAWINGS: "My drawings"}
# What a model was taught on the Draw page, which may be any of its owner's drawings.
TAUGHT_DRAWINGS = "taught_drawings"
# Of all that cards name as training data.
TRAINED_ON_TITLES = TITLES | {TAUGHT_DRAWINGS: "Taught drawings"}
BUNDLED_DIGITS_TEST, MY_DRAWINGS_TEST = "bundled_digits_test", "my_drawings_test"
# By training data: the id of the test set that is a part of it.
TEST_SETS = {
    MNIST: MNIST_TEST,
    BUNDLED_DIGITS: BUNDLED_DIGITS_TEST,
    MY_DRAWINGS: MY_DRAWINGS_TEST,
}
TEST_TITLES = {
    MNIST_TEST: "MNIST test",
    BUNDLED_DIGITS_TEST: "Bundled digits test",
    MY_DRAWINGS_TEST: "Drawings test",
}
MNIST_VALIDATION_SIZE = 5000
# Of the other sets, one of so many images of each digit is for the test, and one for validation.
PARTS = 5
MIN_OF_EACH, MIN_CLASSES = PARTS, 2
# Where drawings are added to other images, the newest fifth of them is held out; of 20 drawings or
# more, at least 5.
HELD_OUT_SHARE, ENOUGH_DRAWINGS, MIN_HELD_OUT = 0.2, 20, 5
# The same images are held out whatever the model and its seed, so that models can be compared.
SPLIT_SEED = 0


class TooFewDrawingsError(ValueError):
    """The drawings cannot be split into training, validation and test."""


@dataclass(frozen=True, eq=False)
class Split:
    """Training data in three parts without a common image.

    Attributes:
        validation: chooses the best epoch, and calibrates the model.
        test: used once for each model, to report its accuracy; its id is one of ``TEST_TITLES``.
        trained_on: ids of the training data, as on cards.
        sha256: SHA-256 of the arrays of the whole set, by name.
    """

    training: Dataset
    validation: Dataset
    test: Dataset
    trained_on: tuple[str, ...]
    sha256: Mapping[str, str]


def split_mnist() -> Split:
    """MNIST, with its own test set.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
        DamagedDatasetError: its file is damaged.
    """
    training, validation = split_validation(load_mnist("train"))
    return Split(training, validation, load_mnist("test"), (MNIST,), MNIST_ARRAY_SHA256)


def split_validation(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """MNIST's training images without, and only, the ``MNIST_VALIDATION_SIZE`` held-out ones."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(dataset))
    return (
        take(dataset, order[MNIST_VALIDATION_SIZE:]),
        take(dataset, order[:MNIST_VALIDATION_SIZE]),
    )


def split_bundled_digits() -> Split:
    """The bundled digits. Their order is by writer, so most writers of the test set are new."""
    return _split_by_digit(load_bundled_digits(), BUNDLED_DIGITS)


def split_drawings(drawings: Dataset) -> Split:
    """A visitor's drawings, without digits that were drawn fewer than ``MIN_OF_EACH`` times.

    Args:
        drawings: from the oldest to the newest. The newest are the test set: a model that was
            trained on the drawings earlier has not learned from any of them, unless some were
            deleted since.

    Raises:
        TooFewDrawingsError: fewer than ``MIN_CLASSES`` digits were drawn often enough.
    """
    drawings = drop_repeated(drawings)
    counts = np.bincount(drawings.labels, minlength=CLASSES)
    enough = np.flatnonzero(counts >= MIN_OF_EACH)
    if len(enough) < MIN_CLASSES:
        raise TooFewDrawingsError(
            f"Training on drawings alone needs at least {MIN_CLASSES} digits with {MIN_OF_EACH} "
            f"different drawings each. You have {_name_counts(counts)}. Draw more of them first."
        )
    return _split_by_digit(take(drawings, np.isin(drawings.labels, enough)), MY_DRAWINGS)


def hold_out_newest(drawings: Dataset) -> tuple[Dataset, Dataset]:
    """Split drawings, sorted from the oldest, into those to add and the newest, held out."""
    count = int(len(drawings) * HELD_OUT_SHARE)
    if len(drawings) >= ENOUGH_DRAWINGS:
        count = max(count, MIN_HELD_OUT)
    newest = len(drawings) - count
    return take(drawings, slice(newest)), take(drawings, slice(newest, None))


def drop_repeated(dataset: Dataset) -> Dataset:
    """The first of each group of equal images, so that none can be in two parts."""
    _, first = np.unique(dataset.images.reshape(len(dataset), -1), axis=0, return_index=True)
    return take(dataset, np.sort(first))


def take(dataset: Dataset, chosen: slice | npt.NDArray[np.integer | np.bool_]) -> Dataset:
    """Some of the digits of a data set."""
    return replace(dataset, images=dataset.images[chosen], labels=dataset.labels[chosen])


def describe_training_data(trained_on: tuple[str, ...]) -> str:
    """The titles of the training data on a card, such as "MNIST, My drawings"."""
    return ", ".join(TRAINED_ON_TITLES.get(name, name) for name in trained_on)


def _split_by_digit(dataset: Dataset, data_id: str) -> Split:
    """Hold out the last fifth of the images of each digit, and a random fifth for validation."""
    distinct = drop_repeated(dataset)
    random = np.random.default_rng(SPLIT_SEED)
    parts: dict[str, list[npt.NDArray[np.intp]]] = {"training": [], "validation": [], "test": []}
    for digit in np.unique(distinct.labels):
        indices = np.flatnonzero(distinct.labels == digit)
        count = len(indices) // PARTS
        rest = random.permutation(indices[:-count])
        parts["training"].append(rest[count:])
        parts["validation"].append(rest[:count])
        parts["test"].append(indices[-count:])
    training, validation, test = (
        take(distinct, np.sort(np.concatenate(found))) for found in parts.values()
    )
    test_set = TEST_SETS[data_id]
    return Split(
        training,
        validation,
        replace(test, id=test_set, title=TEST_TITLES[test_set]),
        trained_on=(data_id,),
        sha256={"images": _digest(dataset.images), "labels": _digest(dataset.labels)},
    )


def _name_counts(counts: npt.NDArray[np.integer]) -> str:
    """How many drawings there are of each digit, in words."""
    found = [f"{counts[digit]} of {digit}" for digit in np.flatnonzero(counts)]
    return ", ".join(found) or "none"


def _digest(array: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
