"""A lesson: drawings of a visitor that the last layer of a model learns, in a number of steps.

The browser gives the lesson on the Draw page, and a run repeats it. What the browser sends of it is
not trusted. This module knows neither plans nor networks.
"""

import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.digits.datasets import CLASSES, Dataset
from core.digits.frame import FRAME_SIZE
from core.runs.training_data import TAUGHT_DRAWINGS, TRAINED_ON_TITLES, take

MAX_DRAWINGS = 200
# Each step is an epoch of the history, and an imported run has 1,000 at most.
MAX_STEPS = 1000
PIXELS = FRAME_SIZE**2
SHA256 = re.compile("[0-9a-f]{64}")
BASE64_LENGTH = -(-PIXELS // 3) * 4
# Of the titles and ids that a browser sends.
MAX_TEXT_LENGTH = 200
UNREADABLE = (
    "What the browser sent of the taught model cannot be read. Reload the page, teach the model "
    "again and keep it then."
)


@dataclass(frozen=True)
class Lesson:
    """What is learned, as the plan of a run holds it.

    Attributes:
        drawings: how many drawings there are, 1…``MAX_DRAWINGS``.
        steps: how many steps of gradient descent are taken, 1…``MAX_STEPS``.
        digest: SHA-256 of the drawings and their digits, from ``digest_drawings``.
    """

    drawings: int
    steps: int
    digest: str

    def __post_init__(self) -> None:
        for name, value, limit in (
            ("drawings", self.drawings, MAX_DRAWINGS),
            ("steps", self.steps, MAX_STEPS),
        ):
            if type(value) is not int or not 1 <= value <= limit:
                raise ValueError(_name_limit(name, limit, value))
        if not SHA256.fullmatch(self.digest):
            raise ValueError("expected the SHA-256 of the drawings of a lesson, got something else")


class SentDrawing(BaseModel):
    """A drawing as ``pages/live/taught.js`` describes it: 784 bytes in Base64."""

    model_config = ConfigDict(extra="forbid", strict=True)

    digit: int = Field(ge=0, lt=CLASSES)
    levels: str = Field(min_length=BASE64_LENGTH, max_length=BASE64_LENGTH)


class SentLesson(BaseModel):
    """A lesson as ``pages/live/teach.js`` sends it.

    Attributes:
        model: the title of the model that learned.
        data: the id of the data set whose digits it rehearsed.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    model: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
    data: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
    steps: int
    drawings: Annotated[list[SentDrawing], Field(min_length=1, max_length=MAX_DRAWINGS)]


def read_lesson(fields: Mapping[str, Any]) -> tuple[SentLesson, Lesson, Dataset]:
    """The lesson that a browser sent, in the form of a plan, and its drawings.

    Returns:
        The drawings have ``(N, 28, 28)`` images. Their order does not depend on that in which they
        were sent, and no image is there twice.

    Raises:
        ValueError: the fields are not those of a lesson, or there are too many drawings or steps.
    """
    try:
        sent = SentLesson.model_validate(fields)
        pixels = [b64decode(drawing.levels, validate=True) for drawing in sent.drawings]
        images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, FRAME_SIZE, FRAME_SIZE)
    except ValidationError as error:
        raise ValueError(_explain(error)) from error
    except ValueError as error:
        raise ValueError(UNREADABLE) from error
    labels = np.array([drawing.digit for drawing in sent.drawings], np.uint8)
    if len(images) != len(labels):
        raise ValueError(UNREADABLE)
    drawings = Dataset(TAUGHT_DRAWINGS, TRAINED_ON_TITLES[TAUGHT_DRAWINGS], images, labels)
    _, first = np.unique(images.reshape(len(images), -1), axis=0, return_index=True)
    drawings = take(drawings, first)
    return sent, Lesson(len(drawings), sent.steps, digest_drawings(drawings)), drawings


def _explain(error: ValidationError) -> str:
    """Why a lesson is refused: it has too many drawings, or it cannot be read."""
    for problem in error.errors():
        if problem["type"] == "too_long" and problem["loc"] == ("drawings",):
            return _name_limit("drawings", MAX_DRAWINGS, problem["ctx"]["actual_length"])
    return UNREADABLE


def _name_limit(name: str, limit: int, value: object) -> str:
    return f"A run can repeat a lesson of 1 to {limit:,} {name}. This one has {value!r}."


def digest_drawings(drawings: Dataset) -> str:
    """SHA-256 of images ``(N, 28, 28)`` and labels ``(N,)``, in hexadecimal."""
    contents = drawings.images.tobytes() + drawings.labels.astype(np.uint8).tobytes()
    return hashlib.sha256(contents).hexdigest()
