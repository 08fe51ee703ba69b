"""Lessons that are kept: a run repeats what the last layer of a model learned in a browser.

The weights of the browser are not taken. The trainer takes the same steps from the same model, so
nothing but drawings and numbers comes from a visitor. This module knows no page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.analysis.slices import name_digits
from core.digits.datasets import CLASSES, Dataset
from core.models.card import MNIST, ModelCard
from core.models.files import is_run, runs_directory
from core.runs.job_files import State, job_directory
from core.runs.jobs import find_state, start
from core.runs.lesson import UNREADABLE, Lesson, read_lesson
from core.runs.lock import lock_for_now
from core.runs.owners import name_folder
from core.runs.plan import TrainingPlan
from core.runs.queue import Queue, read_queue
from core.runs.run import MAX_NAME_LENGTH, Run, list_own_runs, load_run
from core.runs.training_data import BUNDLED_DIGITS

# A lock for each owner, held from the search for a run of the same lesson until there is one, and
# then removed.
LOCKS_DIRECTORY = ".lessons"
# As many digits are named in the name of a run; of more, only their number is.
MAX_NAMED = 2


def keep_lesson(fields: Mapping[str, Any], cards: Sequence[ModelCard], owner: str) -> Run:
    """Queue a run that repeats a lesson.

    Args:
        fields: of ``SentLesson``, from a browser.
        cards: of the models that the visitor may teach.
        owner: of the run.

    Returns:
        The run, or the one that the owner has of this lesson already, unless that has failed or was
        stopped.

    Raises:
        ValueError: the lesson cannot be read, is too long, or its model is gone or an ensemble.
        TrainingUnavailableError, QueueFullError, TooManyRunsError, OSError: as ``jobs.start``.
    """
    sent, lesson, drawings = read_lesson(fields)
    card = next((card for card in cards if card.title == sent.model), None)
    if card is None or sent.data not in (MNIST, BUNDLED_DIGITS):
        raise ValueError(UNREADABLE)
    plan = _plan(card, sent.data, lesson)
    locks = runs_directory() / LOCKS_DIRECTORY
    locks.mkdir(parents=True, exist_ok=True)
    with lock_for_now(locks / name_folder(owner)):
        same = _find_same(plan, owner)
        return same or start(plan, owner, _name(card, lesson, drawings), drawings=drawings)


def find_last_kept(owner: str) -> Run | None:
    """The newest run of an owner that repeats a lesson and was trained here, or will be."""
    kept = (run for run in list_own_runs(owner) if run.plan.get("lesson"))
    return next((run for run in kept if job_directory(run.id).is_dir()), None)


def _plan(card: ModelCard, data_id: str, lesson: Lesson) -> TrainingPlan:
    earlier = TrainingPlan(architecture=card.id)
    if is_run(card.id):
        earlier = TrainingPlan.from_fields(load_run(card.id).plan)
    return TrainingPlan(
        architecture=earlier.architecture,
        layers=earlier.layers,
        start_from=card.id,
        training_data=data_id,
        train_fraction=1.0,
        lesson=lesson,
    )


def _find_same(plan: TrainingPlan, owner: str) -> Run | None:
    """The owner's run with this lesson, if it has become a model or will."""
    queue, fields = read_queue(), plan.to_fields()
    names = ("start_from", "training_data", "lesson")
    for run in list_own_runs(owner):
        if all(run.plan.get(name) == fields[name] for name in names) and _is_sound(run, queue):
            return run
    return None


def _is_sound(run: Run, queue: Queue) -> bool:
    """Whether a run has gone or goes its whole way; one that was imported has no job."""
    state = find_state(run.id, queue)
    return state.is_active or state == State.FINISHED or not job_directory(run.id).is_dir()


def _name(card: ModelCard, lesson: Lesson, drawings: Dataset) -> str:
    """A name such as ``LeNet-5 taught 3 zeros in 60 steps``: without commas, for lists of names."""
    steps = "1 step" if lesson.steps == 1 else f"{lesson.steps} steps"
    what = f" taught {_name_drawings(drawings)} in {steps}"
    return f"{card.title[: MAX_NAME_LENGTH - len(what)]}{what}"


def _name_drawings(drawings: Dataset) -> str:
    """``3 zeros and 1 seven``; ``12 drawings of 5 digits`` where there are more kinds."""
    counts = np.bincount(drawings.labels, minlength=CLASSES)
    taught = np.flatnonzero(counts)
    if len(taught) > MAX_NAMED:
        return f"{len(drawings)} drawings of {len(taught)} digits"
    return " and ".join(name_digits(int(digit), int(counts[digit])) for digit in taught)
