"""The stopwatch, with a clock that a test sets."""

import pytest

from core.runs.speeds import Speeds
from core.training.stopwatch import Stopwatch

COMPILING, BATCH, COPY, VALIDATION, TRACING = 2.0, 0.25, 4.0, 1.5, 0.5


class Training:
    """A training without a network, which takes the seconds above."""

    def __init__(self, *, epochs: int, batches: int, copies: int) -> None:
        self.now = 100.0
        self.stopwatch = Stopwatch(clock=lambda: self.now)
        for epoch in range(epochs):
            self._train(epoch, batches, makes_copy=epoch + 1 < copies)

    def _train(self, epoch: int, batches: int, *, makes_copy: bool) -> None:
        self.stopwatch.on_epoch_begin(epoch)
        for batch in range(batches):
            self.now += BATCH + (COMPILING if epoch == batch == 0 else 0.0)
            self.stopwatch.on_train_batch_end(batch)
        self.now += COPY if makes_copy else 0.0
        self.stopwatch.on_test_begin()
        self.now += VALIDATION + (TRACING if epoch == 0 else 0.0)
        self.stopwatch.on_epoch_end(epoch)


@pytest.mark.parametrize(("epochs", "copies"), [(2, 2), (5, 3), (4, 4)])
def test_each_part_has_its_own_speed(epochs, copies):
    training = Training(epochs=epochs, batches=8, copies=copies)
    before_and_after = 7.0 + COPY  # the first copy is made before the first epoch
    speeds = training.stopwatch.compute_speeds(
        seconds=training.now - 100.0 + before_and_after, images=400, copies=copies
    )
    assert speeds == Speeds(
        once=pytest.approx(7.0 + COMPILING + TRACING),
        batch=pytest.approx(BATCH),
        between=pytest.approx(VALIDATION),
        copy_image=pytest.approx(COPY / 400),
    )


def test_without_augmentation_there_is_no_copy():
    training = Training(epochs=3, batches=8, copies=0)
    speeds = training.stopwatch.compute_speeds(seconds=60.0, images=400, copies=0)
    assert speeds.copy_image == 0.0
    assert speeds.once == pytest.approx(60.0 - 3 * (8 * BATCH + VALIDATION))


@pytest.mark.parametrize(
    ("epochs", "batches", "copies"), [(1, 8, 0), (3, 1, 0), (3, 8, 1), (0, 0, 0)]
)
def test_too_little_tells_nothing(epochs, batches, copies):
    training = Training(epochs=epochs, batches=batches, copies=copies)
    found = training.stopwatch.compute_speeds(seconds=60.0, images=400, copies=copies)
    assert found is None
