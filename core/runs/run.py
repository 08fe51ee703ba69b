"""A run: what somebody asked to be trained, whose it is, and what they call it.

A run is one directory, ``<runs directory>/<run id>/``. ``run.json`` is there from the moment it is
asked for; ``job/`` holds what the training leaves behind on its way; and once it has ended well,
the same files as in ``artifacts/<model_id>/`` stand beside them, with a card whose id is the run's.
This module knows neither how a run is trained nor what its plan means.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from core.models.files import RUN_ID, runs_directory

RUN_FILE = "run.json"
JOB_DIRECTORY = "job"
MAX_NAME_LENGTH = 60
MAX_DESCRIPTION_LENGTH = 500
# Of all visitors together; one takes 1 kB.
MAX_CACHED_RUNS = 10_000
# How often a file that is in use is tried, and how many seconds apart.
MAX_ATTEMPTS, INTERVAL = 50, 0.01

Result = TypeVar("Result")


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
        if not 1 <= len(self.name.strip()) <= MAX_NAME_LENGTH:
            raise ValueError(
                f"expected a name of 1 to {MAX_NAME_LENGTH} characters, got "
                f"{len(self.name.strip())}"
            )
        if len(self.description) > MAX_DESCRIPTION_LENGTH:
            raise ValueError(
                f"expected a description of at most {MAX_DESCRIPTION_LENGTH} characters, got "
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


def new_run_id() -> str:
    """An id for a new run, which nobody can guess."""
    return f"run_{secrets.token_hex(6)}"


def save_run(run: Run, directory: Path | None = None) -> Path:
    """Write ``run.json``, aside first, and return the run's directory."""
    place = (directory or runs_directory()) / run.id
    place.mkdir(parents=True, exist_ok=True)
    write_atomically(place / RUN_FILE, run.to_json())
    return place


def write_atomically(file: Path, text: str) -> None:
    """Put a small file in place, all of it at once."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    aside.write_text(text, "utf-8")
    _retry(lambda: os.replace(aside, file))


def read_text(file: Path) -> str:
    """The text of a file that others may put in place meanwhile."""
    return _retry(lambda: file.read_text("utf-8"))


def _retry(act: Callable[[], Result]) -> Result:
    """Do it, some times over: Windows refuses to replace a file that somebody is reading."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(INTERVAL)
    return act()


def load_run(run_id: str, directory: Path | None = None) -> Run:
    """A run by its id.

    Raises:
        UnknownRunError: there is none of that id.
        ValueError: its file is damaged.
    """
    if not RUN_ID.fullmatch(run_id):
        raise UnknownRunError(f"expected the id of a run, got {run_id[:60]!r}")
    path = f"{directory or runs_directory()}/{run_id}/{RUN_FILE}"
    try:
        status = os.stat(path)
        run = _read_run(path, (status.st_ino, status.st_mtime_ns))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownRunError(f"expected the id of a run, got {run_id!r}: there is none") from error
    if run.id != run_id:
        raise ValueError(f"expected {RUN_FILE} of {run_id}, got that of {run.id}")
    return run


def list_runs(owner: str | None = None, directory: Path | None = None) -> list[Run]:
    """The runs that an owner may see, newest first: their own and everybody's.

    Directories whose ``run.json`` is missing or damaged are left out.
    """
    home = directory or runs_directory()
    try:
        names = os.listdir(home)
    except FileNotFoundError:
        return []
    runs = []
    for name in names:
        try:
            if _read_owner(name, str(home)) in (None, owner):
                runs.append(load_run(name, home))
        except (UnknownRunError, ValueError):
            continue
    return sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True)


@lru_cache(maxsize=MAX_CACHED_RUNS)
def _read_run(path: str, _signature: object) -> Run:
    return Run.from_json(read_text(Path(path)))


@lru_cache(maxsize=MAX_CACHED_RUNS)
def _read_owner(run_id: str, home: str) -> str | None:
    """Whose a run is, which never changes: pages look through all of them at every rerun."""
    return load_run(run_id, Path(home)).owner
