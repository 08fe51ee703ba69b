"""A run: what somebody asked to be trained, whose it is, and what they call it.

A run is one directory, ``<runs directory>/<run id>/``. ``run.json`` is there from the moment it is
asked for; ``job/`` holds what the training leaves behind on its way; and once it has ended well,
the same files as in ``artifacts/<model_id>/`` stand beside them, with a card whose id is the run's.
This module knows neither how a run is trained nor what its plan means.
"""

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

RUNS_VARIABLE = "DIGITLAB_RUNS"
RUN_FILE = "run.json"
JOB_DIRECTORY = "job"
# An id of a model too, so that a run can stand wherever a model can.
RUN_ID = re.compile(r"run_[0-9a-f]{12}")
LONGEST_NAME = 60
LONGEST_DESCRIPTION = 500


class UnknownRunError(LookupError):
    """There is no such run, or it is somebody else's."""


@dataclass(frozen=True)
class Run:
    """What is known of a run before, while and after it is trained.

    Attributes:
        owner: the visitor it belongs to, as drawings do; None for everybody on this machine, as
            with runs that the command line starts.
        plan: what to train and how, as JSON holds it.
        created_at: when it was asked for, with a time zone.
    """

    id: str
    name: str
    plan: Mapping[str, Any]
    owner: str | None = None
    description: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if not RUN_ID.fullmatch(self.id):
            raise ValueError(f"expected the id of a run, run_ and 12 digits, got {self.id!r}")
        if not 1 <= len(self.name.strip()) <= LONGEST_NAME:
            raise ValueError(
                f"expected a name of 1 to {LONGEST_NAME} characters, got {len(self.name.strip())}"
            )
        if len(self.description) > LONGEST_DESCRIPTION:
            raise ValueError(
                f"expected a description of at most {LONGEST_DESCRIPTION} characters, got "
                f"{len(self.description)}"
            )
        if self.created_at.tzinfo is None:
            raise ValueError("expected a time with its time zone, got one without")

    def to_json(self) -> str:
        """The run as indented JSON text."""
        fields = asdict(self) | {"created_at": self.created_at.isoformat()}
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Run":
        """Read a run back; raises ValueError when a field is missing, unknown or malformed."""
        try:
            fields = json.loads(text)
            return cls(**{**fields, "created_at": datetime.fromisoformat(fields["created_at"])})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"expected a run, got fields that do not fit: {error}") from error


def runs_directory() -> Path:
    """Where runs are kept: what ``DIGITLAB_RUNS`` names, else in the user's data directory."""
    named = os.environ.get(RUNS_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("digitlab")) / "runs"


def name_run() -> str:
    """An id for a new run, which nobody can guess."""
    return f"run_{secrets.token_hex(6)}"


def save_run(run: Run, directory: Path | None = None) -> Path:
    """Write ``run.json``, aside first, and return the run's directory."""
    place = (directory or runs_directory()) / run.id
    place.mkdir(parents=True, exist_ok=True)
    write_aside(place / RUN_FILE, run.to_json())
    return place


def write_aside(file: Path, text: str) -> None:
    """Put a small file in place, all of it at once."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    aside.write_text(text, "utf-8")
    os.replace(aside, file)


def load_run(run_id: str, directory: Path | None = None) -> Run:
    """A run by its id.

    Raises:
        UnknownRunError: there is none of that id.
        ValueError: its file is damaged.
    """
    if not RUN_ID.fullmatch(run_id):
        raise UnknownRunError(f"expected the id of a run, got {run_id[:60]!r}")
    try:
        text = ((directory or runs_directory()) / run_id / RUN_FILE).read_text("utf-8")
    except FileNotFoundError as error:
        raise UnknownRunError(f"expected the id of a run, got {run_id!r}: there is none") from error
    return Run.from_json(text)


def list_runs(owner: str | None = None, directory: Path | None = None) -> list[Run]:
    """The runs that an owner may see, newest first: their own and everybody's.

    Directories whose ``run.json`` is missing or damaged are left out.
    """
    runs = []
    for file in (directory or runs_directory()).glob(f"*/{RUN_FILE}"):
        try:
            run = load_run(file.parent.name, directory)
        except (UnknownRunError, ValueError):
            continue
        if run.owner in (None, owner):
            runs.append(run)
    return sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True)
