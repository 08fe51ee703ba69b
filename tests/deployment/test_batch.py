"""Batch reading on Ray, on few pictures; ``bench_batch`` does the same on 20,000."""

import contextlib
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq

from core.batch.__main__ import main
from core.models.files import RUNS_VARIABLE
from tests.core.runs.conftest import finish_run, make_run
from tests.pictures import write_broken_pictures, write_pictures

ROOT = Path(__file__).resolve().parents[2]
PICTURES = 1200
WORDS = ["-m", "core.batch", "--model", "logistic_regression", "--workers", "2"]


def start(folder: Path, output: Path, run_id: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *WORDS, "--model", run_id, str(folder), str(output)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def find_readers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers that are reading parts."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "_read_row" in " ".join(child.cmdline()):
                found.append(child)
    return found


def wait_for_reader(process: subprocess.Popen[str]) -> psutil.Process:
    deadline = time.monotonic() + 60
    while not (found := find_readers(process)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found[0]


def test_a_reading_survives_being_killed_and_its_worker_too_and_lists_what_is_broken(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    run = finish_run(make_run(owner="anna"))
    folder, output = tmp_path / "in", tmp_path / "out"
    write_pictures(folder, PICTURES)
    broken = write_broken_pictures(folder)
    first = start(folder, output, run.id)
    deadline = time.monotonic() + 120
    while not (done := [*output.glob("parts/part-*.parquet")]):
        assert first.poll() is None, first.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    readers = find_readers(first)
    first.kill()
    first.communicate()
    _, alive = psutil.wait_procs(readers, timeout=30)
    assert not alive
    kept = {file: file.stat().st_mtime_ns for file in done}

    second = start(folder, output, run.id)
    wait_for_reader(second).kill()
    printed, errors = second.communicate(timeout=120)
    assert second.returncode == 0, errors
    assert all(file.stat().st_mtime_ns == written for file, written in kept.items())
    read = pq.read_table(output / "parts")
    paths = read["path"].to_pylist()
    assert len(paths) == len(set(paths)) == PICTURES
    refused = (output / "refused.csv").read_text("utf-8")
    assert all(name in refused for name in broken)
    assert refused.count("\n") == 1 + len(broken)
    skipped = int(re.search(r"skipped ([\d,]+), ", printed)[1].replace(",", ""))
    assert skipped >= max(1, sum(pq.read_metadata(file).num_rows for file in kept))
    assert read[f"{run.id}_digit"] == read["logistic_regression_digit"]  # it is a copy of it

    assert main([*WORDS[2:], "--model", run.id, str(folder), str(output)]) == 0
