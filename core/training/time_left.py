"""The time that is left of a training, estimated from what its parts have taken so far.

Until they were timed, what earlier trainings took is used, where that is known.

An epoch is its batches, and then what comes between two epochs: validation, the files, and in the
first epochs another augmented copy. After the last epoch the model is measured. This module knows
neither Keras nor files; the caller tells it the time.
"""

from math import exp

from core.runs.progress import LEAST_FALL

# A batch is timed after this many seconds; the first one, which compiles the network, is left out.
SECONDS_TO_TIME_BATCHES = 2.0
# The batches of an epoch must take so many times what validation takes, which is only assumed until
# the first epoch has ended.
EARLY_RATIO = 4
# How fast what is shown approaches the estimate, in seconds.
SMOOTHING = 10.0


class TimeLeft:
    """Estimates the seconds until a training ends.

    What it returns never rises, with one exception: once the batches are timed, this training may
    turn out to be slower than earlier ones.
    """

    def __init__(
        self,
        *,
        epochs: int,
        new_copies: int,
        copy_seconds: float,
        between_share: float,
        measuring_seconds: float,
        batch_seconds: float | None = None,
    ) -> None:
        """Begin before the first batch.

        Args:
            epochs: how many are to be trained from now on.
            new_copies: after so many of them, another augmented copy is made; where it is not
                above 0, after none.
            copy_seconds: what making the first copy took.
            between_share: what comes between two epochs without another copy, in batches of
                training, until it is timed.
            measuring_seconds: what measuring the trained model will take.
            batch_seconds: what a batch took in earlier trainings, from which the share is then
                known too; None where there was none.
        """
        self._epochs, self._new_copies, self._copy = epochs, new_copies, copy_seconds
        self._between_share, self._measuring = between_share, measuring_seconds
        self._is_foreseen, self._earlier_batch = batch_seconds is not None, batch_seconds
        # What came between the last two epochs with another copy (True), and without one (False).
        self._between: dict[bool, float] = {}
        self._batches, self._seconds, self._epoch = 0, 0.0, 0
        self._last: float | None = None
        self._shown: tuple[float, float] | None = None

    def begin_epoch(self, now: float) -> None:
        """An epoch begins; ``now`` is in seconds, as everywhere here."""
        if self._last is not None:
            self._between[self._makes_copy(self._epoch)] = now - self._last
        self._epoch += 1
        self._last = None

    def end_batch(self, now: float) -> None:
        """A batch has ended; the first one of an epoch only starts the clock."""
        if self._last is not None:
            self._batches += 1
            self._seconds += now - self._last
        self._last = now

    def estimate(self, now: float, *, done: int, steps: int) -> float | None:
        """Seconds left, after ``done`` of the ``steps`` batches of the epoch.

        Returns:
            None until enough is known; then a number that never rises, with one exception.
        """
        batch = self._estimate_batch()
        if batch is None:
            return None
        if not (self._between or self._is_foreseen or self._is_known_early(batch, steps)):
            return None
        here, *later = [
            self._foresee_between(epoch, batch) for epoch in range(self._epoch, self._epochs + 1)
        ]
        if done == steps and self._last is not None:
            here = max(here - (now - self._last), 0.0)
        batches = (self._epochs - self._epoch) * steps + steps - done
        return self._smooth(now, batches * batch + here + sum(later) + self._measuring)

    def _estimate_batch(self) -> float | None:
        """Seconds for a batch: of earlier trainings, until those of this one were timed."""
        if self._earlier_batch is not None and self._seconds >= SECONDS_TO_TIME_BATCHES:
            self._earlier_batch = self._shown = None
        if self._earlier_batch is not None:
            return self._earlier_batch
        return self._seconds / self._batches if self._batches else None

    def _is_known_early(self, batch: float, steps: int) -> bool:
        """Whether the batches of the first epoch, which take most of its time, tell enough."""
        timed = self._seconds >= SECONDS_TO_TIME_BATCHES
        return timed and steps * batch >= EARLY_RATIO * self._between_share * batch

    def _foresee_between(self, epoch: int, batch: float) -> float:
        """What will come after an epoch: what came last, or what follows from other times."""
        makes_copy = self._makes_copy(epoch)
        if makes_copy in self._between:
            return self._between[makes_copy]
        without = self._between_share * batch
        if makes_copy:
            return self._copy + without
        return max(self._between.get(True, 0.0) - self._copy, without)

    def _makes_copy(self, epoch: int) -> bool:
        return epoch <= self._new_copies

    def _smooth(self, now: float, estimate: float) -> float:
        if self._shown is not None:
            before, shown = self._shown
            passed = now - before
            away = (shown - passed - estimate) * exp(-passed / SMOOTHING)
            estimate = max(min(estimate + away, shown - LEAST_FALL * passed), 0.0)
        self._shown = (now, estimate)
        return estimate
