"""Samples: labelled digits for browsers, some of which no model has learned from.

They are of MNIST's training images where MNIST is on this machine, otherwise of the bundled digits;
never of a test set. This module does not know what a page does with them.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.digits.datasets import (
    CLASSES,
    DamagedDatasetError,
    Dataset,
    MnistUnavailableError,
    find_mnist,
    load_mnist,
)
from core.inference.browser_file import write_arrays
from core.models.card import MNIST
from core.runs.training_data import (
    BUNDLED_DIGITS,
    TITLES,
    split_bundled_digits,
    split_validation,
    take,
)

REHEARSAL_OF_EACH = 50
MAX_HELD_OUT = 1000


@dataclass(frozen=True)
class Samples:
    """A file for browsers, with its digest.

    Attributes:
        contents: arrays as ``write_arrays`` writes them: ``rehearsal_images``, ``(N, 28, 28)``
            uint8, and ``rehearsal_labels``, ``(N,)`` uint8, equally many of each digit, that models
            may have learned from; the same with ``held_out``, of the images by which the best epoch
            of a training is chosen. The metadata has the ``title`` and the ``id`` of the data set.
        compressed: the same by gzip, a fifth as large.
        digest: SHA-256 of the contents.
    """

    contents: bytes
    compressed: bytes
    digest: str


def load_samples() -> Samples:
    """The samples of this machine, made once."""
    try:
        return _make_samples(find_mnist())
    except (MnistUnavailableError, DamagedDatasetError):
        return _make_samples(None)


@lru_cache(maxsize=1)
def _make_samples(mnist: Path | None) -> Samples:
    if mnist:
        data_id = MNIST
        training, validation = split_validation(load_mnist("train"))
    else:
        data_id, split = BUNDLED_DIGITS, split_bundled_digits()
        training, validation = split.training, split.validation
    rehearsal, held_out = choose_rehearsal(training), take(validation, slice(MAX_HELD_OUT))
    contents = write_arrays(
        {
            "rehearsal_images": rehearsal.images,
            "rehearsal_labels": rehearsal.labels,
            "held_out_images": held_out.images,
            "held_out_labels": held_out.labels,
        },
        {"title": TITLES[data_id], "id": data_id},
    )
    compressed = gzip.compress(contents, mtime=0)
    return Samples(contents, compressed, hashlib.sha256(contents).hexdigest())


def choose_rehearsal(training: Dataset) -> Dataset:
    """The digits that a model learns again with drawings: ``REHEARSAL_OF_EACH`` of each digit."""
    chosen = [
        np.flatnonzero(training.labels == digit)[:REHEARSAL_OF_EACH] for digit in range(CLASSES)
    ]
    return take(training, np.concatenate(chosen))
