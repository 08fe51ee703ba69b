"""The exchange file: drawings as a zip that other programs and other Digit Labs can read.

It holds ``drawings.json`` as ``docs/drawings.schema.json`` describes it, and for each drawing
``images/<id>.png``: its frame in 28×28 grey levels, 0 paper … 255 ink, which shows as white on
black. Owners are left out. An imported file may come from a stranger: everything in it is checked,
nothing is unpacked to disk, and no name in it is used as a path. An export that a person has
unpacked, edited and packed again can be imported: with drawings taken out of ``drawings.json``, and
with images that an editor has saved in colour.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat

from core.archives import (
    CHOOSE_EXPORT,
    MAX_QUOTE_LENGTH,
    Archive,
    check_limit,
    open_archive,
    refuse_damaged,
    refuse_invalid,
)
from core.digits.frame import FRAME_SIZE
from core.digits.image_file import TooLargeImageError, UnreadableImageError, read_image
from core.digits.strokes import Stroke
from core.drawings.drawing import MAX_DRAWINGS, MAX_FRAME_VERSION, Drawing, StoredPrediction

JSON_FILE = "drawings.json"
# Limits of one file, beside MAX_DRAWINGS. Exports respect them too, so that every export can be
# imported again.
MAX_ARCHIVE_BYTES = 64_000_000  # bytes
MAX_JSON_BYTES = 64_000_000  # bytes
# A point, which is two numbers, takes about 270 bytes of memory while it is checked: 400 MB in all.
MAX_COMMAS = 3_000_000
# A frame takes 800 bytes at most; an image editor may have added metadata.
MAX_IMAGE_BYTES = 10_000  # bytes

UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
IMAGE_NAME = re.compile(rf"images/{UUID_PATTERN}\.png")

Probability = Annotated[FiniteFloat, Field(ge=0, le=1)]
Point = tuple[FiniteFloat, FiniteFloat]


class PredictionRecord(BaseModel):
    """What one model predicted for a drawing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    probabilities: list[Probability] = Field(
        min_length=10, max_length=10, description="Of the digits 0 to 9; they add up to 1"
    )
    model_sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the model's file, in hexadecimal"
    )


class DrawingRecord(BaseModel):
    """One drawing; its image is a file beside this one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(
        pattern=f"^{UUID_PATTERN}$",
        description="A UUID; of two drawings with the same id only one is saved",
    )
    created_at: AwareDatetime = Field(description="When it was saved, in UTC: 2026-05-01T12:00:00Z")
    label: int = Field(ge=0, le=9, description="The digit that was drawn")
    strokes: list[Annotated[list[Point], Field(min_length=1)]] | None = Field(
        min_length=1,
        description="Each stroke a list of points x (rightwards) and y (downwards), in canvas "
        "pixels; null for a picture",
    )
    image: str = Field(
        description="images/<id>.png in the same zip: 28×28 grey levels, 0 paper to 255 ink"
    )
    frame_version: int = Field(
        ge=1,
        le=MAX_FRAME_VERSION,
        description="Increases when Digit Lab computes frames in another way",
    )
    readings: dict[str, PredictionRecord] = Field(description="By the id of the model")


class Collection(BaseModel):
    """The file drawings.json of an export from Digit Lab."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["digitlab-drawings"] = Field(description="What this file is")
    version: Literal[1] = Field(description="Of this schema")
    drawings: list[DrawingRecord] = Field(max_length=MAX_DRAWINGS)


def export_drawings(drawings: Sequence[Drawing]) -> bytes:
    """Pack drawings of one owner into a zip.

    Raises:
        ValueError: there are more of them than one import accepts.
    """
    check_limit("drawings", len(drawings), MAX_DRAWINGS)
    collection = Collection(
        format="digitlab-drawings",
        version=1,
        drawings=[_record_from_drawing(drawing) for drawing in drawings],
    )
    text = collection.model_dump_json().encode()
    _check_json_size(text)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(JSON_FILE, text)
        for drawing in drawings:
            archive.writestr(_name_image(drawing.id), _encode_image(drawing.image))
    return buffer.getvalue()


