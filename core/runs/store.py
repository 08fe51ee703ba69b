"""The store of runs: what their owners change of them, and what becomes of deleted ones.

A deleted run is moved aside whole, so that it can be brought back, and is gone for good a day later
at the next deletion or start of the server. Nobody can change a run of somebody else's, nor one of
everybody's.
"""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

from core.models.files import runs_directory
from core.runs.run import Run, UnknownRunError, list_runs, load_run, save_run

# Of one owner, finished or not. Those of everybody are not counted.
MAX_RUNS = 50
DELETED_DIRECTORY = ".deleted"
# Before the name of a directory in which a run is put together.
STAGING_PREFIX = ".staging_"
SECONDS_KEPT = 24 * 3600


class TooManyRunsError(ValueError):
    """The owner would have more than ``MAX_RUNS``."""


def check_quota(owner: str | None, directory: Path | None = None) -> None:
    """Raises TooManyRunsError where an owner may not have another run."""
    count = sum(run.owner == owner for run in list_runs(owner, directory))
    if owner is not None and count >= MAX_RUNS:
        raise TooManyRunsError(
            f"expected at most {MAX_RUNS} runs of one visitor, got one more; export some of yours "
            "and delete them here"
        )


def find_own_run(owner: str, run_id: str, directory: Path | None = None) -> Run:
    """A run that its owner may change.

    Raises:
        UnknownRunError: the owner has none of that id.
        ValueError: its file is damaged.
    """
    run = load_run(run_id, directory)
    if run.owner != owner:
        raise UnknownRunError(f"expected the id of one of your runs, got {run_id!r}")
    return run


def update_run(
    owner: str, run_id: str, *, name: str, description: str, directory: Path | None = None
) -> Run:
    """Give a run another name and description; returns it as it is then.

    Raises:
        UnknownRunError: the owner has none of that id.
        ValueError: the name or the description is too long, or there is no name.
    """
    run = replace(
        find_own_run(owner, run_id, directory), name=name.strip(), description=description.strip()
    )
    save_run(run, directory)
    return run


def delete_run(owner: str, run_id: str, directory: Path | None = None) -> None:
    """Move a run aside, and forget for good what was moved aside a day ago.

    Raises:
        UnknownRunError: the owner has none of that id.
    """
    find_own_run(owner, run_id, directory)
    home = directory or runs_directory()
    aside = home / DELETED_DIRECTORY
    aside.mkdir(exist_ok=True)
    _move(home / run_id, aside / run_id)
    purge_runs(directory)


def list_deleted(owner: str, directory: Path | None = None) -> list[Run]:
    """The owner's runs that can be brought back, the one deleted last first."""
    aside = (directory or runs_directory()) / DELETED_DIRECTORY
    own = [run for run in list_runs(owner, aside) if run.owner == owner]
    return sorted(own, key=lambda run: _get_age(aside / run.id))


def restore_run(owner: str, run_id: str, directory: Path | None = None) -> None:
    """Bring a deleted run back.

    Raises:
        UnknownRunError: the owner has deleted none of that id, or it is gone for good.
        TooManyRunsError: the owner has as many others as there may be.
    """
    home = directory or runs_directory()
    aside = home / DELETED_DIRECTORY
    find_own_run(owner, run_id, aside)
    check_quota(owner, directory)
    _move(aside / run_id, home / run_id)


def purge_runs(directory: Path | None = None) -> None:
    """Remove what was deleted a day ago or longer, and what an import that was cut off left."""
    home = directory or runs_directory()
    for place in [*home.glob(f"{DELETED_DIRECTORY}/*"), *home.glob(f"{STAGING_PREFIX}*")]:
        if _get_age(place) > SECONDS_KEPT:
            shutil.rmtree(place, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    try:
        os.utime(source)  # from which the day is counted
        os.rename(source, target)
    except FileNotFoundError as error:
        raise UnknownRunError(f"expected the run {source.name}, got none; it is gone") from error


def _get_age(place: Path) -> float:
    """Seconds since a directory was last changed; 0 where another process has just removed it."""
    try:
        return time.time() - place.stat().st_mtime
    except FileNotFoundError:
        return 0.0
