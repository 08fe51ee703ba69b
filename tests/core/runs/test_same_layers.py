from dataclasses import replace

import pytest

from core.digits.datasets import MNIST_ARRAY_SHA256
from core.models.card import Estimate, ModelCard
from core.models.files import list_model_ids, load_card
from core.runs.finished import FinishedRun
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, describe_plan
from core.runs.same_layers import find_best_run, find_built_in
from tests.core.runs.conftest import make_run

BUILT_IN = {model_id: load_card(model_id) for model_id in list_model_ids()}
LENET5 = TrainingPlan()
OWN = TrainingPlan(architecture=None, layers=read_layers("Flatten_Dense.20"))


def with_layers(card: ModelCard, plan: TrainingPlan) -> ModelCard:
    layers = describe_plan(plan)
    return replace(card, layers=layers, parameter_count=sum(layer.parameters for layer in layers))


def make_finished(plan: TrainingPlan, accuracy: float, **changes: object) -> FinishedRun:
    run = make_run(plan=plan.to_fields())
    metrics = {"test_accuracy": Estimate(accuracy, 0.0, 1.0)}
    card = replace(with_layers(BUILT_IN["lenet5"], plan), id=run.id, metrics=metrics)
    return FinishedRun(run, replace(card, **changes))


def test_the_built_in_model_has_the_architecture_or_the_layers():
    assert find_built_in(LENET5, BUILT_IN) == BUILT_IN["lenet5"]
    assert find_built_in(OWN, BUILT_IN) is None
    same = with_layers(BUILT_IN["mlp"], OWN)
    assert find_built_in(OWN, {**BUILT_IN, "mlp": same}) == same


@pytest.mark.parametrize("plan", [LENET5, OWN])
def test_the_best_run_has_the_layers_and_the_test_set(plan):
    other = OWN if plan == LENET5 else LENET5
    best = make_finished(plan, 0.97)
    finished = [
        make_finished(plan, 0.95),
        best,
        make_finished(plan, 0.96),
        make_finished(other, 0.98),
        make_finished(plan, 0.99, test_set="bundled_digits_test"),
        make_finished(plan, 0.99, dataset_sha256={"images": "0"}),
        FinishedRun(make_run(), None, "It is damaged."),
    ]
    assert find_best_run(plan, finished, sha256=MNIST_ARRAY_SHA256) is best
    assert find_best_run(plan, finished[3:], sha256=MNIST_ARRAY_SHA256) is None
