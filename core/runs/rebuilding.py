"""Rebuilding: a separate process makes a model of the layers in a run's plan and of its weights.

Nothing that came with an imported run is loaded as a model: its weights are numbers, which the
process puts into a network that it has built by itself. This module starts the process, which ends
with the server, and knows nothing else of it.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from core.runs.jobs import TrainingUnavailableError, can_train, explain_no_training

ROOT = Path(__file__).resolve().parents[2]
REBUILDER = (sys.executable, "-m", "core.training", "rebuild")
SECONDS = 180
# One at a time, because TensorFlow needs much memory.
REBUILDING = Lock()
LOGGED_CHARACTERS = 2000

logger = logging.getLogger(__name__)


def rebuild_model(place: Path) -> None:
    """Make the Keras file, the LiteRT file and the file of the weights in a directory.

    Args:
        place: has the file of a run, with its plan, and its weights: ``weights.npy``, or in runs of
            earlier versions ``model.keras``.

    Raises:
        TrainingUnavailableError: TensorFlow is not installed.
        ValueError: the weights are not those of the layers, or are not sound.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training("Rebuilding a model"))
    try:
        with REBUILDING, _open_input() as stdin:
            done = subprocess.run(  # noqa: S603  its argument is a directory of ours
                [*REBUILDER, str(place.resolve())],
                cwd=ROOT,
                stdin=stdin,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise ValueError(
            f"The model of this run could not be rebuilt within {SECONDS} seconds. Try again later."
        ) from error
    if done.returncode:
        logger.warning("rebuilding a model: %s", _decode(done.stderr)[-LOGGED_CHARACTERS:])
        # The last line is the reason. TensorFlow prints others.
        reason = (_decode(done.stdout).splitlines() or [""])[-1]
        raise ValueError(reason or "The model of this run could not be rebuilt. Try again later.")


@contextmanager
def _open_input() -> Iterator[int]:
    """A file to read from that ends with this process, however that ends."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def _decode(output: bytes) -> str:
    return output.decode("utf-8", "replace")
