"""The index of owners: one owner's runs, however many others there are, and those of before it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models.files import RUNS_VARIABLE, load_card, locate_model
from core.runs import owners
from core.runs import run as runs_module
from core.runs.finished import list_finished
from core.runs.job_files import is_training, job_directory, read_json
from core.runs.jobs import list_jobs
from core.runs.owners import OWNERS_DIRECTORY, list_run_ids, record_run
from core.runs.run import (
    RUN_FILE,
    Run,
    index_runs,
    list_own_runs,
    list_runs,
    load_run,
    save_run,
    write_run,
)
from core.runs.store import (
    DELETED_DIRECTORY,
    check_quota,
    delete_run,
    list_deleted,
    purge_runs,
    restore_run,
)
from tests.core.runs.conftest import finish_run, make_run
from tests.servers import ROOT

OTHERS = 25_000
MAX_SECONDS = 0.005
# A trainer of the version before: it holds the lock of its run and writes below its directory.
TRAINER = """
import sys, time
from pathlib import Path
from core.runs.lock import acquire_lock, release_lock

job = Path(sys.argv[1])
lock = acquire_lock(job / "lock")
print("training", flush=True)
sys.stdin.readline()
(job / "outcome.json").write_text('{"state": "finished", "error": "", "ended_at": 1}')
release_lock(lock)
"""


TAKE_OVER = """
import sys
from pathlib import Path
from core.runs.run import index_runs

index_runs(Path(sys.argv[1]))
"""


def save_as_before(run: Run, home: Path) -> Run:
    """Write a run as versions without an index did."""
    write_run(run, home)
    return run


def find_fastest(act, *, times: int = 20) -> float:
    """The seconds of the fastest of several calls: others may use the machine meanwhile."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return min(taken)


@pytest.fixture(scope="module")
def crowded() -> Iterator[Path]:
    """25,000 runs of 5,000 others, and no index yet."""
    template = make_run(owner="OWNER")
    with tempfile.TemporaryDirectory(dir=find_fast_disk()) as directory:
        home = Path(directory)
        for number in range(OTHERS):
            run_id = f"run_{number:012x}"
            text = template.to_json().replace("OWNER", f"other_{number % 5000}")
            (home / run_id).mkdir()
            (home / run_id / RUN_FILE).write_text(text.replace(template.id, run_id), "utf-8")
        yield home


