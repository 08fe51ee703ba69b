"""Augmented copies of the training set, made once and used by the epochs in turn.

There are fewer copies than epochs: making a copy takes as long as an epoch of a small network, and
accuracy hardly changes when a network sees each of a dozen copies several times. The copies are
files in a directory, which several trainings can share. This module does not know Keras.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.analysis.calibration import apply_temperature
from core.atomic_files import replace_file
from core.digits.datasets import CLASSES, Dataset
from core.digits.frame import bytes_from_frames, frames_from_bytes
from core.inference.classifier import Classifier
from core.synthesis.augmentation import Augmentation, distort
from core.synthesis.defects import add_defects
from core.synthesis.styles import draw_digits, draw_non_digits, paint_styles
from core.synthesis.wrong_segments import draw_wrong_segments

# All models are trained on the same copies, whatever their own seed is.
COPIES_SEED = 7
# Number of images that are changed at a time: they fit into the processor's cache.
CHUNK = 1000
CORE = Path(__file__).resolve().parents[1]
# What the images in a copy depend on besides the data: these sources and these libraries.
SOURCES = ("digits", "synthesis", "training/augmented_copies.py")
LIBRARIES = ("numpy", "scipy")


@dataclass(frozen=True, eq=False)
class TrainingCopy:
    """Images and their targets.

    Attributes:
        images: ``(N, 28, 28)`` uint8, 0 paper … 255 ink.
        targets: ``(N, 10)`` float32, each row a distribution over the digits.
    """

    images: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)


def plain_copy(dataset: Dataset) -> TrainingCopy:
    """An unchanged data set, with one-hot targets."""
    return TrainingCopy(dataset.images, _encode(dataset.labels))


def make_copy(
    training: Dataset, amounts: Augmentation, random: np.random.Generator
) -> TrainingCopy:
    """Make an augmented copy: the images in their order, then generated digits, then non-digits.

    Args:
        training: real images.
        amounts: how much they are changed and how many drawings are added.
        random: the source of all changes; the same state gives the same copy.
    """
    painted = bytes_from_frames(
        paint_styles(training.frames, training.labels, share=amounts.styles, random=random)
    )
    drawn, labels = draw_digits(round(amounts.drawings * len(training)), random)
    non_digits = draw_non_digits(round(amounts.non_digits * len(training)), random)
    segments = draw_wrong_segments(
        training.frames, round(amounts.wrong_segments * len(training)), random
    )
    added = (bytes_from_frames(frames) for frames in (drawn, non_digits, segments))
    images = np.concatenate([painted, *added])
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        frames = distort(frames_from_bytes(images[part]), amounts, random)
        images[part] = bytes_from_frames(add_defects(frames, share=amounts.defects, random=random))
    unchanged = random.random(len(training)) < amounts.unchanged
    images[: len(training)][unchanged] = training.images[unchanged]
    known = _encode(np.concatenate([training.labels, labels]))
    unknown = np.full((len(images) - len(known), CLASSES), 1 / CLASSES, np.float32)
    return TrainingCopy(images, np.concatenate([known, unknown]))


class AugmentedCopies:
    """The augmented copies of one training set, by number, with targets from labels or teachers."""

    def __init__(
        self,
        training: Dataset,
        amounts: Augmentation,
        directory: Path,
        *,
        teachers: Sequence[Classifier] = (),
        temperature: float = 1.0,
    ) -> None:
        """Make no copy yet. Copies in ``directory`` are used if data, amounts and code are equal.

        Args:
            training: real images.
            amounts: how they are changed.
            directory: where copies are kept, about 50 MB each for all of MNIST.
            teachers: the models whose mean probabilities for each changed image are its target
                (G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network",
                2015, arXiv:1503.02531); without any, the label is.
            temperature: above 0; the logits of the teachers are divided by it. Above 1, the target
                says more about how much an image resembles the other digits (ibid., section 2).
        """
        self._training = training
        self._amounts = amounts
        self._teachers = teachers
        self._temperature = temperature
        self._directory = directory / _digest_origin(training, amounts)
        self._directory.mkdir(parents=True, exist_ok=True)

    def load(self, number: int) -> TrainingCopy:
        """A copy by its number; it is made if it does not exist yet."""
        images, labels = (self._path(number, part) for part in ("images", "labels"))
        if not images.exists():
            random = np.random.default_rng([COPIES_SEED, number])
            made = make_copy(self._training, self._amounts, random)
            _save(labels, made.targets)
            _save(images, made.images)
        if not self._teachers:
            return TrainingCopy(_load(images), _load(labels))
        targets = _load(labels)
        mean = np.mean([self._predict(teacher, number) for teacher in self._teachers], axis=0)
        softened = apply_temperature(mean, self._temperature).astype(np.float32)
        # A teacher is no authority on what is no digit: there the target stays uniform.
        is_digit = targets.max(axis=1, keepdims=True) > 1 / CLASSES
        return TrainingCopy(_load(images), np.where(is_digit, softened, targets))

    def _predict(self, teacher: Classifier, number: int) -> npt.NDArray[np.float32]:
        """A teacher's probabilities for each image of a copy, ``(N, 10)``; they are kept too."""
        predictions = self._path(number, f"predictions_of_{teacher.digest[:12]}")
        if not predictions.exists():
            images = _load(self._path(number, "images"))
            _save(predictions, teacher.probabilities(frames_from_bytes(images)))
        return _load(predictions)

    def _path(self, number: int, part: str) -> Path:
        return self._directory / f"{number}.{part}.npy"


def list_sources() -> list[Path]:
    """The Python files that decide what is in a copy; a change of any of them makes new copies."""
    places = [CORE / source for source in SOURCES]
    return sorted(
        source for place in places for source in (place.glob("*.py") if place.is_dir() else [place])
    )


def _digest_origin(training: Dataset, amounts: Augmentation) -> str:
    """A name for everything that decides what is in a copy: data, amounts and code."""
    digest = hashlib.sha256()
    for array in (training.images, training.labels):
        digest.update(np.ascontiguousarray(array).data)
    digest.update(repr(amounts).encode())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    for source in list_sources():
        digest.update(f"{source.relative_to(CORE).as_posix()} ".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _encode(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.eye(CLASSES, dtype=np.float32)[labels]


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    with replace_file(path) as temporary:
        np.save(temporary, array)


def _load(path: Path) -> npt.NDArray[Any]:
    return np.load(path, allow_pickle=False)
