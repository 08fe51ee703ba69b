"""Lessons that are kept: a run repeats what the last layer of a model learned in a browser.

The weights of the browser are not taken. The trainer takes the same steps from the same model, so
nothing but drawings and numbers comes from a visitor. This module knows no page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.models.card import MNIST, ModelCard
from core.models.files import is_run
from core.runs.jobs import start
from core.runs.lesson import UNREADABLE, Lesson, read_lesson
from core.runs.plan import TrainingPlan
from core.runs.run import MAX_NAME_LENGTH, Run, list_own_runs, load_run
from core.runs.training_data import BUNDLED_DIGITS


def keep_lesson(fields: Mapping[str, Any], cards: Sequence[ModelCard], owner: str) -> Run:
    """Queue a run that repeats a lesson.

    Args:
        fields: of ``SentLesson``, from a browser.
        cards: of the models that the visitor may teach.
        owner: of the run.

    Returns:
        The run, or the one that the owner has of this lesson already.

    Raises:
        ValueError: the lesson cannot be read, is too long, or its model is gone or an ensemble.
        TrainingUnavailableError, QueueFullError, TooManyRunsError, OSError: as ``jobs.start``.
    """
    sent, lesson, drawings = read_lesson(fields)
    card = next((card for card in cards if card.title == sent.model), None)
    if card is None or sent.data not in (MNIST, BUNDLED_DIGITS):
        raise ValueError(UNREADABLE)
    plan = _plan(card, sent.data, lesson)
    same = (run for run in list_own_runs(owner) if _repeats(run, plan))
    return next(same, None) or start(plan, owner, _name(card, lesson), drawings=drawings)


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


def _repeats(run: Run, plan: TrainingPlan) -> bool:
    fields = plan.to_fields()
    names = ("start_from", "training_data", "lesson")
    return all(run.plan.get(name) == fields[name] for name in names)


def _name(card: ModelCard, lesson: Lesson) -> str:
    noun = "drawing" if lesson.drawings == 1 else "drawings"
    what = f", taught {lesson.drawings} {noun}"
    return f"{card.title[: MAX_NAME_LENGTH - len(what)]}{what}"
