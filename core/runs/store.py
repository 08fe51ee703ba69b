"""The store of runs: what owners change of their runs, and what happens to deleted ones.

A deleted run is moved aside whole, so that it can be restored. A day later it is removed for good,
at the next deletion or start of a server. Nobody can change somebody else's run or one that belongs
to everybody.
"""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.models.files import runs_directory
from core.runs.owners import forget_run, list_run_ids
from core.runs.run import (
    DELETED_DIRECTORY,
    Run,
    UnknownRunError,
    list_own_runs,
    load_run,
    load_runs,
    save_run,
    write_run,
)

# Of one owner, finished or not. Runs that belong to everybody are not counted.
MAX_RUNS = 50
# Before the name of a directory in which a run is put together.
STAGING_PREFIX = ".staging_"
SECONDS_KEPT = 24 * 3600


class TooManyRunsError(ValueError):
    """The owner would have more than ``MAX_RUNS``."""


def check_quota(owner: str | None, directory: Path | None = None, *, added: int = 1) -> None:
    """Raises TooManyRunsError where an owner may not have so many more runs."""
    if owner is not None and len(list_own_runs(owner, directory)) + added > MAX_RUNS:
        raise TooManyRunsError(
            f"You can keep at most {MAX_RUNS} runs. Export some on the Runs page and delete them "
            "there to make room."
        )


def find_own_run(owner: str | None, run_id: str, directory: Path | None = None) -> Run:
    """A run that its owner may change; None for one that belongs to everybody.

    Raises:
        UnknownRunError: the owner has none of that id.
        ValueError: its file is damaged.
    """
    with suppress(UnknownRunError):
        run = load_run(run_id, directory)
        if run.owner == owner:
            return run
    # The same message in both cases: nobody can find out whether somebody else has such a run.
    raise UnknownRunError("This is not one of your runs. Reload the page to see yours.")


def update_run(
    owner: str, run_id: str, *, name: str, description: str, directory: Path | None = None
) -> Run:
    """Give a run another name and description; returns the changed run.

    Raises:
        UnknownRunError: the owner has none of that id.
        ValueError: the name or the description is too long, or there is no name.
    """
    run = find_own_run(owner, run_id, directory)
    changed = replace(run, name=name.strip(), description=description.strip())
    if changed.name != run.name:
        changed = replace(changed, named_at=datetime.now(UTC))
    save_run(changed, directory)
    return changed


def delete_run(owner: str, run_id: str, directory: Path | None = None) -> None:
    """Move a run aside, and remove for good the runs that were moved aside a day ago.

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
    """The owner's runs that can be restored, the one deleted last first."""
    home = directory or runs_directory()
    aside = home / DELETED_DIRECTORY
    own = load_runs(owner, list_run_ids(owner, home), aside)
    return sorted(own, key=lambda run: _get_age(aside / run.id))


def restore_run(owner: str, run_id: str, directory: Path | None = None) -> None:
    """Restore a deleted run.

    Raises:
        UnknownRunError: the owner has deleted none of that id, or it was removed for good.
        TooManyRunsError: the owner already has the maximum number of runs.
    """
    home = directory or runs_directory()
    aside = home / DELETED_DIRECTORY
    run = find_own_run(owner, run_id, aside)
    check_quota(owner, directory)
    write_run(replace(run, named_at=datetime.now(UTC)), aside)
    _move(aside / run_id, home / run_id)


def purge_runs(directory: Path | None = None) -> None:
    """Remove runs that were deleted at least a day ago, and what interrupted imports left."""
    home = directory or runs_directory()
    for place in [*home.glob(f"{DELETED_DIRECTORY}/*"), *home.glob(f"{STAGING_PREFIX}*")]:
        if _get_age(place) > SECONDS_KEPT:
            remove_run(place)


def remove_run(place: Path) -> None:
    """Remove a run's directory, which may be a deleted run's, and its entry in the index."""
    try:
        run = load_run(place.name, place.parent)
    except (UnknownRunError, ValueError):  # not a run, or a damaged one
        run = None
    shutil.rmtree(place, ignore_errors=True)
    if run and not place.exists():
        home = place.parent.parent if place.parent.name == DELETED_DIRECTORY else place.parent
        forget_run(run.id, run.owner, home)


def discard_run(run: Run, directory: Path | None = None) -> None:
    """Remove what was written of a run that could not be saved, and its entry in the index."""
    home = directory or runs_directory()
    shutil.rmtree(home / run.id, ignore_errors=True)
    forget_run(run.id, run.owner, home)


def _move(source: Path, target: Path) -> None:
    try:
        os.utime(source)  # from which the day is counted
        os.rename(source, target)
    except FileNotFoundError as error:
        raise UnknownRunError("This run is gone. Reload the page to see your runs.") from error


def _get_age(place: Path) -> float:
    """Seconds since a directory was last changed; 0 if another process has just removed it."""
    try:
        return time.time() - place.stat().st_mtime
    except FileNotFoundError:
        return 0.0
