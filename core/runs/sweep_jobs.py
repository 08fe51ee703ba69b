"""Sweeps that visitors start: their trials are queued as runs, to be stopped and resumed together.

The queue is fair between visitors, so a sweep waits for others after each of its trials. This
module does not know the command line, which trains sweeps with Ray Tune.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from core.runs.job_files import is_training, request_stop
from core.runs.jobs import (
    TrainingUnavailableError,
    can_train,
    explain_no_training,
    find_state,
    list_jobs,
)
from core.runs.launcher import start_next
from core.runs.plan import TrainingPlan, check_models
from core.runs.queue import open_queue
from core.runs.run import JOB_DIRECTORY, Run, new_run_id, save_run
from core.runs.store import MAX_RUNS, check_quota, discard_run

# Of one sweep that a visitor starts.
MIN_TRIALS, MAX_TRIALS = 2, 12


def start_sweep(plans: Sequence[TrainingPlan], owner: str, title: str) -> str:
    """Queue the trials of a new sweep.

    Args:
        plans: from ``plan_trials``.
        owner: of the trials.
        title: of the model; the names of the trials begin with it.

    Returns:
        The id of the sweep.

    Raises:
        TrainingUnavailableError: TensorFlow is not installed.
        QueueFullError: another sweep of the owner is queued, or too many trials of others are.
        TooManyRunsError: the owner would have too many runs.
        ValueError: there are too few or too many trials.
        OSError: the files of the trials could not be written; none of them is left.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    if not MIN_TRIALS <= len(plans) <= MAX_TRIALS:
        raise ValueError(f"A sweep has {MIN_TRIALS} to {MAX_TRIALS} trials, not {len(plans)}.")
    for plan in plans:
        check_models(plan, owner)
    sweep_id = f"sweep_{secrets.token_hex(6)}"
    runs = [
        Run(
            id=new_run_id(),
            name=f"{title}, trial {number}",
            plan=replace(plan, sweep=sweep_id).to_fields(),
            owner=owner,
            description=f"One of {len(plans)} trials of {sweep_id}.",
        )
        for number, plan in enumerate(plans, start=1)
    ]
    try:
        with open_queue() as queue:
            queued = queue.now.append_trials(runs)  # raises before anything is written
            check_quota(owner, added=len(runs))
            for run in runs:
                (save_run(run) / JOB_DIRECTORY).mkdir()
            queue.now = queued
            start_next(queue)
    except OSError:
        for run in runs:
            if not is_training(run.id):
                discard_run(run)
        raise
    return sweep_id


def stop_sweep(sweep_id: str, owner: str) -> None:
    """Stop the trial in training after its current batch, and take the others out of the queue."""
    with open_queue() as queue:
        for job in list_jobs(owner, max_jobs=MAX_RUNS, sweep=sweep_id):
            queue.now = queue.now.without(job.run.id)
            if is_training(job.run.id):
                request_stop(job.run.id)


def resume_sweep(sweep_id: str, owner: str) -> None:
    """Queue the trials that were stopped, failed or never began.

    Raises:
        QueueFullError: another sweep of the owner is queued, or too many trials of others are.
        TrainingUnavailableError: TensorFlow is not installed.
    """
    if not can_train():
        raise TrainingUnavailableError(explain_no_training())
    with open_queue() as queue:
        jobs = list_jobs(owner, max_jobs=MAX_RUNS, sweep=sweep_id)
        left = [job.run for job in jobs if find_state(job.run.id, queue.now).is_resumable]
        queue.now = queue.now.append_trials(sorted(left, key=lambda run: run.created_at))
        start_next(queue)
