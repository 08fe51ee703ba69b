"""Batches of training images for Keras, one copy of the training set an epoch."""

from collections.abc import Callable
from math import ceil

import keras
import numpy as np
import numpy.typing as npt

from core.digits.frame import frames_from_bytes
from core.training.augmented_copies import TrainingCopy


class CopyBatches(keras.utils.PyDataset):
    """Shuffled batches: frames ``(B, 28, 28)`` and targets ``(B, 10)``."""

    def __init__(
        self,
        load: Callable[[int], TrainingCopy],
        *,
        copies: int,
        batch_size: int,
        seed: int,
        begun: int = 0,
    ) -> None:
        """Use the copies 0 to ``copies`` - 1 in turn, in another order of the images each time.

        Args:
            load: returns a copy by its number; all copies have the same size.
            copies: how many there are.
            batch_size: images in a batch.
            seed: of the orders.
            begun: number of epochs that an earlier training completed; their orders are skipped.
        """
        super().__init__()
        self._load = load
        self._copies = copies
        self._batch_size = batch_size
        self._random = np.random.default_rng(seed)
        self._epoch = begun
        self._begin()
        for _ in range(begun):
            self._order = self._random.permutation(len(self._copy))

    def __len__(self) -> int:
        return ceil(len(self._copy) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        part = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        return (
            frames_from_bytes(self._copy.images[part]),
            self._copy.targets[part],
        )

    def on_epoch_end(self) -> None:
        """Keras calls this after each epoch."""
        self._epoch += 1
        self._begin()

    def _begin(self) -> None:
        self._copy = self._load(self._epoch % self._copies)
        self._order = self._random.permutation(len(self._copy))
