"""Progress: the state of a training, which the trainer writes and pages read.

It is one small JSON file, which is replaced as a whole. This module does not know networks.
"""

import base64
import json
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.models.card import Estimate

STARTING, PREPARING, TRAINING, MEASURING = "starting", "preparing", "training", "measuring"
# The time that is left falls by at least this share of the time that passes.
LEAST_FALL = 0.5
# A figure shows no more points than it has pixels.
MAX_POINTS = 400
# The JSON name of ``Example.predicted``, as in the files of earlier versions.
PREDICTED = "said"


@dataclass(frozen=True)
class Point:
    """Training loss and accuracy over the last batches; ``at`` is in epochs, such as 1.25."""

    at: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Validation:
    """Loss (nats) and accuracy (0…1) after an epoch.

    Attributes:
        loss: on the validation set.
        accuracy: on the validation set.
        unchanged_loss: on some of the training images, not augmented and with their labels; None
            where it was not measured.
        unchanged_accuracy: on the same images.
    """

    loss: float
    accuracy: float
    unchanged_loss: float | None = None
    unchanged_accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class Example:
    """A validation digit whose prediction the last epoch changed from wrong to right or back.

    Attributes:
        image: ``(28, 28)`` uint8, 0 paper … 255 ink.
        label: the true class.
        predicted: the class that the model predicts now.
    """

    image: npt.NDArray[np.uint8]
    label: int
    predicted: int


@dataclass(frozen=True)
class Progress:
    """The state of a training.

    Attributes:
        stage: ``starting`` TensorFlow, ``preparing`` the images, ``training``, or ``measuring`` the
            trained model.
        epoch: the current epoch, counted from 1; 0 before the first.
        step: number of its batches that are done, of ``steps``.
        seconds: spent on training so far, in all attempts together.
        seconds_left: estimate until this stage ends, or in training until the model is measured;
            None while there is none.
        written_at: when this was written, in seconds since 1970.
        points: the training curve.
        gaps: the parts of the curve, from and to in epochs, that were never trained, because the
            training was stopped within an epoch.
        validations: one for each epoch that has ended.
        unchanged_images: how many training images ``unchanged_loss`` is measured on; 0 for none.
        confusion: counts on the validation set after the last such epoch, 10 rows (true class) of
            10 (predicted class); empty before.
        examples: digits whose prediction that epoch changed.
    """

    stage: str = STARTING
    epoch: int = 0
    epochs: int = 1
    step: int = 0
    steps: int = 1
    seconds: float = 0.0
    seconds_left: float | None = None
    written_at: float = 0.0
    points: tuple[Point, ...] = ()
    gaps: tuple[tuple[float, float], ...] = ()
    validations: tuple[Validation, ...] = ()
    unchanged_images: int = 0
    confusion: tuple[tuple[int, ...], ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def fraction(self) -> float:
        """Share of all epochs that is done, 0…1."""
        if not self.epoch:
            return 0.0
        return min((self.epoch - 1 + self.step / self.steps) / self.epochs, 1.0)

    def restart(self, seconds: float) -> "Progress":
        """The progress when a trainer starts, which takes about so many seconds."""
        return replace(self, stage=STARTING, seconds_left=seconds, written_at=time.time())

    def estimate_seconds_left(self, now: float) -> float | None:
        """``seconds_left`` at a time, in seconds since 1970, after it was written."""
        if self.seconds_left is None:
            return None
        return max(self.seconds_left - LEAST_FALL * max(now - self.written_at, 0.0), 0.0)

    def to_json(self) -> str:
        """As JSON text."""
        fields = asdict(replace(self, examples=()))
        fields["examples"] = [
            {
                "image": base64.b64encode(example.image.tobytes()).decode("ascii"),
                "label": example.label,
                PREDICTED: example.predicted,
            }
            for example in self.examples
        ]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> "Progress":
        """Read the text of ``to_json`` back. Raises ValueError for any other text."""
        try:
            fields = json.loads(text)
            return cls(
                **{
                    **fields,
                    "points": tuple(Point(**point) for point in fields["points"]),
                    "gaps": tuple((start, end) for start, end in fields.get("gaps", ())),
                    "validations": tuple(
                        Validation(**validation) for validation in fields["validations"]
                    ),
                    "confusion": tuple(tuple(row) for row in fields["confusion"]),
                    "examples": tuple(_read_example(example) for example in fields["examples"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"expected the progress of a run, got {error}") from error


@dataclass(frozen=True)
class Report:
    """Accuracy before and after a training that used the owner's drawings.

    Attributes:
        compared_with: id of the model before the training; None where there is none.
        joined: number of drawings that were trained on.
        held_out: number of held-out drawings that test the model, where drawings were added to
            other images.
        drawings_before: accuracy on the held-out drawings; None without such drawings or without a
            model to compare with.
        test_before: accuracy on the test set of the run's card; None without a model to compare
            with. On MNIST's, it falls where the model forgets.
    """

    compared_with: str | None
    joined: int
    held_out: int
    drawings_before: Estimate | None
    drawings_after: Estimate | None
    test_before: Estimate | None
    test_after: Estimate

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> "Report":
        """Read a report back from the fields of its JSON object."""
        estimates = {
            name: value and Estimate(**value)
            for name, value in fields.items()
            if name.endswith(("_before", "_after"))
        }
        return cls(**{**fields, **estimates})


def thin_out(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """All points, or every second one where there are too many."""
    return points if len(points) <= MAX_POINTS else points[::2]


def _read_example(fields: dict[str, Any]) -> Example:
    pixels = np.frombuffer(base64.b64decode(fields["image"]), np.uint8)
    image = pixels.reshape(FRAME_SIZE, FRAME_SIZE)
    return Example(image, fields["label"], fields[PREDICTED])
