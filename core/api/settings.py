"""Settings: what one request may ask for, and how each limit is changed."""

import os
from dataclasses import dataclass, fields

PREFIX = "DIGITLAB_API_"


@dataclass(frozen=True)
class Settings:
    """Limits of the API. Each is read from the environment variable of its name.

    Attributes:
        max_body_bytes: larger request bodies are refused while they arrive.
        max_files: pictures in one request.
        max_strokes: strokes in one drawing.
        max_points: points in one drawing, all strokes together.
        max_requests_per_second: from one address; 0 sets no limit.
    """

    max_body_bytes: int = 10_000_000
    max_files: int = 32
    max_strokes: int = 100
    max_points: int = 4000
    max_requests_per_second: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            least = 0 if field.name == "max_requests_per_second" else 1
            if getattr(self, field.name) < least:
                raise ValueError(
                    f"expected {name_variable(field.name)} to be {least} or more, "
                    f"got {getattr(self, field.name)}"
                )


def name_variable(field: str) -> str:
    """The environment variable that sets a limit, such as ``DIGITLAB_API_MAX_FILES``."""
    return PREFIX + field.upper()


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        ValueError: a variable holds something other than a whole number in its range.
    """
    given = {}
    for field in fields(Settings):
        variable = name_variable(field.name)
        text = os.environ.get(variable)
        if text is None:
            continue
        try:
            given[field.name] = int(text)
        except ValueError as error:
            raise ValueError(f"expected {variable} to be a whole number, got {text!r}") from error
    return Settings(**given)
