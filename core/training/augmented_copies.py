"""Augmented copies of the training set, made once and gone through in turn.

An epoch trains on one round. There are fewer rounds than epochs, since making one takes as long as
an epoch of a small model, and a model hardly notices that it sees each of two dozen more than once.
They are kept in a directory, so that several models trained in one go share them.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from core.digits.datasets import Dataset
from core.inference.classifier import Classifier
from core.synthesis.augmentation import Augmentation, distort
from core.synthesis.styles import draw_digits, draw_non_digits, paint_styles

# All models meet the same rounds, whatever their own seed.
COPIES_SEED = 7
# Images changed at a time: what stays in the processor's cache.
CHUNK = 1000
CLASSES = 10


@dataclass(frozen=True, eq=False)
class TrainingCopy:
    """Images to learn and what is to be said of each.

    Attributes:
        images: ``(N, 28, 28)`` uint8, 0 paper … 255 ink.
        targets: ``(N, 10)`` float32, each row a distribution over the digits.
    """

    images: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)


def plain_copy(dataset: Dataset) -> TrainingCopy:
    """A data set as it is, each label a distribution that is sure of it."""
    return TrainingCopy(dataset.images, np.eye(CLASSES, dtype=np.float32)[dataset.labels])


def make_copy(
    training: Dataset, amounts: Augmentation, random: np.random.Generator
) -> TrainingCopy:
    """An augmented copy of a data set, in its order, with our own drawings and scribbles after it.

    Args:
        training: real images.
        amounts: how much they are changed and how many drawings are added.
        random: the source of all changes; the same state gives the same round.
    """
    painted = _to_bytes(
        paint_styles(training.frames, training.labels, share=amounts.styles, random=random)
    )
    drawn, labels = draw_digits(round(amounts.drawings * len(training)), random)
    non_digits = draw_non_digits(round(amounts.scribbles * len(training)), random)
    images = np.concatenate([painted, *(_to_bytes(frames) for frames in (drawn, non_digits))])
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        frames = images[part].astype(np.float32) / np.float32(255)
        images[part] = _to_bytes(distort(frames, amounts, random))
    known = np.eye(CLASSES, dtype=np.float32)[np.concatenate([training.labels, labels])]
    unknown = np.full((len(non_digits), CLASSES), 1 / CLASSES, np.float32)
    return TrainingCopy(images, np.concatenate([known, unknown]))


class AugmentedCopies:
    """The rounds of one augmentation, and of its teachers if there are any, by number."""

    def __init__(
        self,
        training: Dataset,
        amounts: Augmentation,
        directory: Path,
        *,
        teachers: Sequence[Classifier] = (),
    ) -> None:
        """Nothing is made yet; what another run left in ``directory`` is used.

        Args:
            training: real images.
            amounts: how they are changed.
            directory: where rounds are kept, about 50 MB each.
            teachers: the models whose mean probabilities say what is seen in each changed image
                (G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network",
                2015, arXiv:1503.02531); without any its label does.
        """
        self._training = training
        self._amounts = amounts
        self._teachers = teachers
        key = hashlib.sha256(repr(amounts).encode()).hexdigest()[:12]
        self._directory = directory / key
        self._directory.mkdir(parents=True, exist_ok=True)

    def load(self, number: int) -> TrainingCopy:
        """A round, made now if nobody asked for it before."""
        images, labels = (self._path(number, part) for part in ("images", "labels"))
        if not images.exists():
            random = np.random.default_rng([COPIES_SEED, number])
            made = make_copy(self._training, self._amounts, random)
            _save(labels, made.targets)
            _save(images, made.images)
        if not self._teachers:
            return TrainingCopy(_load(images), _load(labels))
        answers = [self._ask(teacher, number) for teacher in self._teachers]
        return TrainingCopy(_load(images), np.mean(answers, axis=0))

    def _ask(self, teacher: Classifier, number: int) -> npt.NDArray[np.float32]:
        """What a teacher says of each image of a round, ``(N, 10)``; asked once, then kept."""
        answers = self._path(number, f"answers_of_{teacher.digest[:12]}")
        if not answers.exists():
            images = _load(self._path(number, "images"))
            _save(answers, teacher.probabilities(images.astype(np.float32) / np.float32(255)))
        return _load(answers)

    def _path(self, number: int, part: str) -> Path:
        return self._directory / f"{number}.{part}.npy"


class CopyBatches(keras.utils.PyDataset):
    """Shuffled batches of frames, ``(B, 28, 28)``, and targets, ``(B, 10)``: a round an epoch."""

    def __init__(
        self,
        load: Callable[[int], TrainingCopy],
        *,
        rounds: int,
        batch_size: int,
        seed: int,
        begun: int = 0,
    ) -> None:
        """Go through rounds 0 to ``rounds`` - 1 again and again, each time in another order.

        Args:
            load: gives a round by its number; all are of one size.
            rounds: how many there are.
            batch_size: images a batch.
            seed: of the orders.
            begun: epochs that an earlier training went through; their orders are passed over.
        """
        super().__init__()
        self._load = load
        self._rounds = rounds
        self._batch_size = batch_size
        self._random = np.random.default_rng(seed)
        self._epoch = begun
        self._begin()
        for _ in range(begun):
            self._order = self._random.permutation(len(self._round))

    def __len__(self) -> int:
        return ceil(len(self._round) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        part = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        return (
            self._round.images[part].astype(np.float32) / np.float32(255),
            self._round.targets[part],
        )

    def on_epoch_end(self) -> None:
        """Keras calls this after each epoch."""
        self._epoch += 1
        self._begin()

    def _begin(self) -> None:
        self._round = self._load(self._epoch % self._rounds)
        self._order = self._random.permutation(len(self._round))


def _to_bytes(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return np.round(frames * 255).astype(np.uint8)


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    # Written aside: a run that is killed leaves no half of an array under the name.
    aside = path.with_suffix(f".{os.getpid()}.npy")
    np.save(aside, array)
    os.replace(aside, path)


def _load(path: Path) -> npt.NDArray[Any]:
    return np.load(path, allow_pickle=False)