def find_fast_disk() -> Path | None:
    """The memory where it is mounted as a disk and is large enough; None for any disk."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and shutil.disk_usage(memory).free > 500_000_000
    return memory if fits else None


class TestAmongManyOthers:
    def test_listing_ones_runs_costs_as_if_there_were_none(self, crowded, tmp_path):
        for home in (crowded, tmp_path):
            for _ in range(10):
                finish_run(make_run(owner="anna"), home)
            save_run(make_run(), home)
        index_runs(crowded)
        seconds = {}
        for home in (crowded, tmp_path):
            assert len(list_runs("anna", home)) == 11
            assert len(list_finished("anna", home)) == 10
            seconds[home] = (
                find_fastest(lambda home=home: list_runs("anna", home)),
                find_fastest(lambda home=home: list_finished("anna", home)),
                find_fastest(lambda home=home: check_quota("anna", home)),
                find_fastest(lambda home=home: list_deleted("anna", home)),
            )
        assert max(seconds[crowded]) < MAX_SECONDS, seconds

    def test_the_files_of_others_are_not_touched(self, crowded, monkeypatch):
        save_run(make_run(owner="berta"), crowded)
        index_runs(crowded)
        looked_at = []
        for name in ("stat", "listdir"):
            act = getattr(os, name)

            def note(path: object, *rest: object, act=act, **options: object) -> object:
                looked_at.append(str(path))
                return act(path, *rest, **options)

            monkeypatch.setattr(os, name, note)
        runs_module._read_run.cache_clear()
        (own,) = list_own_runs("berta", crowded)
        assert any(own.id in path for path in looked_at)
        assert len(looked_at) < 10
        assert not [path for path in looked_at if "run_0000" in path or path == str(crowded)]


def test_runs_without_an_index_are_taken_over_once(tmp_path, monkeypatch):
    runs = [save_as_before(make_run(owner=f"owner {n % 3}"), tmp_path) for n in range(12)]
    assert len(list_runs("owner 1", tmp_path)) == 4
    monkeypatch.setattr(runs_module, "_find_owner", lambda *_: pytest.fail("a run was read again"))
    index_runs(tmp_path)
    found = [run.id for n in range(3) for run in list_own_runs(f"owner {n}", tmp_path)]
    assert sorted(found) == sorted(run.id for run in runs)


def test_runs_of_earlier_versions_are_there_for_their_owners(tmp_path):
    hers, his, shared = (
        save_as_before(make_run(owner=one), tmp_path) for one in ("anna", "b", None)
    )
    assert {run.id for run in list_runs("anna", tmp_path)} == {hers.id, shared.id}
    assert {run.id for run in list_runs("b", tmp_path)} == {his.id, shared.id}
    assert list_runs(None, tmp_path) == [shared]


def test_a_run_that_a_server_of_an_earlier_version_adds_is_there_after_the_next_start(tmp_path):
    first = save_as_before(make_run(owner="anna"), tmp_path)
    index_runs(tmp_path)
    later = save_as_before(make_run(owner="anna"), tmp_path)
    assert list_runs("anna", tmp_path) == [first]
    index_runs(tmp_path)
    assert {run.id for run in list_runs("anna", tmp_path)} == {first.id, later.id}


def test_a_deleted_run_of_an_earlier_version_can_be_restored(tmp_path):
    run = save_as_before(make_run(owner="anna"), tmp_path)
    (tmp_path / DELETED_DIRECTORY).mkdir()
    (tmp_path / run.id).rename(tmp_path / DELETED_DIRECTORY / run.id)
    index_runs(tmp_path)
    assert list_runs("anna", tmp_path) == []
    assert list_deleted("anna", tmp_path) == [run]
    restore_run("anna", run.id, tmp_path)
    assert [found.id for found in list_runs("anna", tmp_path)] == [run.id]


@pytest.mark.parametrize("written", [0, 1, 5, 9])
def test_taking_over_that_is_killed_is_completed_by_whoever_comes_next(
    tmp_path, monkeypatch, written
):
    runs = [save_as_before(make_run(owner=f"owner {n % 3}"), tmp_path) for n in range(10)]
    left = iter(range(written))

    def die(*arguments: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        record_run(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owners, "record_run", die)
        with pytest.raises(KeyboardInterrupt):
            index_runs(tmp_path)
    found = [run.id for n in range(3) for run in list_own_runs(f"owner {n}", tmp_path)]
    assert sorted(found) == sorted(run.id for run in runs)


def test_two_processes_take_over_at_the_same_time(tmp_path):
    runs = [save_as_before(make_run(owner=f"owner {n % 7}"), tmp_path) for n in range(400)]
    command = [sys.executable, "-c", TAKE_OVER, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    during = make_run(owner="somebody else")  # saved while the others take over
    save_run(during, tmp_path)
    assert [process.wait() for process in processes] == [0, 0]
    found = [run.id for n in range(7) for run in list_own_runs(f"owner {n}", tmp_path)]
    assert sorted(found) == sorted(run.id for run in runs)
    assert list_own_runs("somebody else", tmp_path) == [during]


def test_a_run_in_training_is_taken_over_while_its_trainer_works_on(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    run = save_as_before(make_run(owner="anna"), tmp_path)
    job = job_directory(run.id)
    job.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", TRAINER, str(job)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as trainer:  # fmt: skip
        assert trainer.stdout.readline() == "training\n"
        index_runs()
        assert is_training(run.id)
        assert [found.state for found in list_jobs("anna")] == ["running"]
        trainer.communicate("end\n")
    assert read_json(job / "outcome.json")["state"] == "finished"
    assert [found.state for found in list_jobs("anna")] == ["finished"]


def test_the_id_alone_finds_a_run_whoever_owns_it(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    for owner in ("anna", None):
        run = finish_run(make_run(owner=owner))
        assert load_run(run.id) == run
        assert load_card(run.id).id == run.id
        assert locate_model(run.id) == tmp_path / run.id


def test_a_name_of_an_owner_is_in_no_path(tmp_path):
    save_run(make_run(owner="a secret name"), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if "secret" in path.name]


def test_an_entry_is_only_a_hint(tmp_path):
    hers = make_run(owner="anna")
    save_run(hers, tmp_path)
    record_run(hers.id, "berta", tmp_path)
    record_run("run_000000000000", "anna", tmp_path)
    assert list_runs("anna", tmp_path) == [hers]
    assert list_runs("berta", tmp_path) == []


def test_entries_whose_run_is_gone_are_removed_a_day_later(tmp_path):
    hers, gone, young = (make_run(owner="anna") for _ in range(3))
    for run in (hers, gone, young):
        save_run(run, tmp_path)
    long_ago = time.time() - owners.SECONDS_UNTIL_STALE - 60
    for run in (hers, gone):
        (entry,) = (tmp_path / OWNERS_DIRECTORY).glob(f"*/{run.id}")
        os.utime(entry, (long_ago, long_ago))
    for run in (gone, young):  # young: its run may be about to be written
        shutil.rmtree(tmp_path / run.id)
    index_runs(tmp_path)
    assert sorted(list_run_ids("anna", tmp_path)) == sorted([hers.id, young.id])


def test_an_entry_stays_where_its_run_is_moved_while_it_is_looked_for(tmp_path, monkeypatch):
    run = make_run(owner="anna")
    save_run(run, tmp_path)
    other = make_run(owner="anna")
    save_run(other, tmp_path)
    (entry,) = (tmp_path / OWNERS_DIRECTORY).glob(f"*/{run.id}")
    os.utime(entry, (0, 0))
    list_ids = runs_module._list_ids

    def delete_meanwhile(place: Path) -> list[str]:
        found = list_ids(place)
        if place.name == DELETED_DIRECTORY:
            delete_run("anna", run.id, tmp_path)
        return found

    monkeypatch.setattr(runs_module, "_list_ids", delete_meanwhile)
    index_runs(tmp_path)
    assert list_deleted("anna", tmp_path) == [run]


def test_a_damaged_run_is_left_out_and_does_not_stop_the_others(tmp_path):
    damaged, sound = (save_as_before(make_run(owner="anna"), tmp_path) for _ in range(2))
    (tmp_path / damaged.id / RUN_FILE).write_text("{}")
    assert list_runs("anna", tmp_path) == [sound]


def test_a_disk_that_is_full_is_logged_and_the_server_starts(tmp_path, monkeypatch, caplog):
    save_as_before(make_run(owner="anna"), tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(owners, "record_run", fail)
    index_runs(tmp_path)
    assert "No space left on device" in caplog.text


def test_nothing_is_written_where_there_are_no_runs(tmp_path):
    for home in (tmp_path, tmp_path / "missing"):
        assert list_runs("anna", home) == []
        purge_runs(home)
        index_runs(home)
    assert list(tmp_path.iterdir()) == []
