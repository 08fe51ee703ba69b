"""The index of owners: which runs belong to whom, without reading anybody else's.

A run stays in ``<runs directory>/<run id>/``, whoever owns it. Beside the runs,
``.owners/<owner>/<run id>`` is an empty file for each run, where ``<owner>`` is a digest of the
owner's name, or ``everybody``. Listing one owner's runs reads two of these folders. An entry is
only a hint: ``run.json`` says whose a run is, and an entry without a run is skipped.

Why an index of files, and neither folders of runs by owner nor a table beside the drawings:

- The id alone finds a run at once. The API, trainers, batch prediction and runs that start from
  another run have nothing else.
- No run is ever moved. A trainer that works in a run's directory is not disturbed when older runs
  are taken over, and servers of the version before can run on the same disk during an update.
- Trainers and machines of a cluster share the disk of the runs but need no database. There is one
  store, so no crash, backup or replica can make two stores disagree, whether the drawings are in
  SQLite or in PostgreSQL.

Every step can be repeated, by any number of processes at the same time: no lock is needed. This
module knows ids and owners, not what a run is.
"""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

OWNERS_DIRECTORY = ".owners"
EVERYBODY = "everybody"
# Exists once every run that was there before the index has its entry.
COMPLETE_FILE = ".complete"
DIGEST_LENGTH = 32  # hexadecimal digits
# An entry is written before its run, so a young one may have no run yet.
SECONDS_UNTIL_STALE = 24 * 3600


def record_run(run_id: str, owner: str | None, home: Path) -> None:
    """Enter a run into the index, before its directory is there; again where it is in it."""
    folder = _locate(owner, home)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / run_id).touch()


def forget_run(run_id: str, owner: str | None, home: Path) -> None:
    """Take a run out of the index, after its directory is gone."""
    (_locate(owner, home) / run_id).unlink(missing_ok=True)


def list_run_ids(owner: str | None, home: Path) -> list[str]:
    """The ids that the index has for one owner, None for everybody's, in no order."""
    return _list_names(_locate(owner, home))


def is_complete(home: Path) -> bool:
    """Whether the index is there, with the runs that are older than it."""
    return (home / OWNERS_DIRECTORY / COMPLETE_FILE).exists()


def complete_index(run_ids: set[str], find_owner: Callable[[str], str | None], home: Path) -> None:
    """Enter the runs that the index lacks, and remove entries whose run is gone.

    Only the runs that it lacks are read.

    Args:
        run_ids: all runs that there are, deleted ones that can be restored among them.
        find_owner: the owner of a run, None for everybody; raises LookupError or ValueError for a
            run that is gone or damaged, which is left out.
        home: the runs directory.
    """
    index = home / OWNERS_DIRECTORY
    known: set[str] = set()
    for folder in _list_names(index):
        for run_id in _list_names(index / folder):
            known.add(run_id)
            if run_id not in run_ids:
                _remove_if_stale(index / folder / run_id, find_owner)
    for run_id in run_ids - known:
        try:
            record_run(run_id, find_owner(run_id), home)
        except (LookupError, ValueError):
            continue
    index.mkdir(exist_ok=True)
    (index / COMPLETE_FILE).touch()


def _remove_if_stale(entry: Path, find_owner: Callable[[str], str | None]) -> None:
    """Remove an entry unless it is young or its run is there after all: it may have been moved."""
    with suppress(FileNotFoundError, ValueError):  # another process removed it, or it is damaged
        if time.time() - entry.stat().st_mtime > SECONDS_UNTIL_STALE:
            try:
                find_owner(entry.name)
            except LookupError:
                entry.unlink()


def name_folder(owner: str) -> str:
    """The name of an owner's folder, from which nobody can tell the owner."""
    return hashlib.sha256(owner.encode()).hexdigest()[:DIGEST_LENGTH]


def _locate(owner: str | None, home: Path) -> Path:
    return home / OWNERS_DIRECTORY / (EVERYBODY if owner is None else name_folder(owner))


def _list_names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
