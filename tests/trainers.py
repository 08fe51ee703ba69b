"""A trainer that trains nothing and waits to be stopped, for tests of the queue and the pages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.models.files import runs_directory
from core.runs import jobs, launcher

TRAINER = """
import sys, time
from core.runs import launcher
from core.runs.job_files import State, job_directory

launcher.TRAINER = (sys.executable, "-c", sys.argv[1], sys.argv[1])  # for the next one
run_id = sys.argv[2]
lock = launcher.acquire(run_id)
while not (job_directory(run_id) / "stop").exists():
    time.sleep(0.02)
launcher.release(run_id, lock, State.STOPPED)
"""


@contextmanager
def pretend_to_train(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """TensorFlow seems to be there, and each trainer waits; all of them are stopped at the end."""
    patch.setattr(jobs, "find_spec", str)
    patch.setattr(launcher, "TRAINER", (sys.executable, "-c", TRAINER, TRAINER))
    yield
    for run in runs_directory().glob("run_*"):
        (run / "job/stop").touch()
