"""Settings: the limits of the API, and the environment variables that change them."""

import os
import re
from dataclasses import dataclass, fields

PREFIX = "DIGITLAB_API_"
ORIGINS_VARIABLE = "DIGITLAB_API_ORIGINS"
ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.\-\[\]:]+")


@dataclass(frozen=True)
class Settings:
    """Limits of the API. Each can be set by an environment variable, see ``name_variable``.

    Attributes:
        max_body_bytes: size of a request's body.
        max_files: pictures in one request.
        max_strokes: strokes in one drawing.
        max_points: points in one drawing, in all strokes together.
        max_digits: digits found in one request, in all pictures together.
        max_requests_per_second: from one address; 0 means no limit.
    """

    max_body_bytes: int = 10_000_000
    max_files: int = 32
    max_strokes: int = 100
    max_points: int = 4000
    max_digits: int = 1000
    max_requests_per_second: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            minimum = 0 if field.name == "max_requests_per_second" else 1
            if getattr(self, field.name) < minimum:
                raise ValueError(
                    f"The environment variable {name_variable(field.name)} must be {minimum} or "
                    f"more. It is {getattr(self, field.name)}."
                )


def name_variable(field: str) -> str:
    """The environment variable that sets a limit, such as ``DIGITLAB_API_MAX_FILES``."""
    return PREFIX + field.upper()


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        ValueError: a variable is not an integer, or is out of its range.
    """
    changed = {}
    for field in fields(Settings):
        variable = name_variable(field.name)
        text = os.environ.get(variable)
        if text is None:
            continue
        try:
            changed[field.name] = int(text)
        except ValueError as error:
            raise ValueError(
                f"The environment variable {variable} must be a whole number. It is {text!r}."
            ) from error
    return Settings(**changed)


def read_origins() -> list[str]:
    """The origins of other sites whose pages may use the API, or ``*`` for all; none by default.

    Raises:
        ValueError: one of them is no origin.
    """
    origins = os.environ.get(ORIGINS_VARIABLE, "").replace(",", " ").split()
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                f"The environment variable {ORIGINS_VARIABLE} must have origins such as "
                f"https://example.org, without a path, separated by commas. It has {origin!r}."
            )
    return origins
