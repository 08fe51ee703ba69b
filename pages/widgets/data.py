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
from core.models.card import MNIST_TEST
from core.runs.training_data import (
    BUNDLED_DIGITS,
    BUNDLED_DIGITS_TEST,
    MY_DRAWINGS,
    TEST_TITLES,
    TITLES,
    split_bundled_digits,
)
from pages.widgets.visitor import get_owner

if TYPE_CHECKING:
    from core.drawings.store import DrawingStore

DATASET_TITLES = {
    MNIST_TEST: TEST_TITLES[MNIST_TEST],
    BUNDLED_DIGITS: TITLES[BUNDLED_DIGITS],
    MY_DRAWINGS: TITLES[MY_DRAWINGS],
}
# Data sets that cards have figures of, those of runs alone last. Pen digits and real pictures are
# not in this repository.
CARD_DATASET_TITLES = {
    **DATASET_TITLES,
    "pen_strokes": "Pen digits, as strokes",
    "pen_pictures": "Pen digits, as pictures",
    "real_pictures": "Real pictures",
    **TEST_TITLES,
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
    """A data set: one of ``DATASET_TITLES``, or the test set of the bundled digits.

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
    if dataset_id == BUNDLED_DIGITS_TEST:
        return split_bundled_digits().test
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
