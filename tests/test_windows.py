"""What Windows lacks, we do without: no module of ours needs it to serve, to queue or to train."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.models.files import RUNS_VARIABLE
from tests.test_layers import ROOT

# Python reads this file at the start of every process, the trainer's too. Packages of others know
# by themselves what to do without these; we take them from ours alone.
AS_ON_WINDOWS = """
import builtins, os, signal, subprocess, sys

MISSING = {"fcntl", "resource", "pwd", "grp", "termios"}
OURS = {"__main__", "core", "pages", "streamlit_app"}
plain_import, plain_start = builtins.__import__, subprocess.Popen.__init__

def import_as_on_windows(name, globals=None, locals=None, fromlist=(), level=0):
    if name.split(".")[0] in MISSING and globals and globals["__name__"].split(".")[0] in OURS:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return plain_import(name, globals, locals, fromlist, level)

def start_as_on_windows(self, *words, **options):
    assert not options.get("pass_fds") and not options.get("preexec_fn")
    plain_start(self, *words, **options)

builtins.__import__ = import_as_on_windows
subprocess.Popen.__init__ = start_as_on_windows
for name in {"nice", "pread", "pwrite"} & {*dir(os)}:
    delattr(os, name)
"""
APP = """
import importlib, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest

try:
    import fcntl
except ModuleNotFoundError:
    print("as on Windows")
for file in sorted(Path("core").rglob("*.py")):
    if file.parts[1] != "training" and file.stem != "__main__":
        importlib.import_module(".".join(file.with_suffix("").parts))
app = AppTest.from_file("pages/router.py", default_timeout=60).run()
for page in sorted({*Path("pages").glob("*.py")} - {Path("pages/router.py")}):
    app.switch_page(page.name).run()
    assert not app.exception, (page, app.exception)
"""
QUEUE = """
import sys, time
from core.runs import jobs, launcher
from core.runs.plan import TrainingPlan
from core.runs.run import load_run

jobs.can_train = lambda: True
launcher.TRAINER = (sys.executable, __file__)
if sys.argv[1:]:
    run_id = sys.argv[1]
    lock = launcher.acquire(run_id)
    stop = jobs.runs_directory() / run_id / "job" / "stop"
    while load_run(run_id).name == "first" and not stop.exists():
        time.sleep(0.01)
    launcher.release(run_id, lock, jobs.State.FINISHED)
    sys.exit()

def look():
    return [one.state.value for one in jobs.list_jobs("anna")]

first, second = (jobs.start(TrainingPlan(), "anna", name) for name in ("first", "second"))
print(*look())
jobs.stop(first.id, "anna")
while look() != ["finished", "finished"]:  # the second was started by the first
    time.sleep(0.02)
print(*look())
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start Python as it is on Windows."""
    (tmp_path / "sitecustomize.py").write_text(AS_ON_WINDOWS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
            **options,
        )

    return run


def test_the_app_and_all_of_core_are_imported(start):
    done = start("-c", APP)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.strip() == b"as on Windows"


def test_a_job_is_queued_claimed_and_freed(start, tmp_path):
    (tmp_path / "queue_of_two.py").write_text(QUEUE, "utf-8")
    done = start(tmp_path / "queue_of_two.py")
    assert done.stdout.decode().splitlines() == ["queued running", "finished finished"], done


def test_the_trainers_command_line_begins_without_tensorflow(start):
    """Whoever starts it waits until it holds its lock."""
    done = start("-X", "importtime", "-m", "core.training", "run", "run_000000000000")
    assert b"There is no run" in done.stderr
    assert b"tensorflow" not in done.stderr
