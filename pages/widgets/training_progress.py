"""The state of a training, what it does at the moment and how long it will take, in words."""

import time

from core.runs.job_files import State
from core.runs.progress import MEASURING, PREPARING, STARTING, Progress

BADGES = {
    State.QUEUED: ":gray-badge[waiting]",
    State.RUNNING: ":blue-badge[training]",
    State.STOPPING: ":orange-badge[stopping]",
    State.STOPPED: ":orange-badge[stopped]",
    State.FINISHED: ":green-badge[finished]",
    State.FAILED: ":red-badge[failed]",
    State.INTERRUPTED: ":red-badge[interrupted]",
}
ANNOUNCEMENTS = {
    STARTING: "Starting: loading TensorFlow",
    PREPARING: "Starting: preparing the images",
    MEASURING: "Evaluating the trained model",
}


def describe_progress(progress: Progress) -> str:
    """The stage of a training that runs, and the time that is left where it is known."""
    return _describe_stage(progress) + _describe_time_left(progress)


def _describe_stage(progress: Progress) -> str:
    if progress.stage in ANNOUNCEMENTS:
        return ANNOUNCEMENTS[progress.stage]
    return (
        f"Training: epoch {progress.epoch} of {progress.epochs}, batch {progress.step:,} of "
        f"{progress.steps:,}"
    )


def _describe_time_left(progress: Progress) -> str:
    """The time that is left, in steps of five seconds below 90 seconds."""
    seconds = progress.estimate_seconds_left(time.time())
    if seconds is None:
        return ""
    if seconds < 5:
        return " · a few seconds left"
    if seconds < 90:
        return f" · about {5 * round(seconds / 5)} s left"
    return f" · about {seconds / 60:.0f} min left"
