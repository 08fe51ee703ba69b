"""Data sets, their titles, and the store of drawings, each loaded once for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

from core.digits.datasets import (
    Dataset,
    MnistUnavailableError,
    find_mnist,
    load_bundled_digits,
    load_mnist,
)
from core.drawings.dataset import to_dataset
from core.drawings.drawing import StorageUnavailableError
from pages.widgets.visitor import get_owner

if TYPE_CHECKING:
    from core.drawings.store import DrawingStore

MNIST_TEST = "mnist_test"
BUNDLED_DIGITS = "bundled_digits"
MY_DRAWINGS = "my_drawings"
DATASET_TITLES = {
    MNIST_TEST: "MNIST test",
    BUNDLED_DIGITS: "Bundled digits",
    MY_DRAWINGS: "My drawings",
}
# Data sets that cards have figures of. Pen digits and real pictures are not in this repository.
CARD_DATASET_TITLES = {
    **DATASET_TITLES,
    "pen_strokes": "Pen digits, as strokes",
    "pen_pictures": "Pen digits, as pictures",
    "real_pictures": "Real pictures",
}
# By the names of the accuracies on cards.
METRIC_TITLES = {
    "test_accuracy": CARD_DATASET_TITLES[MNIST_TEST],
    "bundled_digits_accuracy": CARD_DATASET_TITLES[BUNDLED_DIGITS],
    "pen_strokes_accuracy": CARD_DATASET_TITLES["pen_strokes"],
    "pen_pictures_accuracy": CARD_DATASET_TITLES["pen_pictures"],
    "real_pictures_accuracy": CARD_DATASET_TITLES["real_pictures"],
}


class NoDrawingsError(LookupError):
    """The visitor has no saved drawings."""


@st.cache_resource(show_spinner=False, on_release=lambda store: store.close())
def get_store() -> "DrawingStore":
    """The saved drawings of all visitors. Raises StorageUnavailableError."""
    # The import takes 15 MB, and many visitors save nothing.
    from core.drawings.store import DrawingStore, default_url  # noqa: PLC0415

    try:
        return DrawingStore(default_url())
    except ValueError as error:
        raise StorageUnavailableError(str(error)) from error


def get_dataset(dataset_id: str) -> Dataset:
    """A data set.

    Raises:
        NoDrawingsError: the data set is the visitor's drawings, and there are none.
        MnistUnavailableError, DamagedDatasetError, StorageUnavailableError: as its loader does.
    """
    if dataset_id != MY_DRAWINGS:
        return _load_dataset(dataset_id)
    # Oldest first, so that a new drawing does not change the numbers of the others.
    drawings = get_store().find(get_owner())[::-1]
    if not drawings:
        raise NoDrawingsError("You have no drawings yet. Draw some first.")
    return to_dataset(drawings)


@st.cache_resource(show_spinner="Loading the digits …")
def _load_dataset(dataset_id: str) -> Dataset:
    return load_bundled_digits() if dataset_id == BUNDLED_DIGITS else load_mnist("test")


def has_mnist() -> bool:
    """Whether the images of MNIST are on this machine."""
    try:
        return find_mnist() is not None
    except MnistUnavailableError:
        return False


def choose_dataset() -> str:
    """The default data set: the MNIST test set if its images are on this machine."""
    return MNIST_TEST if has_mnist() else BUNDLED_DIGITS
