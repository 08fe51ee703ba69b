"""The time that is left of a training, by a clock of the test."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from core.training.time_left import TimeLeft

STEPS, VALIDATION, COPY, MEASURING, FIRST_BATCH = 100, 3.0, 8.0, 6.0, 4.0


def simulate(
    epochs: int, copies: int, batch: float, *, slower_from: int = 99, earlier: float = 0.0
) -> Iterator[tuple[float, float | None, bool]]:
    """A training batch by batch.

    Args:
        epochs: how many.
        copies: of the training images; the first one is there before the training begins.
        batch: seconds for a batch, which vary by a third.
        slower_from: from this epoch on, the machine is half as fast.
        earlier: by this factor, all parts took longer in earlier trainings; 0 without any.

    Yields:
        The time, the estimate, and whether the machine has been as fast as later so far.
    """
    random = np.random.default_rng(3)
    left = TimeLeft(
        epochs=epochs,
        new_copies=copies - 1,
        copy_seconds=COPY,
        # Without earlier trainings, it takes longer than was assumed.
        between_share=(1.0 if earlier else 0.7) * VALIDATION / batch,
        measuring_seconds=MEASURING,
        batch_seconds=earlier * batch or None,
    )
    now = 100.0
    for epoch in range(1, epochs + 1):
        pace = 2.0 if epoch >= slower_from else 1.0
        left.begin_epoch(now)
        yield now, left.estimate(now, done=0, steps=STEPS), epoch < slower_from
        for done in range(1, STEPS + 1):
            first = FIRST_BATCH if epoch == done == 1 else 0.0
            now += first + pace * batch * random.uniform(0.67, 1.33)
            left.end_batch(now)
            yield now, left.estimate(now, done=done, steps=STEPS), epoch < slower_from
        now += pace * (VALIDATION + (COPY if epoch < copies else 0.0))
        yield now, left.estimate(now, done=STEPS, steps=STEPS), epoch < slower_from
    yield now + MEASURING, 0.0, True


@pytest.mark.parametrize(("epochs", "copies"), [(2, 2), (3, 3), (10, 1), (10, 6)])
@pytest.mark.parametrize("batch", [0.03, 0.2])
def test_the_time_falls_and_is_right_from_the_first_estimate_on(epochs, copies, batch):
    *seen, (end, _, _) = simulate(epochs, copies, batch)
    shown = [(now, left) for now, left, _ in seen if left is not None]
    first_epoch = FIRST_BATCH + STEPS * batch + VALIDATION + (COPY if copies > 1 else 0)
    assert shown[0][0] < 100 + first_epoch + 2
    for (before, more), (now, less) in itertools.pairwise(shown):
        assert less <= more - 0.49 * (now - before) or less == 0
    for now, left in shown:
        assert left == pytest.approx(end - now, rel=0.25, abs=5)


def test_the_time_does_not_rise_when_the_machine_becomes_slower():
    *seen, (end, _, _) = simulate(10, 1, 0.1, slower_from=5)
    shown = [left for _, left, _ in seen if left is not None]
    assert shown == sorted(shown, reverse=True)
    now, left, _ = seen[-1]
    assert left < end - now + 1


def test_there_is_no_estimate_before_batches_were_timed():
    assert [left for _, left, _ in itertools.islice(simulate(3, 3, 0.03), 2)] == [None, None]


@pytest.mark.parametrize(("epochs", "copies"), [(2, 2), (10, 1), (10, 6)])
@pytest.mark.parametrize("batch", [0.03, 0.2])
def test_what_earlier_trainings_took_tells_the_time_before_the_first_batch(epochs, copies, batch):
    *seen, (end, _, _) = simulate(epochs, copies, batch, earlier=1.0)
    assert seen[0][0] == 100
    for now, left, _ in seen:
        assert left == pytest.approx(end - now, rel=0.25, abs=5)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_a_training_at_another_speed_is_noticed_within_seconds(factor):
    *seen, (end, _, _) = simulate(10, 1, 0.2, earlier=factor)
    for now, left, _ in seen:
        if now > 100 + FIRST_BATCH + 3:
            assert left == pytest.approx(end - now, rel=0.25, abs=5)
