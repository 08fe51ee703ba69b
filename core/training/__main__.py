"""The command line: ``python -m core.training <model_id>`` trains a model of the zoo.

``python -m core.training detector`` trains the detector.
``python -m core.training run <run_id>`` trains a run of the Train page,
``python -m core.training sweep <model_id>`` trains many runs to find the best settings,
``python -m core.training time <directory>`` measures how fast a plan would be trained, and
``python -m core.training rebuild <directory>`` makes a model of the weights of an imported run.

TensorFlow is imported only where something is trained. For a run, it is imported once the lock is
held, because the process that started the run waits for the lock.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from core.runs.durations import save_duration
from core.runs.job_files import request_stop
from core.runs.jobs import can_train, explain_no_training
from core.runs.launcher import acquire
from core.runs.run import UnknownRunError
from core.runs.time_measurement import PREFIX, REASON_FILE

RUN, SWEEP, REBUILD, TIME, DETECTOR = "run", "sweep", "rebuild", "time", "detector"
NICENESS = 10


def main(words: Sequence[str] | None = None) -> int:
    """Run a command, by default that of the process; returns the exit status."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == [RUN]:
        return _train_run(words[1:])
    if not can_train():
        print(explain_no_training(), file=sys.stderr)
        return 1
    if words[:1] == [SWEEP]:
        from core.training import train_sweep  # noqa: PLC0415

        return train_sweep.main(words[1:])
    if words[:1] == [REBUILD]:
        return _rebuild(words[1:])
    if words[:1] == [TIME]:
        return _time(words[1:])
    from core.training import command  # noqa: PLC0415

    return command.main_detector() if words == [DETECTOR] else command.main(words)


def _train_run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"python -m core.training {RUN}",
        description="Train a run of the Train page, or resume it.",
    )
    parser.add_argument("run_id", help="the name of its directory: run_ and twelve digits")
    run_id = parser.parse_args(words).run_id
    # Ctrl-C and SIGTERM stop the run, as a click on Stop does.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: request_stop(run_id))
    _lower_priority()
    try:
        lock = acquire(run_id)
    except (UnknownRunError, ValueError, BlockingIOError) as error:
        print(error, file=sys.stderr)
        return 1
    started = time.monotonic()
    from core.training.train_run import train_run  # noqa: PLC0415

    save_duration(starting=time.monotonic() - started)
    return 0 if train_run(run_id, lock) else 1


def _time(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"python -m core.training {TIME}",
        description="Measure how fast a plan would be trained, by a training of some seconds.",
    )
    parser.add_argument("directory", type=Path, help="with the plan, and for temporary files")
    place = parser.parse_args(words).directory
    threading.Thread(target=_end_with_server, args=[place], daemon=True).start()
    _lower_priority()  # as that of a training, or the time would not be the same
    started = time.monotonic()
    from core.training.timing import time_plan  # noqa: PLC0415

    save_duration(starting=time.monotonic() - started)
    reason = time_plan(place)
    (place / REASON_FILE).write_text(reason, "utf-8")
    return 1 if reason else 0


def _end_with_server(place: Path) -> None:
    """End this process and remove its files when its input ends: whoever started it was killed.

    A directory that a person named has other uses, and stays.
    """
    while os.read(sys.stdin.fileno(), 1):
        pass
    if place.name.startswith(PREFIX):
        shutil.rmtree(place, ignore_errors=True)
    os._exit(1)


def _lower_priority() -> None:
    """Pages come first where there are few processors."""
    if hasattr(os, "nice"):  # on Windows the priority is set when the process is started
        os.nice(NICENESS)


def _rebuild(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"python -m core.training {REBUILD}",
        description="Make the model of a run from its plan and its weights.",
    )
    parser.add_argument("directory", type=Path, help="with the run's plan and weights")
    place = parser.parse_args(words).directory
    threading.Thread(target=_end_with_server, args=[place], daemon=True).start()
    from core.training.rebuild import explain_failure  # noqa: PLC0415

    reason = explain_failure(place)
    print(reason)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
