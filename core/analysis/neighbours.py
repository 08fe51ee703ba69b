"""Neighbours: the digits of a data set that look most like a frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.datasets import Dataset

NEIGHBOURS = 5


@dataclass(frozen=True)
class Neighbour:
    """A digit of the data set.

    Attributes:
        index: its place, from 0.
        distance: Euclidean distance of the two frames over their 784 pixels of 0…1, so 0…28.
    """

    index: int
    distance: float


def find_neighbours(
    frame: npt.NDArray[np.float32],
    dataset: Dataset,
    candidates: npt.NDArray[np.bool_],
    *,
    most: int = NEIGHBOURS,
) -> list[Neighbour]:
    """The candidates nearest to a frame, nearest first.

    Args:
        frame: ``(28, 28)`` of 0 paper … 1 ink.
        dataset: where to look.
        candidates: ``(N,)``, which of its digits may be found.
        most: how many to find.
    """
    places = np.flatnonzero(candidates)
    pixels = dataset.images[places].reshape(-1, frame.size).astype(np.float32) / 255
    # Of |a − b|² the frame's own |b|² is the same for all; it only makes the distance right.
    query = frame.ravel()
    squares = np.einsum("ij,ij->i", pixels, pixels) - 2 * (pixels @ query) + query @ query
    nearest = np.argsort(squares, kind="stable")[:most]
    return [Neighbour(int(places[one]), float(np.sqrt(max(squares[one], 0.0)))) for one in nearest]


def contrast_classes(dataset: Dataset, first: int, second: int) -> npt.NDArray[np.float32]:
    """Where two classes differ: the mean frame of one less that of the other.

    Returns:
        ``(28, 28)`` float32, −1…1: above 0 where the first has more ink. Zeros where the data set
        has no digit of one of the classes.
    """
    labels = dataset.labels
    if not ((labels == first).any() and (labels == second).any()):
        return np.zeros(dataset.images.shape[1:], np.float32)
    means = [dataset.images[labels == one].mean(axis=0) / 255 for one in (first, second)]
    return (means[0] - means[1]).astype(np.float32)
