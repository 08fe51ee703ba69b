"""A run: what somebody asked to be trained, whose it is, and its name.

A run is one directory, ``<runs directory>/<run id>/``. ``run.json`` is there from the moment the
run is requested; ``job/`` holds the files of its training; and once that has ended well, the same
files as in ``artifacts/<model_id>/`` stand beside them, with a card whose id is the run's.
``owners.py`` finds the runs of an owner. This module knows neither how a run is trained nor what
its plan means.
"""

import json
import logging
import os
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.atomic_files import read_text, write_atomically
from core.models.files import MAX_QUOTE_LENGTH, RUN_ID, runs_directory
from core.runs.owners import complete_index, is_complete, list_run_ids, record_run

RUN_FILE = "run.json"
JOB_DIRECTORY = "job"
# Where deleted runs are kept for a day, see ``store.py``.
DELETED_DIRECTORY = ".deleted"
MAX_NAME_LENGTH = 60
MAX_DESCRIPTION_LENGTH = 500
# What Unicode calls characters that set the direction of the text after them.
DIRECTIONS = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
# Of all visitors together; one takes 1 kB.
MAX_CACHED_RUNS = 10_000

logger = logging.getLogger(__name__)


class UnknownRunError(LookupError):
    """There is no such run, or it belongs to somebody else."""


@dataclass(frozen=True)
class Run:
    """A run, before, during and after its training.

    Attributes:
        name: control characters are left out: they are not seen, and turn the text after the name.
        owner: the name of the visitor that it belongs to, as of drawings; None where it belongs to
            everybody, as runs that the command line starts do.
        plan: what to train and how, as in its JSON.
        created_at: when it was requested, with a time zone.
        named_at: when it was renamed, imported or restored, the last of these; None where that is
            not known or has not been. Of runs with one name, the one that has had it longest keeps
            it as its title, see ``core.runs.finished``.
    """

    id: str
    name: str
    plan: Mapping[str, Any]
    owner: str | None = None
    description: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    named_at: datetime | None = None

    def __post_init__(self) -> None:
        if not RUN_ID.fullmatch(self.id):
            raise ValueError(f"expected the id of a run, run_ and 12 hex digits, got {self.id!r}")
        object.__setattr__(self, "name", _leave_out_controls(self.name))
        if not 1 <= len(self.name.strip()) <= MAX_NAME_LENGTH:
            raise ValueError(
                f"The name of a run must have 1 to {MAX_NAME_LENGTH} characters. This one has "
                f"{len(self.name.strip())}."
            )
        if len(self.description) > MAX_DESCRIPTION_LENGTH:
            raise ValueError(
                f"The description of a run must have at most {MAX_DESCRIPTION_LENGTH} characters. "
                f"This one has {len(self.description)}."
            )
        if self.created_at.tzinfo is None or self.has_name_since.tzinfo is None:
            raise ValueError("expected a time with a time zone, got one without")

    @property
    def has_name_since(self) -> datetime:
        """When its name was given, on this server."""
        return self.named_at or self.created_at

    def to_json(self) -> str:
        """The run as indented JSON text."""
        fields = asdict(self) | {"created_at": self.created_at.isoformat()}
        if self.named_at:
            fields["named_at"] = self.named_at.isoformat()
        else:  # servers of earlier versions do not know it
            del fields["named_at"]
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Run":
        """Read a run back; raises ValueError when a field is missing, unknown or malformed."""
        try:
            fields = json.loads(text)
            times = ("created_at", *({"named_at"} & fields.keys()))
            return cls(**{**fields, **{key: datetime.fromisoformat(fields[key]) for key in times}})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"expected the fields of a run, got others: {error}") from error


def new_run_id() -> str:
    """A random id for a new run, which nobody can guess."""
    return f"run_{secrets.token_hex(6)}"


def save_run(run: Run, directory: Path | None = None) -> Path:
    """Write ``run.json``, enter the run into its owner's index, and return the run's directory."""
    home = directory or runs_directory()
    record_run(run.id, run.owner, home)
    return write_run(run, home)


