"""The files of a job, in ``<run id>/job/``: what a trainer leaves for others to read.

- ``lock``: held by the trainer as long as it lives, however it ends: held means "running".
- ``process``: the trainer's process id, for people who look.
- ``log.txt``: what it printed.
- ``progress.json``: how far it has come, see ``progress.py``.
- ``stop``: exists once somebody has asked it to stop.
- ``outcome.json``: exists once it has ended by itself: state, error, time.
- ``report.json``: accuracy before and after, where drawings were trained on.
- ``drawings.npz``: these drawings, ``images`` (N, 28, 28) and ``labels`` (N,), oldest first, until
  the training ends.
"""

import json
import os
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.models.files import DamagedArtifactError, load_card, runs_directory
from core.runs.lock import is_held
from core.runs.progress import Progress, Report
from core.runs.run import (
    JOB_DIRECTORY,
    read_text,
    write_atomically,
)

LOG_LINES, LOG_BYTES = 12, 8000
LOCK, PROCESS, STOP, LOG = "lock", "process", "stop", "log.txt"
PROGRESS, OUTCOME, REPORT, DRAWINGS = (
    "progress.json",
    "outcome.json",
    "report.json",
    "drawings.npz",
)


class State(StrEnum):
    """Where a job stands; ``INTERRUPTED`` when the trainer was killed or its machine stopped."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self in (State.QUEUED, State.RUNNING, State.STOPPING)

    @property
    def is_resumable(self) -> bool:
        """Whether it can go on where it ended."""
        return self in (State.STOPPED, State.FAILED, State.INTERRUPTED)


def read_progress(run_id: str) -> Progress:
    """How far a run has come; at its beginning where nothing was written yet."""
    try:
        return Progress.from_json(read_text(job_directory(run_id) / PROGRESS))
    except (FileNotFoundError, ValueError):
        return Progress()


def request_stop(run_id: str) -> None:
    """Ask the trainer of a run to stop after its batch, whoever asks."""
    (job_directory(run_id) / STOP).touch()


def write_outcome(run_id: str, state: State, error: str) -> None:
    """Write how a training has ended, and the sentence that says why where it failed."""
    outcome = {"state": state, "error": error, "ended_at": time.time()}
    write_atomically(job_directory(run_id) / OUTCOME, json.dumps(outcome))


def is_training(run_id: str) -> bool:
    """Whether a trainer of the run is alive."""
    return is_held(job_directory(run_id) / LOCK)


def save_drawings(file: Path, drawings: Dataset) -> None:
    """Write the drawings that a training learns from, all at once."""
    aside = file.with_name(f".{file.name}")
    with aside.open("wb") as opened:
        np.savez_compressed(opened, images=drawings.images, labels=drawings.labels)
    os.replace(aside, file)


def read_card(run_id: str) -> ModelCard | None:
    """The card of the model that a run made; None while there is none, or a damaged one."""
    try:
        return load_card(run_id, runs_directory())
    except (FileNotFoundError, DamagedArtifactError):
        return None


def read_json(file: Path) -> dict[str, Any] | None:
    """The fields of a small file; None where it is missing or damaged."""
    try:
        fields: dict[str, Any] = json.loads(read_text(file))
    except (FileNotFoundError, ValueError):
        return None
    return fields


def read_report(file: Path) -> Report | None:
    """Accuracy before and after; None where there is no such file."""
    fields = read_json(file)
    return None if fields is None else Report.from_fields(fields)


def read_log_tail(file: Path) -> str:
    """The last lines that a trainer printed; empty where it printed none."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - LOG_BYTES))
            lines: Sequence[str] = opened.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-LOG_LINES:])


def job_directory(run_id: str) -> Path:
    """Where the files of a run's job are."""
    return runs_directory() / run_id / JOB_DIRECTORY
