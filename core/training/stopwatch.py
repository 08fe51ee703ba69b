"""The stopwatch: times the parts of a training with Keras, and computes their speeds.

It does not know what is trained, nor where the speeds are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean
from time import perf_counter

import keras

from core.runs.speeds import Speeds


@dataclass(frozen=True)
class Lap:
    """What an epoch took, in seconds.

    Attributes:
        batches: how many it had.
        timed: all of them together but the first, which may compile the network.
        gap: from the last batch to the validation: the next copy of the images is made or loaded.
        span: the whole epoch, with validation and files.
    """

    batches: int
    timed: float
    gap: float
    span: float


class Stopwatch(keras.callbacks.Callback):
    """Times every epoch. It is the last callback, so that the files of the others count too."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        """No epoch is timed yet; ``clock`` returns seconds."""
        super().__init__()
        self.laps: list[Lap] = []
        self._clock = clock

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this before each epoch."""
        self._begun = self._last = self._clock()
        self._batches, self._timed, self._gap = 0, 0.0, 0.0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each batch."""
        now = self._clock()
        if self._batches:
            self._timed += now - self._last
        self._batches += 1
        self._last = now

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this before the validation that follows an epoch."""
        self._gap = self._clock() - self._last

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after the validation and the other callbacks."""
        span = self._clock() - self._begun
        self.laps.append(Lap(self._batches, self._timed, self._gap, span))

    def compute_speeds(self, *, seconds: float, images: int, copies: int) -> Speeds | None:
        """The speeds of the parts of a whole training.

        The first epoch, which compiles, tells the speed of a batch, and of a copy where one is made
        after it. What later epochs take besides is what comes between epochs. The rest of the time
        is for what happens once.

        Args:
            seconds: the whole training, without the start of TensorFlow.
            images: the number of training images.
            copies: how many augmented copies were made, the first one before the first epoch.

        Returns:
            None where there was too little to tell: fewer than two epochs, or a single copy.
        """
        timed = sum(lap.batches - 1 for lap in self.laps)
        if len(self.laps) < 2 or not timed or copies == 1:
            return None
        batch = sum(lap.timed for lap in self.laps) / timed
        copy = mean(lap.gap for lap in self.laps[: copies - 1]) if copies else 0.0
        between = mean(
            lap.span - lap.batches * batch - (lap.gap if number < copies else 0.0)
            for number, lap in enumerate(self.laps[1:], start=2)
        )
        epochs = sum(lap.batches * batch + between for lap in self.laps)
        return Speeds(
            once=max(seconds - copies * copy - epochs, 0.0),
            batch=batch,
            between=max(between, 0.0),
            copy_image=copy / images,
        )
