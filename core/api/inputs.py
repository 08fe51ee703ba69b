"""Inputs: the digits in what a request sends, or the reason for a refusal."""

from http import HTTPStatus

import numpy as np

from core.api.problems import MAX_QUOTE_LENGTH, RefusalError
from core.api.schemas import Drawing
from core.api.settings import Settings, name_variable
from core.digits.found_digits import DigitRows
from core.digits.frame import EmptyDrawingError
from core.digits.image_file import (
    TooLargeImageError,
    UnknownFormatError,
    UnreadableImageError,
)
from core.inference.number import find_in_file, find_in_strokes


def find_in_drawing(drawing: Drawing) -> DigitRows:
    """The digits in a drawing. Raises RefusalError where there is too little ink; 422."""
    try:
        return find_in_strokes([np.array(stroke) for stroke in drawing.strokes])
    except EmptyDrawingError as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def find_in_picture(name: str, contents: bytes) -> DigitRows:
    """The digits in an image file.

    Raises:
        RefusalError: the file is no picture, is too large or damaged, or shows no ink.
    """
    quoted = name[:MAX_QUOTE_LENGTH]
    try:
        return find_in_file(contents)
    except UnknownFormatError as error:
        raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), file=quoted) from error
    except TooLargeImageError as error:
        raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error), file=quoted) from error
    except (UnreadableImageError, EmptyDrawingError) as error:
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), file=quoted) from error


def find_or_refuse(name: str, contents: bytes) -> DigitRows | RefusalError:
    """The digits in an image file, or the reason for its refusal."""
    try:
        return find_in_picture(name, contents)
    except RefusalError as error:
        return error


def check_files(count: int, settings: Settings) -> None:
    """Raises RefusalError for too many files; 413."""
    if count > settings.max_files:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request has {count} files, but at most {settings.max_files} files are "
            "allowed. Send them in several requests.",
        )


def check_drawing(drawing: Drawing, settings: Settings) -> None:
    """Raises RefusalError for too many strokes or points; 413."""
    points = sum(map(len, drawing.strokes))
    if len(drawing.strokes) > settings.max_strokes or points > settings.max_points:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The drawing has {len(drawing.strokes):,} strokes with {points:,} points, but at most "
            f"{settings.max_strokes:,} strokes and {settings.max_points:,} points are allowed. "
            "Leave out points that lie close together.",
        )


def check_digits(count: int, settings: Settings) -> None:
    """Raises RefusalError for too many digits; 413."""
    if count > settings.max_digits:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request has {count:,} digits, but at most {settings.max_digits:,} are allowed. "
            "Send fewer pictures, or parts of them. The environment variable "
            f"{name_variable('max_digits')} sets this limit.",
        )
