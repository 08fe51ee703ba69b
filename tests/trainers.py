"""A trainer that trains nothing and waits to be stopped, for tests of the queue and the pages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.models.files import runs_directory
from core.runs import jobs, launcher

# A file in the directory of runs: there is no next training.
END = "END"
TRAINER = """
import sys, time
from core.models.files import runs_directory
from core.runs import launcher
from core.runs.job_files import State, job_directory

launcher.TRAINER = (sys.executable, "-c", *[sys.argv[1]] * 2, sys.argv[2])  # for the next one
run_id = sys.argv[3]
lock = launcher.acquire(run_id)
while not (job_directory(run_id) / "stop").exists():
    if (runs_directory() / sys.argv[2]).exists() or not job_directory(run_id).exists():
        sys.exit()  # without a next one
    time.sleep(0.02)
launcher.release(run_id, lock, State.STOPPED)
"""


@contextmanager
def pretend_to_train(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """TensorFlow seems to be there, and each trainer waits; all of them end with the test."""
    patch.setattr(jobs, "find_spec", str)
    patch.setattr(launcher, "TRAINER", (sys.executable, "-c", TRAINER, TRAINER, END))
    yield
    runs_directory().mkdir(parents=True, exist_ok=True)
    (runs_directory() / END).touch()
