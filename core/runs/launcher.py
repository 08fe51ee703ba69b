"""The launcher: starts a trainer, a separate process, for the next run in the queue.

A process that starts a trainer holds the lock of the queue until the trainer holds the lock of its
run. A trainer that ends starts the next one. After a trainer that was killed, the Train page does.
This module starts the trainer's command line and knows nothing else of it.
"""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.atomic_files import explain_full_disk
from core.runs.durations import load_durations
from core.runs.job_files import (
    LOCK,
    LOG,
    OUTCOME,
    PROCESS,
    STOP,
    State,
    is_training,
    job_directory,
    read_progress,
    write_outcome,
    write_progress,
)
from core.runs.lock import acquire_lock, release_lock
from core.runs.queue import OpenQueue, QueuedRun, open_queue, read_queue
from core.runs.run import load_run

ROOT = Path(__file__).resolve().parents[2]
TRAINER = (sys.executable, "-m", "core.training", "run")
# Seconds within which a trainer must hold its lock, before it imports TensorFlow, and between two
# checks whether it does.
SECONDS_TO_START, INTERVAL = 30, 0.01


def start_next_if_idle() -> None:
    """Start the next run if none is in training. The Train page calls this at each update."""
    queue = read_queue()
    if queue.waiting and not (queue.running and is_training(queue.running)):
        with open_queue() as opened:
            start_next(opened)


def acquire(run_id: str) -> int:
    """Hold a run's lock, as its trainer.

    Returns:
        The lock, for ``release``.

    Raises:
        UnknownRunError: there is no such run.
        ValueError: its file is damaged.
        BlockingIOError: another run is in training.
    """
    run, job = load_run(run_id), job_directory(run_id)
    running = read_queue().running
    if running and is_training(running):
        raise _already_training(running)
    # Before the lock is held: afterwards, a new request to stop must not be removed.
    for name in (STOP, OUTCOME):
        (job / name).unlink(missing_ok=True)
    lock = acquire_lock(job / LOCK)
    write_progress(run_id, read_progress(run_id).restart(load_durations().starting))
    (job / PROCESS).write_text(str(os.getpid()), "utf-8")
    with open_queue() as queue:
        running = queue.now.running
        if running and running != run_id and is_training(running):
            release_lock(lock)
            raise _already_training(running)
        queue.now = queue.now.begin(QueuedRun(run_id, run.owner or "", time.time()))
    return lock


def release(run_id: str, lock: int, state: State, error: str = "") -> None:
    """End a training, as its trainer: write the outcome, release the lock, start the next run."""
    write_outcome(run_id, state, error)
    release_lock(lock)
    start_next_if_idle()


def start_next(opened: OpenQueue) -> None:
    """Start the next run unless a trainer is running."""
    while (queue := opened.now).waiting and not (queue.running and is_training(queue.running)):
        chosen = queue.choose_next()
        if not job_directory(chosen.run_id).is_dir():  # it was deleted while it was queued
            opened.now = queue.without(chosen.run_id)
            continue
        # Saved before the launch: if this process is killed, others still see which run started.
        opened.now = replace(queue, running=chosen.run_id)
        opened.save()
        try:
            _launch(chosen.run_id)
        except OSError as error:  # for example, there is too little memory for another process
            reason = f"The training could not be started ({error}). Please resume it later."
            write_outcome(chosen.run_id, State.FAILED, explain_full_disk(error) or reason)
        opened.now = queue.begin(chosen)


def _launch(run_id: str) -> None:
    """Start a trainer that outlives this process, and wait until it holds the run's lock.

    Raises:
        OSError: it could not be started, or ended or hung before it held the lock.
    """
    with (job_directory(run_id) / LOG).open("ab") as log:
        trainer = subprocess.Popen(  # noqa: S603  its arguments are ours, and a checked id
            [*TRAINER, run_id],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_detach_options(),
        )
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_training(run_id):
        if trainer.poll() is not None:
            raise OSError("the trainer ended at once")
        if time.monotonic() > deadline:
            trainer.kill()
            raise OSError(f"the trainer was not ready after {SECONDS_TO_START} seconds")
        time.sleep(INTERVAL)


def _detach_options() -> dict[str, Any]:
    """Options of a process that outlives this one, its terminal and a Ctrl-C in it."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}


def _already_training(running: str) -> BlockingIOError:
    return BlockingIOError(
        f"Another run, {running}, is in training on this machine. Wait until it ends."
    )
