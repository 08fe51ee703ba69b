"""The files of a job, in ``<run id>/job/``: a trainer and the servers communicate by them.

- ``lock``: held by the trainer until its process ends, in whatever way. Held means "in training".
- ``process``: the process id of the trainer, for administrators.
- ``log.txt``: the trainer's output.
- ``progress.json``: the progress of the training, see ``progress.py``.
- ``stop``: exists after somebody has requested a stop.
- ``outcome.json``: exists after the trainer has ended without being killed: state, error, time.
- ``report.json``: accuracy before and after training on drawings.
- ``drawings.npz``: the owner's drawings, ``images`` (N, 28, 28) and ``labels`` (N,), oldest first,
  or those of a lesson. It is removed at the end of the training.
"""

import json
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_files import read_text, replace_file, write_atomically
from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.models.files import DamagedArtifactError, load_card, runs_directory
from core.runs.lock import is_held
from core.runs.progress import Progress, Report
from core.runs.run import (
    JOB_DIRECTORY,
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
    """The state of a job. ``INTERRUPTED``: the trainer was killed or its machine was shut down."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def is_active(self) -> bool:
        """Whether the state will change by itself."""
        return self in (State.QUEUED, State.RUNNING, State.STOPPING)

    @property
    def is_resumable(self) -> bool:
        """Whether the training can be resumed."""
        return self in (State.STOPPED, State.FAILED, State.INTERRUPTED)


def read_progress(run_id: str) -> Progress:
    """The progress of a run; that of its start where no file was written yet."""
    try:
        return Progress.from_json(read_text(job_directory(run_id) / PROGRESS))
    except (FileNotFoundError, ValueError):
        return Progress()


def write_progress(run_id: str, progress: Progress) -> None:
    """Replace the progress of a run."""
    write_atomically(job_directory(run_id) / PROGRESS, progress.to_json())


def request_stop(run_id: str) -> None:
    """Have the trainer of a run stop after its current batch. Does not check the owner."""
    (job_directory(run_id) / STOP).touch()


def write_outcome(run_id: str, state: State, error: str) -> None:
    """Write how a training has ended; ``error`` is a sentence, empty unless it failed."""
    outcome = {"state": state, "error": error, "ended_at": time.time()}
    write_atomically(job_directory(run_id) / OUTCOME, json.dumps(outcome))


def is_training(run_id: str) -> bool:
    """Whether the process of a run's trainer is alive."""
    return is_held(job_directory(run_id) / LOCK)


def save_drawings(file: Path, drawings: Dataset) -> None:
    """Write the drawings to train on; the file is complete or not there."""
    with replace_file(file) as temporary:
        np.savez_compressed(temporary, images=drawings.images, labels=drawings.labels)


def read_card(run_id: str) -> ModelCard | None:
    """The card of a run's model; None if there is none, or it is damaged."""
    try:
        return load_card(run_id, runs_directory())
    except (FileNotFoundError, DamagedArtifactError):
        return None


def read_json(file: Path) -> dict[str, Any] | None:
    """The fields of a JSON file; None if it is missing or damaged."""
    try:
        fields: dict[str, Any] = json.loads(read_text(file))
    except (FileNotFoundError, ValueError):
        return None
    return fields


def read_report(file: Path) -> Report | None:
    """Accuracy before and after the training; None if there is no such file."""
    fields = read_json(file)
    return None if fields is None else Report.from_fields(fields)


def read_log_tail(file: Path) -> str:
    """The last lines that a trainer printed; empty if it printed none."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - LOG_BYTES))
            lines: Sequence[str] = opened.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-LOG_LINES:])


def job_directory(run_id: str) -> Path:
    """The directory of a run's job."""
    return runs_directory() / run_id / JOB_DIRECTORY
