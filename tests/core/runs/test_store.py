import errno
import os
import time
from dataclasses import replace

import pytest

from core.runs import store
from core.runs.finished import list_finished
from core.runs.owners import list_run_ids
from core.runs.run import UnknownRunError, list_runs, load_run, save_run
from core.runs.store import (
    TooManyRunsError,
    check_quota,
    delete_run,
    list_deleted,
    purge_runs,
    restore_run,
    update_run,
)
from tests.core.runs.conftest import finish_run, list_places, make_run

DAY = 24 * 3600


@pytest.fixture
def hers(tmp_path):
    return finish_run(make_run(owner="anna"), tmp_path)


def read_files(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_run_gets_another_name_and_description(tmp_path, hers):
    update_run("anna", hers.id, name=" Better ", description="More epochs", directory=tmp_path)
    found = load_run(hers.id, tmp_path)
    assert (found.name, found.description) == ("Better", "More epochs")
    assert (found.owner, found.plan, found.created_at) == ("anna", hers.plan, hers.created_at)


@pytest.mark.parametrize("name", ["", "  ", "n" * 61])
def test_an_invalid_name_changes_nothing(tmp_path, hers, name):
    with pytest.raises(ValueError, match="must have 1 to 60 characters"):
        update_run("anna", hers.id, name=name, description="", directory=tmp_path)
    assert load_run(hers.id, tmp_path) == hers


@pytest.mark.parametrize("owner", ["ben", None])
@pytest.mark.parametrize(
    "change",
    [
        lambda run_id, home: update_run("anna", run_id, name="X", description="", directory=home),
        lambda run_id, home: delete_run("anna", run_id, home),
    ],
    ids=["describe", "delete"],
)
def test_only_its_owner_can_change_a_run(tmp_path, owner, change):
    run = finish_run(make_run(owner=owner), tmp_path)
    before = read_files(tmp_path)
    with pytest.raises(UnknownRunError, match="one of your runs"):
        change(run.id, tmp_path)
    assert read_files(tmp_path) == before


@pytest.mark.parametrize("run_id", ["../other", "run_000000000000"])
def test_a_missing_run_cannot_be_changed(tmp_path, run_id):
    for change in (delete_run, restore_run):
        with pytest.raises(UnknownRunError):
            change("anna", run_id, tmp_path)


def test_a_deleted_run_disappears_and_can_be_restored_completely(tmp_path, hers):
    list_runs("anna", tmp_path)
    before = read_files(tmp_path)
    delete_run("anna", hers.id, tmp_path)
    assert list_finished("anna", tmp_path) == []
    assert list_deleted("anna", tmp_path) == [hers]
    assert list_deleted("ben", tmp_path) == []
    with pytest.raises(UnknownRunError):
        restore_run("ben", hers.id, tmp_path)
    restore_run("anna", hers.id, tmp_path)
    restored = load_run(hers.id, tmp_path)
    assert restored == replace(hers, named_at=restored.named_at)
    save_run(hers, tmp_path)
    assert read_files(tmp_path) == before
    assert list_deleted("anna", tmp_path) == []
    with pytest.raises(UnknownRunError):
        restore_run("anna", hers.id, tmp_path)


def test_a_run_can_be_restored_later_where_the_disk_is_full_now(tmp_path, hers, monkeypatch):
    delete_run("anna", hers.id, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("core.runs.run.write_atomically", raise_full_disk)
        with pytest.raises(OSError, match="No space"):
            restore_run("anna", hers.id, tmp_path)
    assert list_deleted("anna", tmp_path) == [hers]
    assert list_runs("anna", tmp_path) == []
    restore_run("anna", hers.id, tmp_path)
    assert list_runs("anna", tmp_path)


def raise_full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_run_deleted_last_is_offered_first(tmp_path):
    first, second = (finish_run(make_run(owner="anna"), tmp_path) for _ in range(2))
    for run in (second, first):
        delete_run("anna", run.id, tmp_path)
        time.sleep(0.02)
    assert list_deleted("anna", tmp_path) == [first, second]


def test_after_a_day_deleted_runs_and_interrupted_imports_are_removed(tmp_path):
    old, new, next_one = (finish_run(make_run(owner="anna"), tmp_path) for _ in range(3))
    os.utime(tmp_path / new.id, (0, 0))  # trained long ago: what counts is when it is deleted
    staging = tmp_path / f"{store.STAGING_PREFIX}1"
    for name in ("1", "2"):
        (tmp_path / f"{store.STAGING_PREFIX}{name}").mkdir()
    for run in (old, new):
        delete_run("anna", run.id, tmp_path)
    long_ago = time.time() - DAY - 60
    for place in (tmp_path / store.DELETED_DIRECTORY / old.id, staging):
        os.utime(place, (long_ago, long_ago))
    delete_run("anna", next_one.id, tmp_path)
    assert {run.id for run in list_deleted("anna", tmp_path)} == {new.id, next_one.id}
    assert list_places(tmp_path) == [store.DELETED_DIRECTORY, f"{store.STAGING_PREFIX}2"]
    assert sorted(list_run_ids("anna", tmp_path)) == sorted([new.id, next_one.id])


def test_there_is_nothing_to_purge_where_there_are_no_runs(tmp_path):
    purge_runs(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def test_the_runs_of_a_visitor_are_limited_and_those_of_everybody_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 2)
    for owner in ("anna", "anna", "ben", None, None, None):
        save_run(make_run(owner=owner), tmp_path)
    with pytest.raises(TooManyRunsError, match="You can keep at most 2 runs"):
        check_quota("anna", tmp_path)
    check_quota("ben", tmp_path)
    check_quota(None, tmp_path)
    (one, _) = [run for run in list_runs("anna", tmp_path) if run.owner]
    delete_run("anna", one.id, tmp_path)
    check_quota("anna", tmp_path)
    save_run(make_run(owner="anna"), tmp_path)
    with pytest.raises(TooManyRunsError):
        restore_run("anna", one.id, tmp_path)
    assert list_deleted("anna", tmp_path) == [one]
