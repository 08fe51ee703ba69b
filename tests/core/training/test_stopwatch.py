"""The stopwatch, with a clock that a test sets."""

from dataclasses import asdict

import pytest

from core.runs.speeds import Speeds
from core.training.augmented_copies import TrainingCopy
from core.training.stopwatch import Stopwatch

COMPILING, BATCH, COPY, WARMING, VALIDATION, TRACING = 2.0, 0.25, 4.0, 1.0, 1.5, 0.5


class Training:
    """A training without a network, which takes the seconds above."""

    def __init__(self, *, epochs: int, batches: int, copies: int) -> None:
        self.now = 100.0
        self.stopwatch = Stopwatch(clock=lambda: self.now)
        self._load, self._copies, self._made = self.stopwatch.time_copies(self._make), copies, set()
        self._load_next(0)
        self._load_next(1)  # Keras ends an epoch before the first one
        for epoch in range(epochs):
            self._train(epoch, batches)

    def _make(self, number: int) -> TrainingCopy | None:
        if number not in self._made:
            self.now += COPY + (0.0 if self._made else WARMING)
        self._made.add(number)

    def _load_next(self, epoch: int) -> None:
        if self._copies:
            self._load(epoch % self._copies)

    def _train(self, epoch: int, batches: int) -> None:
        self.stopwatch.on_epoch_begin(epoch)
        for batch in range(batches):
            self.now += BATCH + (COMPILING if epoch == batch == 0 else 0.0)
            self.stopwatch.on_train_batch_end(batch)
        self._load_next(epoch + 2)
        self.now += VALIDATION + (TRACING if epoch == 0 else 0.0)
        self.stopwatch.on_epoch_end(epoch)


@pytest.mark.parametrize(("epochs", "copies"), [(2, 2), (5, 3), (4, 4)])
def test_each_part_has_its_own_speed(epochs, copies):
    training = Training(epochs=epochs, batches=8, copies=copies)
    seconds = training.now - 100.0 + 7.0
    speeds = training.stopwatch.compute_speeds(seconds=seconds, images=400, predicted=80)
    expected = Speeds(
        once=7.0 + WARMING + COMPILING + TRACING,
        batch=BATCH,
        between=VALIDATION,
        predicted=80,
        copy_image=COPY / 400,
    )
    assert asdict(speeds) == pytest.approx(asdict(expected))


def test_without_augmentation_there_is_no_copy():
    training = Training(epochs=3, batches=8, copies=0)
    speeds = training.stopwatch.compute_speeds(seconds=60.0, images=400, predicted=80)
    assert speeds.copy_image == 0.0
    assert speeds.once == pytest.approx(60.0 - 3 * (8 * BATCH + VALIDATION))


@pytest.mark.parametrize(
    ("epochs", "batches", "copies"), [(1, 8, 0), (3, 1, 0), (3, 8, 1), (0, 0, 0)]
)
def test_too_little_tells_nothing(epochs, batches, copies):
    training = Training(epochs=epochs, batches=batches, copies=copies)
    assert training.stopwatch.compute_speeds(seconds=60.0, images=400, predicted=80) is None
