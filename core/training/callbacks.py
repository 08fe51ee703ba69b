"""Callbacks that write files while Keras trains: after a batch or after an epoch."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from core.analysis.calibration import mean_loss
from core.analysis.confusion import count_confusions
from core.atomic_files import replace_file, write_atomically
from core.digits.datasets import CLASSES, Dataset
from core.models import files
from core.models.card import UNCHANGED_ACCURACY, UNCHANGED_LOSS
from core.runs.job_files import PROGRESS, STOP
from core.runs.progress import TRAINING, Example, Point, Progress, Validation, thin_out
from core.training.time_left import TimeLeft

# Points of the training curve per epoch, examples of each type, seconds between two reports.
POINTS_PER_EPOCH = 40
MAX_EXAMPLES = 6
INTERVAL = 0.3
MAX_AVERAGED_SHARE = 0.1
PREDICTED_AT_ONCE = 1000


class StoppedEarlyError(Exception):
    """A training was stopped before its first epoch had ended, so there is no model to keep."""


class AveragedWeights(keras.callbacks.SwapEMAWeights):
    """Puts the averaged weights into the model from the end of an epoch to the start of the next.

    B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control
    Optim. 30 (1992), doi:10.1137/0330046.
    """

    def __init__(self, *, begun: int = 0) -> None:
        """Continue after ``begun`` epochs: a backup was written while both were swapped."""
        super().__init__(swap_on_epoch=True)
        self._ema_weights_in_model = begun > 0


def choose_momentum(updates: int, *, averaged: int) -> float:
    """The momentum of an average of weights in which about ``averaged`` updates count.

    In a short training, fewer count: at most a tenth of all ``updates``.
    """
    return 1 - 1 / min(averaged, max(1, round(MAX_AVERAGED_SHARE * updates)))


class ValidationConfusions(keras.callbacks.Callback):
    """Writes the confusion matrix on the validation set after every epoch.

    Attributes:
        validation: the validation set.
        counts: a matrix ``(10, 10)`` for each epoch.
        predicted: the predicted classes ``(N,)`` after the last epoch.
    """

    def __init__(self, validation: Dataset, staging: Path, *, begun: int = 0) -> None:
        """Continue after the first ``begun`` epochs, whose counts are in ``staging``."""
        super().__init__()
        self.validation = validation
        self.counts: list[np.ndarray] = []
        self.predicted = np.empty(0, np.intp)
        self._frames = validation.frames
        self._staging = staging
        if begun:
            file = staging / files.VALIDATION_CONFUSIONS_FILE
            self.counts = list(np.load(file, allow_pickle=False)[:begun])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each epoch."""
        probabilities = self.model.predict(self._frames, batch_size=PREDICTED_AT_ONCE, verbose=0)
        self.predicted = probabilities.argmax(axis=1)
        self.counts.append(count_confusions(self.validation.labels, self.predicted))
        save_confusions(self.counts, self._staging)


class UnchangedImages(keras.callbacks.Callback):
    """Adds the loss and the accuracy on unchanged training images to the logs of each epoch.

    Callbacks after it find them there, beside those on the validation set.

    Attributes:
        count: how many images it measures on.
    """

    def __init__(self, sample: Dataset) -> None:
        """Measure on these images, the same after each epoch."""
        super().__init__()
        self.count = len(sample)
        self._frames, self._labels = sample.frames, sample.labels

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each epoch."""
        predicted = self.model.predict(self._frames, batch_size=PREDICTED_AT_ONCE, verbose=0)
        probabilities = predicted.astype(np.float32)
        if logs is not None:
            logs[UNCHANGED_ACCURACY] = float((probabilities.argmax(axis=1) == self._labels).mean())
            logs[UNCHANGED_LOSS] = mean_loss(self._labels, probabilities)


class BestWeights(keras.callbacks.Callback):
    """Saves the weights of the epoch with the smallest validation loss, in a file that names it.

    The file of the best epoch before stays until the next epoch begins or the training ends. A
    training that is killed before this epoch is backed up repeats the epoch and may need that file.
    """

    def __init__(self, staging: Path, *, rows: Sequence[Mapping[str, str]] = ()) -> None:
        """Continue after the epochs whose history is in ``rows``."""
        super().__init__()
        self._staging = staging
        self._best = find_best_epoch(rows) if rows else 0
        self._least = float(rows[self._best - 1]["val_loss"]) if rows else np.inf

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this before each epoch."""
        self._remove_earlier()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keras calls this after each epoch, counted from 0."""
        loss = (logs or {})["val_loss"]
        if loss < self._least:
            self._best, self._least = epoch + 1, loss
            self.model.save_weights(weights_file(self._staging, self._best), overwrite=True)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after the last epoch, which is backed up by then."""
        self._remove_earlier()

    def _remove_earlier(self) -> None:
        """Remove the weights of every epoch but the best."""
        for file in self._staging.glob(weights_file(self._staging, "*").name):
            if file != weights_file(self._staging, self._best):
                file.unlink()


