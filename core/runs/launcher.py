"""Starting trainers: the next run in the queue gets a process of its own.

Whoever starts a trainer keeps the queue locked until the trainer holds the lock of its run. A
trainer that ends starts the next one; after a trainer that was killed, whoever looks at the queue
does. This module starts the trainer's command line and knows nothing else of it.
"""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.runs.job_files import (
    LOCK,
    LOG,
    OUTCOME,
    PROCESS,
    STOP,
    State,
    is_training,
    job_directory,
    write_outcome,
)
from core.runs.lock import acquire_lock, release_lock
from core.runs.queue import OpenQueue, QueuedRun, open_queue, read_queue
from core.runs.run import (
    load_run,
)

ROOT = Path(__file__).resolve().parents[2]
TRAINER = (sys.executable, "-m", "core.training", "run")
# How long a trainer may take to hold its lock, which it does before it imports TensorFlow.
SECONDS_TO_START, INTERVAL = 30, 0.01


def start_next_if_idle() -> None:
    """Start the next run where none is trained; whoever looks at the queue calls this."""
    queue = read_queue()
    if queue.waiting and not (queue.running and is_training(queue.running)):
        with open_queue() as opened:
            start_next(opened)


def acquire(run_id: str) -> int:
    """Hold a run's lock, as its trainer; returns what ``release`` takes.

    Raises:
        UnknownRunError: there is no such run.
        ValueError: its file is damaged.
        BlockingIOError: another training is under way.
    """
    run, job = load_run(run_id), job_directory(run_id)
    running = read_queue().running
    if running and is_training(running):
        raise _already_training(running)
    # Not once it is held: from then on, somebody may ask it to stop.
    for name in (STOP, OUTCOME):
        (job / name).unlink(missing_ok=True)
    lock = acquire_lock(job / LOCK)
    (job / PROCESS).write_text(str(os.getpid()), "utf-8")
    with open_queue() as queue:
        running = queue.now.running
        if running and running != run_id and is_training(running):
            release_lock(lock)
            raise _already_training(running)
        queue.now = queue.now.begin(QueuedRun(run_id, run.owner or "", time.time()))
    return lock


def release(run_id: str, lock: int, state: State, error: str = "") -> None:
    """End a run, as its trainer: leave its outcome, let go of the lock, start the next."""
    write_outcome(run_id, state, error)
    release_lock(lock)
    start_next_if_idle()


def start_next(opened: "OpenQueue") -> None:
    """Start whoever is next, unless a trainer lives."""
    while (queue := opened.now).waiting and not (queue.running and is_training(queue.running)):
        chosen = queue.choose_next()
        if not job_directory(chosen.run_id).is_dir():  # deleted while it waited
            opened.now = queue.without(chosen.run_id)
            continue
        # Written before: should this process die now, the others still know who was started.
        opened.now = replace(queue, running=chosen.run_id)
        opened.save()
        try:
            _launch(chosen.run_id)
        except OSError as error:  # too little memory for another process, say
            write_outcome(chosen.run_id, State.FAILED, f"expected to start it, got {error}")
        opened.now = queue.begin(chosen)


def _launch(run_id: str) -> None:
    """Start a trainer that outlives this process, and wait until it holds the run's lock."""
    with (job_directory(run_id) / LOG).open("ab") as log:
        trainer = subprocess.Popen(  # noqa: S603  its arguments are ours, and a checked id
            [*TRAINER, run_id],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_part_from_terminal(),
        )
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_training(run_id):
        if trainer.poll() is not None:
            raise OSError("a trainer that ended at once")
        if time.monotonic() > deadline:
            trainer.kill()
            raise OSError(f"none after {SECONDS_TO_START} seconds")
        time.sleep(INTERVAL)


def _part_from_terminal() -> dict[str, Any]:
    """What lets a process live on when the terminal of this one is closed, or gets a Ctrl-C."""
    if sys.platform == "win32":
        part = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": part | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}


def _already_training(running: str) -> BlockingIOError:
    return BlockingIOError(
        f"expected no other training on this machine, got {running}; wait for its end"
    )
