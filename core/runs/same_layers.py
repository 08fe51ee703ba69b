"""Models with the layers of a plan, whose accuracy a training of it has to beat.

This module does not know how the accuracy is shown.
"""

from collections.abc import Iterable, Mapping

from core.models.card import ModelCard
from core.runs.finished import FinishedRun
from core.runs.plan import TrainingPlan, describe_plan
from core.runs.training_data import TEST_SETS


def find_built_in(plan: TrainingPlan, built_in: Mapping[str, ModelCard]) -> ModelCard | None:
    """The built-in model with the architecture or the layers of a plan; None if there is none."""
    if plan.architecture:
        return built_in.get(plan.architecture)
    layers = describe_plan(plan)
    return next((card for card in built_in.values() if card.layers == layers), None)


def find_best_run(
    plan: TrainingPlan, finished: Iterable[FinishedRun], *, sha256: Mapping[str, str]
) -> FinishedRun | None:
    """The most accurate run with the layers of a plan, on the test set of the plan.

    Args:
        plan: what is to be trained.
        finished: the runs to choose from; damaged ones do not count.
        sha256: of the arrays of the plan's training data, by name: two test sets of drawings are
            different wherever the drawings are.

    Returns:
        None where no run has these layers and this test set.
    """
    layers, test_set = describe_plan(plan), TEST_SETS[plan.training_data]
    accuracies = {
        found.card.metrics["test_accuracy"].value: found
        for found in finished
        if found.card
        and (found.card.layers, found.card.test_set) == (layers, test_set)
        and found.card.dataset_sha256 == sha256
    }
    return accuracies[max(accuracies)] if accuracies else None
