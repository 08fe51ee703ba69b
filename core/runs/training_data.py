"""Training data: what a run can be trained on, each split into training, validation and test.

No image is in two parts, and each part has every digit in about the same proportion. The parts of a
set are the same whenever it is split, and of drawings, the same are held out whatever they are
combined with. This module does not know how a network is trained.
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
# A fifth of all drawings is held out, and of the first ones one of four until there are five.
HELD_OUT_SHARE, FEW, MIN_HELD_OUT = 0.2, 4, 5
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
    """The bundled digits, with the last fifth of each for the test.

    Their order is by writer, so most writers of the test set are new.
    """
    digits = load_bundled_digits()
    last = np.zeros(len(digits), bool)
    for digit in range(CLASSES):
        indices = np.flatnonzero(digits.labels == digit)
        last[indices[-(len(indices) // PARTS) :]] = True
    return _split_by_digit(digits, last, BUNDLED_DIGITS)


def split_drawings(drawings: Dataset) -> Split:
    """A visitor's drawings, without digits that were drawn fewer than ``MIN_OF_EACH`` times.

    Args:
        drawings: from the oldest to the newest. Those that ``find_held_out`` finds are the test
            set.

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
    held_out, chosen = find_held_out(drawings), np.isin(drawings.labels, enough)
    return _split_by_digit(take(drawings, chosen), held_out[chosen], MY_DRAWINGS)


def hold_out(drawings: Dataset) -> tuple[Dataset, Dataset]:
    """Split different drawings, sorted from the oldest, into those to add and those held out."""
    held_out = find_held_out(drawings)
    return take(drawings, ~held_out), take(drawings, held_out)


def find_held_out(drawings: Dataset) -> npt.NDArray[np.bool_]:
    """Which drawings are held out: the same, whatever is drawn later.

    A drawing is held out if its digest, as a number from 0 to 1, is below ``HELD_OUT_SHARE``. So
    that there are some among few drawings too, it is also held out if without it there would be
    fewer than one of ``FEW``, up to ``MIN_HELD_OUT``, or none of ``MIN_OF_EACH`` of its digit. Of
    each digit, at most half of the drawings are held out, rounded up, and the oldest drawing of all
    never is: a training learns from at least one. If a drawing is deleted, inserted before others
    or given another label, only what these exceptions choose among later ones can change.

    Args:
        drawings: different ones, from the oldest to the newest.

    Returns:
        ``(N,)``, True for those held out.
    """
    found = np.zeros(len(drawings), bool)
    counts = np.zeros((CLASSES, 2), int)  # by digit: how many were drawn, and are held out
    for index, digit in enumerate(drawings.labels):
        counts[digit, 0] += 1
        drawn, held_out = counts.sum(axis=0)
        of_digit, held_out_of_digit = counts[digit]
        too_few = held_out < min(drawn // FEW, MIN_HELD_OUT)
        none = not held_out_of_digit and of_digit >= MIN_OF_EACH
        chosen = _draw_number(drawings.images[index]) < HELD_OUT_SHARE
        if index and (chosen or too_few or none) and 2 * held_out_of_digit < of_digit:
            found[index] = True
            counts[digit, 1] += 1
    return found


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


def _split_by_digit(dataset: Dataset, held_out: npt.NDArray[np.bool_], data_id: str) -> Split:
    """Test on what is held out, and validate on a random fifth of the images of each digit.

    Args:
        dataset: different images.
        held_out: ``(N,)``.
        data_id: of the training data, in ``TEST_SETS``.
    """
    random = np.random.default_rng(SPLIT_SEED)
    parts: dict[str, list[npt.NDArray[np.intp]]] = {"training": [], "validation": []}
    for digit in np.unique(dataset.labels):
        of_digit = dataset.labels == digit
        count = int(of_digit.sum()) // PARTS
        rest = random.permutation(np.flatnonzero(of_digit & ~held_out))
        parts["training"].append(rest[count:])
        parts["validation"].append(rest[:count])
    training, validation = (
        take(dataset, np.sort(np.concatenate(found))) for found in parts.values()
    )
    test_set = TEST_SETS[data_id]
    return Split(
        training,
        validation,
        replace(take(dataset, held_out), id=test_set, title=TEST_TITLES[test_set]),
        trained_on=(data_id,),
        sha256={"images": _digest(dataset.images), "labels": _digest(dataset.labels)},
    )


def _name_counts(counts: npt.NDArray[np.integer]) -> str:
    """How many drawings there are of each digit, in words."""
    found = [f"{counts[digit]} of {digit}" for digit in np.flatnonzero(counts)]
    return ", ".join(found) or "none"


def _draw_number(image: npt.NDArray[np.uint8]) -> float:
    """A number from 0 to 1 that depends on the image alone, and that no other image has."""
    return int(_digest(image), 16) / 16**64


def _digest(array: npt.NDArray[np.uint8]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