def import_drawings(contents: bytes, owner: str) -> list[Drawing]:
    """Unpack the drawings of a zip for an owner; ``DrawingStore.save`` skips those saved already.

    Args:
        contents: the zip file.
        owner: who owns the imported drawings.

    Raises:
        ValueError: the zip is no export of drawings, is damaged, or exceeds a limit.
    """
    with open_archive(
        contents,
        JSON_FILE,
        description="a zip of drawings",
        max_bytes=MAX_ARCHIVE_BYTES,
        max_files=MAX_DRAWINGS,
    ) as archive:
        collection = _read_collection(archive)
        _check_names(archive, collection)
        return [
            _drawing_from_record(record, _read_image(archive, record), owner)
            for record in collection.drawings
        ]


def _read_collection(archive: Archive) -> Collection:
    text = archive.read_text(JSON_FILE, MAX_JSON_BYTES)
    _check_json_size(text)
    with refuse_invalid(JSON_FILE):
        return Collection.model_validate_json(text)


def _check_names(archive: Archive, collection: Collection) -> None:
    """Check that every drawing has its file, and that there are no files but images."""
    ids = [record.id for record in collection.drawings]
    if len(ids) != len(set(ids)):
        raise ValueError(f"The file {JSON_FILE} lists one drawing twice. Remove one of the two.")
    left = filter(IMAGE_NAME.fullmatch, archive.members)  # of drawings that were taken out
    archive.check_names({JSON_FILE, *map(_name_image, ids), *left})


def _read_image(archive: Archive, record: DrawingRecord) -> npt.NDArray[np.uint8]:
    """The ``(28, 28)`` uint8 image of a drawing."""
    name = _name_image(record.id)
    if record.image != name:
        raise ValueError(
            f"The file {JSON_FILE} names the image {record.image[:MAX_QUOTE_LENGTH]!r} instead of "
            f"{name}."
        )
    contents = archive.read(name, MAX_IMAGE_BYTES)
    try:
        picture = read_image(contents, max_pixels=FRAME_SIZE**2)
    except TooLargeImageError:
        picture = None
    except UnreadableImageError as error:
        raise ValueError(
            f"The image {name} is not a picture, or it is damaged. {CHOOSE_EXPORT}"
        ) from error
    if picture is None or picture.size != (FRAME_SIZE, FRAME_SIZE):
        raise ValueError(f"The image {name} has to be 28×28 pixels. {CHOOSE_EXPORT}")
    return _convert_to_grey(picture)


def _convert_to_grey(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Grey levels on black, which is paper; grey levels that were saved as colours are exact."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        picture = Image.alpha_composite(black, picture)
    return np.array(picture.convert("L"))


def _check_json_size(text: bytes) -> None:
    check_limit(f"bytes in {JSON_FILE}", len(text), MAX_JSON_BYTES)
    check_limit(f"numbers in {JSON_FILE}", text.count(b","), MAX_COMMAS)


def _name_image(drawing_id: str) -> str:
    return f"images/{drawing_id}.png"


def _encode_image(image: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _record_from_drawing(drawing: Drawing) -> DrawingRecord:
    strokes = drawing.strokes
    return DrawingRecord(
        id=drawing.id,
        created_at=drawing.created_at,
        label=drawing.label,
        strokes=None if strokes is None else [_list_points(stroke) for stroke in strokes],
        image=_name_image(drawing.id),
        frame_version=drawing.frame_version,
        readings={
            model_id: PredictionRecord(
                probabilities=list(prediction.probabilities),
                model_sha256=prediction.model_sha256,
            )
            for model_id, prediction in drawing.predictions.items()
        },
    )


def _list_points(stroke: Stroke) -> list[Point]:
    return [(x, y) for x, y in stroke.tolist()]


def _drawing_from_record(
    record: DrawingRecord, image: npt.NDArray[np.uint8], owner: str
) -> Drawing:
    strokes = record.strokes
    invalid = (
        f"The drawing {record.id} in {JSON_FILE} is not valid. Its time must be in UTC, its model "
        "ids in lower_snake_case, and the probabilities of each model must add up to 1."
    )
    with refuse_damaged(invalid):
        return Drawing(
            owner=owner,
            id=record.id,
            created_at=record.created_at,
            label=record.label,
            strokes=None
            if strokes is None
            else tuple(np.array(stroke, np.float64) for stroke in strokes),
            image=image,
            frame_version=record.frame_version,
            predictions={
                model_id: StoredPrediction(tuple(prediction.probabilities), prediction.model_sha256)
                for model_id, prediction in record.readings.items()
            },
        )