def write_run(run: Run, home: Path) -> Path:
    """Write ``run.json`` alone, and return the run's directory."""
    place = home / run.id
    place.mkdir(parents=True, exist_ok=True)
    write_atomically(place / RUN_FILE, run.to_json())
    return place


def load_run(run_id: str, directory: Path | None = None) -> Run:
    """A run by its id.

    Raises:
        UnknownRunError: there is none of that id.
        ValueError: its file is damaged.
    """
    if not RUN_ID.fullmatch(run_id):
        raise UnknownRunError(f"There is no run {run_id[:MAX_QUOTE_LENGTH]!r}.")
    path = f"{directory or runs_directory()}/{run_id}/{RUN_FILE}"
    try:
        status = os.stat(path)
        run = _read_run(path, (status.st_ino, status.st_mtime_ns))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownRunError(f"There is no run {run_id!r}.") from error
    if run.id != run_id:
        raise ValueError(
            f"The file {RUN_FILE} of {run_id} belongs to another run, {run.id}. Restore it."
        )
    return run


def list_runs(owner: str | None = None, directory: Path | None = None) -> list[Run]:
    """The runs that an owner may see, newest first: their own and everybody's.

    Directories whose ``run.json`` is missing or damaged are left out. The runs of other owners are
    not looked at.
    """
    shared = [] if owner is None else list_own_runs(None, directory)
    return sort_runs([*list_own_runs(owner, directory), *shared])


def list_own_runs(owner: str | None, directory: Path | None = None) -> list[Run]:
    """The runs that belong to an owner, or to everybody where that is None, newest first."""
    home = directory or runs_directory()
    if not is_complete(home):
        index_runs(home)
    return sort_runs(load_runs(owner, list_run_ids(owner, home), home))


def load_runs(owner: str | None, run_ids: Iterable[str], home: Path) -> list[Run]:
    """Those of some runs that are there, sound, and the owner's."""
    runs = []
    for run_id in run_ids:
        try:
            run = load_run(run_id, home)
        except (UnknownRunError, ValueError):
            continue
        if run.owner == owner:
            runs.append(run)
    return runs


def sort_runs(runs: Iterable[Run]) -> list[Run]:
    """The newest first."""
    return sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True)


def index_runs(directory: Path | None = None) -> None:
    """Take over runs that are not in the index of owners, such as those of earlier versions.

    Servers do so when they start, and any process does when it finds no complete index. It may be
    interrupted, and several processes may do it at the same time. Where the disk does not allow it,
    the log says so, and the runs that are in the index are still listed.
    """
    home = directory or runs_directory()
    if not home.is_dir():
        return
    run_ids = {*_list_ids(home / DELETED_DIRECTORY), *_list_ids(home)}
    if not run_ids:  # nothing is written where nobody has trained anything
        return
    try:
        complete_index(run_ids, lambda run_id: _find_owner(run_id, home), home)
    except OSError as error:
        logger.warning("expected to complete the index of runs in %s, got %s", home, error)


def _leave_out_controls(name: str) -> str:
    """A name without control characters, and without those that set the direction of text.

    The latter are the explicit ones of M. Davis and others, "Unicode Bidirectional Algorithm",
    Unicode Standard Annex 9, section 2. Letters that are written from right to left stay.
    """
    spaced = (" " if character.isspace() else character for character in name)
    return "".join(
        character
        for character in spaced
        if unicodedata.category(character) != "Cc"
        and unicodedata.bidirectional(character) not in DIRECTIONS
    )


def _find_owner(run_id: str, home: Path) -> str | None:
    """Whose a run is, deleted or not; raises UnknownRunError where there is none."""
    for place in (home, home / DELETED_DIRECTORY):
        with suppress(UnknownRunError):
            return load_run(run_id, place).owner
    return load_run(run_id, home).owner  # it may have been restored meanwhile


def _list_ids(place: Path) -> list[str]:
    try:
        return [name for name in os.listdir(place) if RUN_ID.fullmatch(name)]
    except FileNotFoundError:
        return []


@lru_cache(maxsize=MAX_CACHED_RUNS)
def _read_run(path: str, _signature: object) -> Run:
    return Run.from_json(read_text(Path(path)))
