"""The time measurement, with processes that measure nothing; ``test_timing.py`` has others."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.models.files import RUNS_VARIABLE, runs_directory
from core.runs import jobs, time_measurement
from core.runs.plan import TrainingPlan
from core.runs.speeds import SPEEDS_FILE
from core.runs.time_measurement import LOCK_FILE, explain_busy, measure_time

# Writes where it works and its process id, and never ends.
SLEEPER = """
import os, sys, time
from pathlib import Path
Path(os.environ["NOTE"]).write_text(f"{sys.argv[1]} {os.getpid()}")
time.sleep(600)
"""
FAILING = """
import sys
from pathlib import Path
(Path(sys.argv[1]) / "reason.txt").write_text("There is no ink.")
sys.exit(1)
"""

# As where the disk has no room for the reason.
WITHOUT_REASON = FAILING.replace("There is no ink.", "")


class LeftError(Exception):
    """The visitor has left."""


@pytest.fixture(autouse=True)
def runs_of_a_test(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    monkeypatch.setattr(jobs, "find_spec", str)  # TensorFlow seems to be there


def use(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(time_measurement, "TIMER", (sys.executable, "-c", script))


@pytest.fixture
def note(tmp_path, monkeypatch) -> Path:
    use(monkeypatch, SLEEPER)
    file = tmp_path / "note"
    monkeypatch.setenv("NOTE", str(file))
    return file


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check_nothing_is_left(note: Path) -> None:
    place, process = note.read_text().split()
    assert not Path(place).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)
    assert explain_busy() == ""
    assert {file.name for file in runs_directory().iterdir()} <= {LOCK_FILE}


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill asks nothing there")
def test_a_measurement_that_nobody_waits_for_ends_and_leaves_nothing(note):
    busy = []

    def leave() -> None:
        busy.append(explain_busy())
        if note.exists() and note.read_text():
            raise LeftError

    with pytest.raises(LeftError):
        measure_time(TrainingPlan(), leave)
    assert busy[0].startswith("Another time is being measured")
    check_nothing_is_left(note)


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill asks nothing there")
def test_a_measurement_that_takes_too_long_ends_and_says_so(monkeypatch, note):
    monkeypatch.setattr(time_measurement, "SECONDS", 1.0)
    with pytest.raises(ValueError, match="took more than 1 seconds"):
        measure_time(TrainingPlan())
    check_nothing_is_left(note)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of other systems")
def test_a_measurement_ends_with_a_server_that_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    measure = (
        "from core.runs.plan import TrainingPlan; "
        "from core.runs.time_measurement import measure_time; measure_time(TrainingPlan())"
    )
    server = subprocess.Popen([sys.executable, "-c", measure])
    wait_until(lambda: [*tmp_path.glob("*/log.txt")])
    server.kill()
    server.wait()
    wait_until(lambda: not [*tmp_path.glob(f"{time_measurement.PREFIX}*")])


def test_the_reason_of_a_failure_is_told(monkeypatch):
    use(monkeypatch, FAILING)
    with pytest.raises(ValueError, match="There is no ink"):
        measure_time(TrainingPlan())
    for script in ("raise SystemExit(-9)", WITHOUT_REASON):
        use(monkeypatch, script)
        with pytest.raises(ValueError, match="could not be measured"):
            measure_time(TrainingPlan())
    assert not (runs_directory() / SPEEDS_FILE).exists()


def test_nothing_is_measured_during_a_training(monkeypatch):
    queue = time_measurement.read_queue()
    running = type(queue)(running="run_0123456789ab")
    monkeypatch.setattr(time_measurement, "read_queue", lambda: running)
    monkeypatch.setattr(time_measurement, "is_training", lambda _: True)
    with pytest.raises(BlockingIOError, match="in training on this machine"):
        measure_time(TrainingPlan())


def test_nothing_is_measured_without_tensorflow(monkeypatch):
    monkeypatch.setattr(jobs, "find_spec", lambda _: None)
    with pytest.raises(jobs.TrainingUnavailableError, match="Measuring the time needs TensorFlow"):
        measure_time(TrainingPlan())
