"""Changes: pairs of a visitor's runs that differ in one setting, which show what it changed.

This module compares plans. It does not know how the result is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from core.models.card import ModelCard
from core.models.files import load_history
from core.runs.finished import FinishedRun
from core.runs.forecast import count_copies
from core.runs.layers import describe_layers
from core.runs.plan import TrainingPlan, get_setting
from core.runs.recipe import Recipe
from core.runs.run import Run

# Fields of a plan or a recipe that are no choice: another seed is another try of the same.
NO_CHOICES = {"recipe", "layers", "lesson", "sweep", "seed"}


@dataclass(frozen=True, eq=False)
class Trained:
    """A run that was trained to its last epoch, and its card."""

    run: Run
    card: ModelCard


@dataclass(frozen=True, eq=False)
class Change:
    """Two runs of which the later one had another value in a single setting.

    Attributes:
        name: of the field of a plan or of its recipe.
        before: its value in the earlier run.
        after: its value in the later run.
    """

    name: str
    before: Any
    after: Any
    earlier: Trained
    later: Trained

    @property
    def gain(self) -> float:
        """The test accuracy of the later run minus that of the earlier one, −1…1."""
        earlier, later = (one.card.metrics["test_accuracy"] for one in (self.earlier, self.later))
        return later.value - earlier.value


def find_changes(finished: Iterable[FinishedRun]) -> list[Change]:
    """All pairs of runs with the same test set that differ in exactly one setting.

    The seed, and what one of the two does not use, make no difference.

    Args:
        finished: the runs, newest first. Damaged ones, those that were stopped before the last
            epoch, and those that were taught on the Draw page are left out.

    Returns:
        The pairs, those with the newest runs first.
    """
    compared = [(one, _list_choices(one.run)) for one in _list_trained(finished)]
    changes = []
    for (later, after), (earlier, before) in combinations(compared, 2):
        used = [name for name in after if name in before]
        differing = [name for name in used if before[name] != after[name]]
        if len(differing) == 1 and _name_test(earlier.card) == _name_test(later.card):
            (name,) = differing
            changes.append(Change(name, before[name], after[name], earlier, later))
    return changes


def _list_trained(finished: Iterable[FinishedRun]) -> list[Trained]:
    return [
        Trained(found.run, found.card)
        for found in finished
        if found.card and not found.card.is_taught and _is_complete(found.run, found.card)
    ]


def _is_complete(run: Run, card: ModelCard) -> bool:
    """Whether a run was trained for all epochs of its plan; no where that cannot be read."""
    try:
        epochs = TrainingPlan.from_fields(run.plan).recipe.epochs
    except ValueError:
        return False
    return load_history(run.id, card=card).epochs == epochs


def _list_choices(run: Run) -> dict[str, Any]:
    """The values of all settings that a run uses, by name."""
    plan = TrainingPlan.from_fields(run.plan)
    unused = set()
    if not plan.recipe.applied_amounts:
        unused |= {"augmented_copies", "amounts"}
    if not plan.recipe.augmentation:
        unused |= {"doubled", "unchanged"}
    if not plan.recipe.teachers:
        unused.add("teacher_temperature")
    copies = {"augmented_copies": count_copies(plan.recipe)}  # a short training uses fewer
    names = [one.name for kind in (TrainingPlan, Recipe) for one in fields(kind)]
    values = {name: get_setting(plan, name) for name in names} | copies
    values = {name: value for name, value in values.items() if name not in NO_CHOICES | unused}
    return values | {"architecture": plan.architecture or describe_layers(plan.layers)}


def _name_test(card: ModelCard) -> tuple[str, dict[str, str]]:
    """What is the same where two models were measured on the same digits."""
    return card.test_set, dict(card.dataset_sha256)
