"""Nearest digits: how far each digit of a data set is from those most similar to it."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.digits.datasets import Dataset
from core.digits.frame import FRAME_SIZE

# How many nearest digits of each are found.
NEAREST = 10
# Pixels that are averaged in each direction: one pixel more or less is no difference in writing.
POOLED = 2


@lru_cache(maxsize=2)
def find_nearest_digits(
    dataset: Dataset,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]] | None:
    """The digits nearest to each, by the Euclidean distance of their frames at half the size.

    Returns:
        Distances and indices, ``(N, 10)`` each, the nearest first; None for few digits.
    """
    if len(dataset) <= NEAREST:
        return None
    # The import takes a second that few pages need.
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415

    side = FRAME_SIZE // POOLED
    pooled = dataset.images.reshape(-1, side, POOLED, side, POOLED).mean(axis=(2, 4))
    vectors = pooled.reshape(len(dataset), -1).astype(np.float32) / np.float32(255)
    search = NearestNeighbors(n_neighbors=NEAREST, algorithm="brute").fit(vectors)
    distances, indices = search.kneighbors()
    return distances, indices
