"""The stopwatch: times the parts of a training with Keras, and computes their speeds.

It does not know what is trained, nor where the speeds are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean
from time import perf_counter

import keras

from core.runs.speeds import Speeds
from core.training.augmented_copies import TrainingCopy


@dataclass(frozen=True)
class Lap:
    """What an epoch took, in seconds.

    Attributes:
        batches: how many it had.
        timed: all of them together but the first, which may compile the network.
        copying: making augmented copies in the course of it.
        span: the whole epoch, with validation and files.
    """

    batches: int
    timed: float
    copying: float
    span: float


class Stopwatch(keras.callbacks.Callback):
    """Times every epoch. It is the last callback, so that the files of the others count too.

    Attributes:
        laps: the epochs that have ended.
        copies: the seconds that making each augmented copy took, by its number.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        """No epoch is timed yet; ``clock`` returns seconds."""
        super().__init__()
        self.laps: list[Lap] = []
        self.copies: dict[int, float] = {}
        self._clock = clock

    def time_copies(self, load: Callable[[int], TrainingCopy]) -> Callable[[int], TrainingCopy]:
        """A function that loads a copy as ``load`` does, and is timed where it makes the copy."""

        def load_and_time(number: int) -> TrainingCopy:
            started = self._clock()
            copy = load(number)
            if number not in self.copies:
                self.copies[number] = self._clock() - started
            return copy

        return load_and_time

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this before each epoch."""
        self._begun = self._last = self._clock()
        self._batches, self._timed, self._copied = 0, 0.0, sum(self.copies.values())

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each batch."""
        now = self._clock()
        if self._batches:
            self._timed += now - self._last
        self._batches += 1
        self._last = now

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after the validation and the other callbacks."""
        span = self._clock() - self._begun
        copying = sum(self.copies.values()) - self._copied
        self.laps.append(Lap(self._batches, self._timed, copying, span))

    def compute_speeds(self, *, seconds: float, images: int, predicted: int) -> Speeds | None:
        """The speeds of the parts of a whole training.

        The first copy and the first epoch, which prepare for the others, tell no speed but that of
        a batch. What later epochs take besides is what comes between epochs. The rest of the time
        is for what happens once.

        Args:
            seconds: the whole training, without the start of TensorFlow.
            images: the number of training images.
            predicted: how many predictions followed each epoch.

        Returns:
            None where there was too little to tell: fewer than two epochs, or a single copy.
        """
        timed = sum(lap.batches - 1 for lap in self.laps)
        if len(self.laps) < 2 or not timed or len(self.copies) == 1:
            return None
        batch = sum(lap.timed for lap in self.laps) / timed
        copy = mean([*self.copies.values()][1:]) if self.copies else 0.0
        between = mean(lap.span - lap.copying - lap.batches * batch for lap in self.laps[1:])
        epochs = sum(lap.batches * batch + between for lap in self.laps)
        return Speeds(
            once=max(seconds - len(self.copies) * copy - epochs, 0.0),
            batch=batch,
            between=max(between, 0.0),
            predicted=predicted,
            copy_image=copy / images,
        )
