"""Locks, held by this process and by others."""

import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from core.runs.lock import (
    ACQUIRE_TIMEOUT,
    acquire_lock,
    is_held,
    lock_exclusively,
    lock_for_now,
    release_lock,
)

HOLDER = """
import sys, time
from pathlib import Path
from core.runs.lock import acquire_lock
acquire_lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_one_process_holds_a_lock_and_it_is_free_afterwards(tmp_path):
    file = tmp_path / "lock"
    assert not is_held(file)
    lock = acquire_lock(file)
    assert is_held(file)
    with pytest.raises(BlockingIOError, match="Another process is using"):
        acquire_lock(file, seconds=0)
    release_lock(lock)
    assert not is_held(file)
    release_lock(acquire_lock(file, seconds=0))


def test_a_killed_process_releases_its_lock(tmp_path):
    file = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, file], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    assert is_held(file)
    holder.kill()
    holder.communicate()
    assert not is_held(file)


def test_a_child_process_does_not_inherit_a_lock(tmp_path):
    lock = acquire_lock(tmp_path / "lock")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        release_lock(lock)
        assert not is_held(tmp_path / "lock")
        child.kill()


def test_checking_a_lock_does_not_hold_it(tmp_path):
    """However many look at the same time, none of them sees another one's look."""
    file = tmp_path / "lock"
    release_lock(acquire_lock(file))
    seen, until = [], time.monotonic() + 0.5

    def look() -> None:
        while time.monotonic() < until:
            seen.append(is_held(file))
            time.sleep(0.0005)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) > 100
    assert not any(seen)


@pytest.mark.parametrize("hold", [lock_exclusively, lock_for_now])
def test_processes_hold_a_lock_one_after_the_other(tmp_path, hold):
    file = tmp_path / "lock"
    inside, most = [0], [0]

    def work() -> None:
        for _ in range(5):
            with hold(file):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.001)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert not is_held(file)


def test_acquiring_a_lock_waits_for_those_who_check_it(tmp_path):
    file = tmp_path / "lock"
    lock = acquire_lock(file)
    threading.Timer(ACQUIRE_TIMEOUT / 5, release_lock, [lock]).start()
    release_lock(acquire_lock(file))


@pytest.mark.skipif(sys.platform == "win32", reason="open files stay there")
def test_a_lock_for_now_leaves_no_file(tmp_path):
    with lock_for_now(tmp_path / "lock"):
        assert is_held(tmp_path / "lock")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="open files stay there")
def test_a_lock_for_now_is_not_that_of_a_file_which_was_removed(tmp_path, monkeypatch):
    """Whoever waited for it would otherwise be inside together with the next one."""
    file, held = tmp_path / "lock", []

    def acquire(*args: Any, **options: Any) -> int:
        held.append(acquire_lock(*args, **options))
        if len(held) == 1:  # the one before removes it just now
            file.unlink()
        return held[-1]

    monkeypatch.setattr("core.runs.lock.acquire_lock", acquire)
    with lock_for_now(file), pytest.raises(BlockingIOError):
        acquire_lock(file, seconds=0)
    assert len(held) == 2
