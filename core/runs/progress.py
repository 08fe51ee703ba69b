"""Progress: how far a training has come, as the trainer writes it and pages read it.

One small JSON file, written aside and renamed, so that nobody ever reads half of it. This module
knows nothing of networks.
"""

import base64
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.models.card import Estimate

PREPARING, TRAINING, MEASURING = "preparing", "training", "measuring"
# More points than a figure has pixels are of no use.
MAX_POINTS = 400


@dataclass(frozen=True)
class Point:
    """Training loss and accuracy over the batches just before; ``at`` counts epochs, as 1.25."""

    at: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Validation:
    """Loss (nats) and accuracy (0…1) on the validation set after an epoch."""

    loss: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Example:
    """A validation digit that the last epoch changed the model's mind about.

    Attributes:
        image: ``(28, 28)`` uint8, 0 paper … 255 ink.
        label: what it is.
        said: what the model says now.
    """

    image: npt.NDArray[np.uint8]
    label: int
    said: int


@dataclass(frozen=True)
class Progress:
    """How far a training has come.

    Attributes:
        stage: ``preparing`` images, ``training``, or ``measuring`` the trained model.
        epoch: the one under way, counted from 1; 0 before the first.
        step: batches of it that are done, of ``steps``.
        seconds: spent on training so far, all attempts together.
        seconds_left: until the last epoch ends, or None while nobody can say.
        points: the training curve.
        validations: one an epoch that ended.
        confusion: counts on the validation set after the last such epoch, 10 rows (true class) of
            10 (predicted class); empty before.
        examples: digits just got right or wrong in it.
    """

    stage: str = PREPARING
    epoch: int = 0
    epochs: int = 1
    step: int = 0
    steps: int = 1
    seconds: float = 0.0
    seconds_left: float | None = None
    points: tuple[Point, ...] = ()
    validations: tuple[Validation, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def share(self) -> float:
        """Of all epochs, 0…1."""
        if not self.epoch:
            return 0.0
        return min((self.epoch - 1 + self.step / self.steps) / self.epochs, 1.0)

    def to_json(self) -> str:
        """As JSON text."""
        fields = asdict(replace(self, examples=()))
        fields["examples"] = [
            {"image": base64.b64encode(one.image.tobytes()).decode("ascii"), "label": one.label}
            | {"said": one.said}
            for one in self.examples
        ]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> "Progress":
        """Read it back; raises ValueError when it is not what ``to_json`` wrote."""
        try:
            fields = json.loads(text)
            return cls(
                **{
                    **fields,
                    "points": tuple(Point(**one) for one in fields["points"]),
                    "validations": tuple(Validation(**one) for one in fields["validations"]),
                    "confusion": tuple(tuple(row) for row in fields["confusion"]),
                    "examples": tuple(_read_example(one) for one in fields["examples"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"expected the progress of a run, got {error}") from error


@dataclass(frozen=True)
class Report:
    """Accuracy before and after a training that the owner's drawings joined.

    Attributes:
        compared_with: id of the model that stands for before; None where there is none.
        joined: drawings that were learned from.
        held_out: the newest ones, which were not.
        drawings_before: on these; None where there are none, or nothing to compare with.
        test_before: on the MNIST test set, likewise: what was forgotten shows here.
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
        """Read it back from what JSON held."""
        estimates = {
            name: value and Estimate(**value)
            for name, value in fields.items()
            if name.endswith(("_before", "_after"))
        }
        return cls(**{**fields, **estimates})


def thin_out(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Every second point where there are too many of them."""
    return points if len(points) <= MAX_POINTS else points[::2]


def _read_example(fields: dict[str, Any]) -> Example:
    pixels = np.frombuffer(base64.b64decode(fields["image"]), np.uint8)
    image = pixels.reshape(FRAME_SIZE, FRAME_SIZE)
    return Example(image, fields["label"], fields["said"])
