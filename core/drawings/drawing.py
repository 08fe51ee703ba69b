"""A saved drawing: what was drawn, the digit it is, and what the models predicted."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE, FRAME_VERSION
from core.digits.strokes import Stroke
from core.models.card import MODEL_ID

MAX_OWNER_LENGTH = 64
# Of one owner. An export holds as many, so that all of them can always be exported together.
MAX_DRAWINGS = 5000
OWNER = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_OWNER_LENGTH}}}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# The largest number that a two-byte column of a database holds.
MAX_FRAME_VERSION = 2**15 - 1
# A UUID that nothing else uses as a namespace.
NAMESPACE = uuid.UUID("6f1c1f0e-6d0b-4c0e-9b43-1f6c1a7d2b58")


# Here and not beside the store, so that catching them does not load the database's library.
class StorageUnavailableError(OSError):
    """The database cannot be reached, or refused a statement."""


class UnknownDrawingError(LookupError):
    """The owner has no drawing of this id."""


class TooManyDrawingsError(ValueError):
    """The owner would have more than ``MAX_DRAWINGS``."""


@dataclass(frozen=True)
class StoredPrediction:
    """What one model predicted for a drawing.

    Attributes:
        probabilities: ten, a distribution over the digits 0…9.
        model_sha256: SHA-256 in hexadecimal of the model's file. It tells a retrained model from
            the one that made the prediction.

    Raises:
        ValueError: one of them is malformed.
    """

    probabilities: tuple[float, ...]
    model_sha256: str

    def __post_init__(self) -> None:
        total = sum(self.probabilities)
        inside = all(0 <= probability <= 1 for probability in self.probabilities)
        if len(self.probabilities) != 10 or not inside or not abs(total - 1) <= 1e-3:
            raise ValueError(
                "expected ten probabilities from 0 to 1 that add up to 1, got "
                f"{len(self.probabilities)} with a sum of {total:.4f}"
            )
        if not SHA256.fullmatch(self.model_sha256):
            raise ValueError(
                f"expected a SHA-256 as 64 hexadecimal digits, got {self.model_sha256[:80]!r}"
            )

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return self.probabilities.index(max(self.probabilities))


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawing:
    """A digit that somebody drew and saved.

    Attributes:
        owner: who saved it: 1 to 64 letters, digits, ``_`` and ``-``.
        label: the digit it is, 0…9.
        strokes: one ``(n, 2)`` float64 array a stroke, n ≥ 1, in canvas pixels; None for a picture.
        image: ``(28, 28)`` uint8, 0 paper … 255 ink: the frame that the models classified.
        predictions: what each model predicted for that frame, by model id.
        id: a UUID in lower case with hyphens, unique among the drawings of its owner.
        created_at: when it was saved, in UTC.
        frame_version: ``core.digits.frame.FRAME_VERSION`` of the image.

    Raises:
        ValueError: one of them is malformed.
    """

    owner: str
    label: int
    strokes: tuple[Stroke, ...] | None
    image: npt.NDArray[np.uint8]
    predictions: Mapping[str, StoredPrediction]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    frame_version: int = FRAME_VERSION

    def __post_init__(self) -> None:
        _check_identity(self.id, self.owner)
        check_label(self.label)
        _check_strokes(self.strokes)
        if self.image.shape != (FRAME_SIZE, FRAME_SIZE) or self.image.dtype != np.uint8:
            raise ValueError(
                f"expected an image of shape {(FRAME_SIZE, FRAME_SIZE)} and type uint8, got "
                f"{self.image.shape} and {self.image.dtype}"
            )
        for model_id in self.predictions:
            check_model_id(model_id)
        # A database may write times in its own zone: keep clear of both ends of the calendar.
        if self.created_at.utcoffset() != timedelta(0) or not 2000 <= self.created_at.year < 3000:
            raise ValueError(
                f"expected a time of this millennium in UTC, got {self.created_at.isoformat()}"
            )
        if not 1 <= self.frame_version <= MAX_FRAME_VERSION:
            raise ValueError(
                f"expected a frame version from 1 to {MAX_FRAME_VERSION}, got {self.frame_version}"
            )


@dataclass(frozen=True)
class DamagedDrawing:
    """A saved drawing that cannot be read.

    Attributes:
        id: what its row has in the place of an id.
        damage: what is wrong with it.
    """

    id: str
    damage: str


def identify(image: npt.NDArray[np.uint8], strokes: tuple[Stroke, ...] | None) -> str:
    """The id of what was drawn: the same drawing has the same id, however often it is saved."""
    digest = hashlib.sha256(image.tobytes())
    for stroke in strokes or ():
        digest.update(len(stroke).to_bytes(8) + stroke.tobytes())
    return str(uuid.uuid5(NAMESPACE, digest.hexdigest()))


def check_label(label: int) -> None:
    """Raises ValueError unless the label is a digit 0…9."""
    if type(label) is not int or not 0 <= label <= 9:
        raise ValueError(f"expected a label from 0 to 9, got {label!r}")


def check_model_id(model_id: str) -> None:
    """Raises ValueError unless this has the form of a model id; the model need not exist."""
    if not MODEL_ID.fullmatch(model_id):
        raise ValueError(f"expected a model id in lower_snake_case, got {model_id[:80]!r}")


def _check_identity(drawing_id: str, owner: str) -> None:
    if not OWNER.fullmatch(owner):
        raise ValueError(
            f"expected an owner of 1 to {MAX_OWNER_LENGTH} letters, digits, _ and -, got "
            f"{owner[:80]!r}"
        )
    try:
        canonical = str(uuid.UUID(drawing_id))
    except ValueError:
        canonical = None
    if drawing_id != canonical:
        raise ValueError(
            f"expected a UUID in lower case with hyphens as the id, got {drawing_id[:80]!r}"
        )


def _check_strokes(strokes: tuple[Stroke, ...] | None) -> None:
    if strokes is not None and not strokes:
        raise ValueError("expected at least one stroke, or None for a picture, got none")
    for index, stroke in enumerate(strokes or ()):
        if stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
            raise ValueError(
                f"expected stroke {index} to be an (n, 2) array with n of 1 or more, got shape "
                f"{stroke.shape}"
            )
        if stroke.dtype != np.float64 or not np.isfinite(stroke).all():
            raise ValueError(
                f"expected stroke {index} to hold finite float64 numbers, got {stroke.dtype} "
                "or a number that is not finite"
            )
