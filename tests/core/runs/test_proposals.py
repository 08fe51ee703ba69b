import pytest

from core.runs.plan import (
    TrainingPlan,
    change_settings,
    check_models,
    describe_plan,
    list_trainable,
)
from core.runs.proposals import propose_fine_tuning, propose_plan
from core.runs.recipe import Recipe


def test_each_model_that_keras_trained_can_be_trained_again_and_proposes_a_plan():
    trainable = list_trainable()
    assert {"lenet5", "logistic_regression", "mlp"} <= set(trainable)
    assert not {"committee", "numpy_dense"} & set(trainable)
    for model_id, card in trainable.items():
        plan = propose_plan(card)
        check_models(plan, None)
        assert plan.architecture == model_id
        assert sum(layer.parameters for layer in describe_plan(plan)) == card.parameter_count
    assert not propose_plan(trainable["logistic_regression"]).recipe.augmentation
    assert propose_plan(trainable["lenet5"]).recipe.augmentation
    # As the small networks of the zoo: their teacher is a choice of its own.
    assert propose_plan(trainable["lenet5"]).recipe.applied_amounts.unchanged == 0.3
    assert propose_plan(trainable["lenet5"]).recipe.teacher_temperature == 1


@pytest.mark.parametrize("rate", [0.002, 0.004])
def test_fine_tuning_is_shorter_and_has_a_smaller_learning_rate(rate):
    recipe = Recipe(learning_rate=rate)
    plan = change_settings(TrainingPlan(recipe=recipe), **propose_fine_tuning(recipe))
    assert plan.recipe.learning_rate == rate / 4
    assert plan.recipe.epochs < recipe.epochs
    assert 0 < plan.train_fraction < 1
    assert plan.drawing_weight > 0
