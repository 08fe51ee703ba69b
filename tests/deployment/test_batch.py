"""Batch prediction on Ray with few pictures; ``bench_batch`` does the same with 20,000."""

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


def find_workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers that are processing shards."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "_predict_row" in " ".join(child.cmdline()):
                found.append(child)
    return found


def wait_for_worker(process: subprocess.Popen[str]) -> psutil.Process:
    deadline = time.monotonic() + 60
    while not (found := find_workers(process)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found[0]


def test_a_killed_job_is_continued_a_killed_worker_replaced_and_broken_pictures_listed(
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
    workers = find_workers(first)
    first.kill()
    first.communicate()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    kept = {file: file.stat().st_mtime_ns for file in done}

    second = start(folder, output, run.id)
    wait_for_worker(second).kill()
    printed, errors = second.communicate(timeout=120)
    assert second.returncode == 0, errors
    assert all(file.stat().st_mtime_ns == written for file, written in kept.items())
    table = pq.read_table(output / "parts")
    paths = table["path"].to_pylist()
    assert len(paths) == len(set(paths)) == PICTURES
    rejected = (output / "refused.csv").read_text("utf-8")
    assert all(name in rejected for name in broken)
    assert rejected.count("\n") == 1 + len(broken)
    skipped = int(re.search(r"skipped ([\d,]+), ", printed)[1].replace(",", ""))
    assert skipped >= max(1, sum(pq.read_metadata(file).num_rows for file in kept))
    assert table[f"{run.id}_digit"] == table["logistic_regression_digit"]  # the run is a copy of it

    assert main([*WORDS[2:], "--model", run.id, str(folder), str(output)]) == 0
