"""The time measurement: a separate process trains for some seconds, to forecast a whole training.

It saves the speeds of a plan. This module starts the process, and ends it where nobody waits for it
any more; it does not know what the process does.
"""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from core.models.files import runs_directory
from core.runs.job_files import is_training, read_log_tail
from core.runs.jobs import TrainingUnavailableError, can_train, explain_no_training
from core.runs.lock import acquire_lock, is_held, release_lock
from core.runs.plan import TrainingPlan
from core.runs.queue import read_queue

ROOT = Path(__file__).resolve().parents[2]
TIMER = (sys.executable, "-m", "core.training", "time")
# In the directory of a measurement: the plan, why it failed, and what the process printed.
PLAN_FILE, REASON_FILE, LOG_FILE = "plan.json", "reason.txt", "log.txt"
# Of the name of that directory: no other one is removed.
PREFIX = "digitlab_timing_"
# In the runs directory: held while the time is measured, because two at once slow each other down.
LOCK_FILE = "time_measurement.lock"
# After which the process is ended, and between two checks whether it has ended.
SECONDS, INTERVAL = 120.0, 0.2

logger = logging.getLogger(__name__)


def explain_busy() -> str:
    """Why no time can be measured at the moment, in a sentence; empty where it can."""
    training = explain_training()
    if training:
        return training
    if is_held(runs_directory() / LOCK_FILE):
        return "Another time is being measured on this machine. Wait until it ends."
    return ""


def explain_training() -> str:
    """A sentence where a model is in training, which makes every measurement too long."""
    running = read_queue().running
    if running and is_training(running):
        return "A model is in training on this machine, which would slow the measurement down."
    return ""


def measure_time(plan: TrainingPlan, on_wait: Callable[[], object] = lambda: None) -> None:
    """Measure the speeds of a plan and save them, which takes about 15 seconds.

    Args:
        plan: what would be trained.
        on_wait: called several times a second; where it raises, the measurement is ended.

    Raises:
        TrainingUnavailableError: TensorFlow is not installed.
        BlockingIOError: a model is in training, or another time is being measured.
        ValueError: the time could not be measured; the message says why.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training("Measuring the time"))
    busy = explain_busy()
    if busy:
        raise BlockingIOError(busy)
    runs_directory().mkdir(parents=True, exist_ok=True)
    lock = acquire_lock(runs_directory() / LOCK_FILE)
    try:
        with TemporaryDirectory(prefix=PREFIX) as place:
            _run(plan, Path(place), on_wait)
    finally:
        release_lock(lock)


def _run(plan: TrainingPlan, place: Path, on_wait: Callable[[], object]) -> None:
    (place / PLAN_FILE).write_text(json.dumps(plan.to_fields()), "utf-8")
    with (place / LOG_FILE).open("wb") as log:
        timer = subprocess.Popen(  # noqa: S603  its argument is a directory of ours
            [*TIMER, str(place)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,  # ends with this process, however that ends
            stdout=log,
            stderr=log,
        )
    deadline = time.monotonic() + SECONDS
    try:
        while timer.poll() is None:
            if time.monotonic() > deadline:
                raise ValueError(
                    f"The measurement took more than {SECONDS:.0f} seconds. Try again when this "
                    "machine has less to do."
                )
            on_wait()
            time.sleep(INTERVAL)
    finally:
        timer.kill()
        timer.communicate()  # waits, and closes the pipe
    if timer.returncode:
        logger.warning("measuring the time: %s", read_log_tail(place / LOG_FILE))
        raise ValueError(_read_reason(place))


def _read_reason(place: Path) -> str:
    reason = ""  # as after a kill, or where the disk is full
    with suppress(FileNotFoundError):
        reason = (place / REASON_FILE).read_text("utf-8")
    return reason or "The time could not be measured. The log of the server has the details."