class Reporter(keras.callbacks.Callback):
    """Writes the progress of a run into ``progress.json``, and stops it if a file ``stop`` exists.

    Attributes:
        stopped: whether the run was stopped.
        measuring_seconds: what measuring the trained model is expected to take.
    """

    def __init__(self, job: Path, *, measuring_seconds: float = 0.0) -> None:
        """Continue the progress in the run's job directory, if there is any."""
        super().__init__()
        self.stopped = False
        self.measuring_seconds = measuring_seconds
        self._job = job
        try:
            self._progress = Progress.from_json((job / PROGRESS).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            self._progress = Progress()
        self._written = 0.0

    @property
    def seconds(self) -> float:
        """Spent on training so far, in all attempts together."""
        return self._progress.seconds

    def write(self, **changes: Any) -> None:
        """Change these fields of ``Progress`` and write all of them."""
        self._progress = replace(self._progress, written_at=time.time(), **changes)
        write_atomically(self._job / PROGRESS, self._progress.to_json())
        self._written = time.monotonic()

    def prepare(
        self,
        confusions: ValidationConfusions,
        rows: Sequence[Mapping[str, str]],
        time_left: TimeLeft,
        *,
        epochs: int,
        unchanged_images: int,
    ) -> None:
        """Prepare for a training that continues after the epochs whose history is in ``rows``."""
        begun, earlier = len(rows), self._progress
        self._confusions = confusions
        self._right: npt.NDArray[np.bool_] | None = None
        self._seconds_before = earlier.seconds
        self._started = time.monotonic()
        self._time_left = time_left
        self.write(
            epoch=begun,
            epochs=epochs,
            step=1 if begun else 0,
            steps=1,
            points=tuple(point for point in earlier.points if point.at <= begun),
            gaps=tuple(gap for gap in earlier.gaps if gap[1] <= begun),
            validations=tuple(map(_read_validation, rows)),
            unchanged_images=unchanged_images,
            confusion=earlier.confusion if begun else (),
            examples=earlier.examples if begun else (),
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this before each epoch, counted from 0."""
        self._done, self._logs = 0, dict[str, float]()
        self._before = (0, 0.0, 0.0)
        now, steps = time.monotonic(), self.params["steps"]
        self._time_left.begin_epoch(now)
        left = self._time_left.estimate(now, done=0, steps=steps)
        self.write(stage=TRAINING, epoch=epoch + 1, step=0, steps=steps, seconds_left=left)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Keras calls this after each batch, with means over the epoch so far.

        Raises:
            StoppedEarlyError: the run was stopped within its first epoch.
        """
        self._done, self._logs = batch + 1, logs or {}
        steps = self._progress.steps
        self._time_left.end_batch(time.monotonic())
        if self._done % max(1, steps // POINTS_PER_EPOCH) == 0:
            self._add_point()
        if (self._job / STOP).exists():
            if self._progress.epoch == 1 and self._done < steps:
                self._add_last_point()
                self.write(**self._measure_time())
                raise StoppedEarlyError
            self.stopped = self.model.stop_training = True  # after the validation
        self._write_at_intervals()

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Keras calls this after each batch of the validation."""
        self._write_at_intervals()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keras calls this after each epoch, counted from 0."""
        logs = logs or {}
        self._add_last_point()
        validation = _read_validation(logs)
        counts = self._confusions.counts[-1]
        steps = self._progress.steps
        stopped_at = (self._locate(), float(epoch + 1))
        self.write(
            validations=(*self._progress.validations[:epoch], validation),
            gaps=(*self._progress.gaps, *([stopped_at] if self._done < steps else [])),
            confusion=tuple(tuple(int(count) for count in row) for row in counts),
            examples=self._choose_examples(epoch),
            **self._measure_time(),
        )

    def _write_at_intervals(self) -> None:
        if time.monotonic() - self._written > INTERVAL:
            self.write(**self._measure_time())

    def _add_last_point(self) -> None:
        """Add the batches of this epoch that no point has yet."""
        if self._done > self._before[0]:
            self._add_point()

    def _add_point(self) -> None:
        """Add the loss and accuracy since the last point, from the means since the epoch began."""
        done, logs = self._done, self._logs
        before, loss, accuracy = self._before
        totals = (logs["loss"] * done, logs["accuracy"] * done)
        batches = done - before
        point = Point(
            at=self._locate(),
            loss=round(max((totals[0] - loss) / batches, 0.0), 5),
            accuracy=round(min(max((totals[1] - accuracy) / batches, 0.0), 1.0), 5),
        )
        self._before = (done, *totals)
        points = thin_out((*self._progress.points, point))
        self._progress = replace(self._progress, points=points)

    def _locate(self) -> float:
        """How many epochs have been trained, such as 1.25."""
        return round(self._progress.epoch - 1 + self._done / self._progress.steps, 4)

    def _measure_time(self) -> dict[str, Any]:
        now, steps = time.monotonic(), self._progress.steps
        return {
            "step": self._done,
            "seconds": self._seconds_before + now - self._started,
            "seconds_left": self._time_left.estimate(now, done=self._done, steps=steps),
        }

    def _choose_examples(self, epoch: int) -> tuple[Example, ...]:
        """Digits that were wrong before and are right now, then digits that were right before."""
        validation, predicted = self._confusions.validation, self._confusions.predicted
        before, self._right = self._right, predicted == validation.labels
        if before is None and epoch:  # resumed: which were right before is not known
            return ()
        turned_right = self._right if before is None else self._right & ~before
        turned_wrong = ~self._right if before is None else ~self._right & before
        random = np.random.default_rng(epoch)
        return tuple(
            Example(validation.images[index], int(validation.labels[index]), int(predicted[index]))
            for turned in (turned_right, turned_wrong)
            for index in random.permutation(np.flatnonzero(turned))[:MAX_EXAMPLES]
        )


def _read_validation(figures: Mapping[str, Any]) -> Validation:
    """The validation in the logs of an epoch, or in a row of ``history.csv`` of any version."""
    unchanged = (figures.get(UNCHANGED_LOSS), figures.get(UNCHANGED_ACCURACY))
    return Validation(
        float(figures["val_loss"]),
        float(figures["val_accuracy"]),
        *(None if value in (None, "") else float(value) for value in unchanged),
    )


def find_best_epoch(rows: Sequence[Mapping[str, str]]) -> int:
    """The epoch, counted from 1, with the smallest validation loss in rows of ``history.csv``.

    Raises:
        ValueError: no loss is a finite number.
    """
    losses = np.nan_to_num([float(row["val_loss"]) for row in rows], nan=np.inf)
    if np.isinf(losses).all():
        raise ValueError("The loss was not a finite number in any epoch; use a lower learning rate")
    return int(np.argmin(losses)) + 1


def weights_file(staging: Path, epoch: int | str) -> Path:
    """The file for the weights of an epoch; ``*`` for a pattern of all such files."""
    return staging / f"best_{epoch}.weights.h5"


def save_confusions(counts: Sequence[np.ndarray], staging: Path) -> None:
    """Write counts ``(E, 10, 10)`` as 16-bit integers."""
    stacked = np.array(counts, np.uint16).reshape(-1, CLASSES, CLASSES)
    with replace_file(staging / files.VALIDATION_CONFUSIONS_FILE) as temporary:
        np.save(temporary, stacked)
