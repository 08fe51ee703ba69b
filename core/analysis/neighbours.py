"""Neighbours: the digits of a data set that are most similar to one, and means of classes.

Digits are compared by their pixels, or by vectors that the caller has. This module does not know
about models.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.digits.datasets import Dataset

# How many neighbours are found by default.
NEIGHBOURS = 5


@dataclass(frozen=True)
class Neighbour:
    """A digit that is similar to another one.

    Attributes:
        index: of the digit in its data set, from 0.
        distance: Euclidean distance of the two vectors; of two frames, 784 pixels in 0…1, so 0…28.
    """

    index: int
    distance: float


def find_neighbours(
    frame: npt.NDArray[np.float32],
    dataset: Dataset,
    candidates: npt.NDArray[np.bool_],
    *,
    count: int = NEIGHBOURS,
) -> list[Neighbour]:
    """Find the digits with the smallest distance to a frame.

    Args:
        frame: ``(28, 28)``, 0 paper … 1 ink.
        dataset: the ``N`` digits to search.
        candidates: ``(N,)``, which of these may be found.
        count: how many to find.

    Returns:
        At most ``count`` digits, the nearest first.
    """
    indices = np.flatnonzero(candidates)
    pixels = dataset.images[indices].reshape(-1, frame.size).astype(np.float32) / np.float32(255)
    nearest = find_nearest(frame.ravel(), pixels, count=count)
    return [replace(neighbour, index=int(indices[neighbour.index])) for neighbour in nearest]


def find_nearest(
    query: npt.NDArray[np.float32], vectors: npt.NDArray[np.float32], *, count: int = NEIGHBOURS
) -> list[Neighbour]:
    """Find the vectors with the smallest distance to one.

    Args:
        query: ``(F,)``.
        vectors: ``(N, F)``, of the ``N`` digits to search.
        count: how many to find.

    Returns:
        At most ``count`` digits, the nearest first.
    """
    # |a − b|² = |a|² − 2ab + |b|², as matrix products.
    squares = np.einsum("ij,ij->i", vectors, vectors) - 2 * (vectors @ query) + query @ query
    nearest = np.argsort(squares, kind="stable")[:count]
    return [Neighbour(int(place), float(np.sqrt(max(squares[place], 0.0)))) for place in nearest]


def subtract_class_means(dataset: Dataset, first: int, second: int) -> npt.NDArray[np.float32]:
    """Subtract the mean frame of one class from that of another.

    Args:
        dataset: the labelled digits.
        first: class, 0…9.
        second: class, 0…9, whose mean is subtracted.

    Returns:
        ``(28, 28)`` float32, −1…1, above 0 where the first class has more ink. All zeros if the
        data set has no digits of one of the classes.
    """
    groups = [np.flatnonzero(dataset.labels == digit) for digit in (first, second)]
    if not all(map(len, groups)):
        return np.zeros(dataset.images.shape[1:], np.float32)
    means = [average_frames(dataset, group) for group in groups]
    return means[0] - means[1]


def average_frames(dataset: Dataset, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """The mean of some digits, at least one, as a ``(28, 28)`` float32 frame in 0…1."""
    mean: npt.NDArray[np.float64] = dataset.images[indices].mean(axis=0) / 255
    return mean.astype(np.float32)
