from dataclasses import replace

import pytest

from core.runs.plan import TrainingPlan
from core.runs.run import Run, new_run_id, save_run
from core.runs.sweeps import (
    UnknownSweepError,
    list_sweeps,
    list_varied_settings,
    load_sweep,
    name_trial,
    plan_trials,
)
from tests.sweeps import CHOICES, PLAN, save_sweep


def test_every_combination_is_a_trial_of_one_sweep():
    plans = plan_trials([PLAN, replace(PLAN, architecture="mlp")], CHOICES)
    assert len(plans) == len(set(plans)) == len({name_trial(plan) for plan in plans}) == 8
    assert len({plan.sweep for plan in plans}) == 1
    assert {
        (plan.architecture, plan.recipe.learning_rate, plan.recipe.augmentation) for plan in plans
    } == {
        (architecture, rate, augmentation)
        for architecture in ("logistic_regression", "mlp")
        for rate in (0.001, 0.004)
        for augmentation in (True, False)
    }


def test_the_same_arguments_are_the_same_sweep_and_others_another():
    first, again = plan_trials([PLAN], CHOICES), plan_trials([PLAN], CHOICES)
    other = plan_trials([PLAN], {**CHOICES, "seed": (1, 2)})
    assert first == again
    assert first[0].sweep != other[0].sweep
    assert not {name_trial(plan) for plan in first} & {name_trial(plan) for plan in other}


def test_some_combinations_are_drawn_at_random_and_the_same_every_time():
    choices = {"learning_rate": [0.001 * step for step in range(1, 41)]}
    some = plan_trials([PLAN], choices, max_trials=6)
    assert some == plan_trials([PLAN], choices, max_trials=6)
    assert len({plan.recipe.learning_rate for plan in some}) == 6
    assert [plan.recipe.learning_rate for plan in some] != choices["learning_rate"][:6]
    assert len(plan_trials([PLAN], choices, max_trials=99)) == 40


def test_a_choice_named_twice_is_trained_once():
    assert len(plan_trials([PLAN], {"learning_rate": (0.001, 0.001)})) == 1


@pytest.mark.parametrize(
    ("choices", "most"), [({"learning_rate": (-1.0,)}, None), ({"batch_size": (7,)}, None), ({}, 0)]
)
def test_what_cannot_be_trained_is_refused_before_anything_is(choices, most):
    with pytest.raises(ValueError, match=r"must be|at least one"):
        plan_trials([PLAN], choices, max_trials=most)


def test_a_sweep_tells_of_its_trials_the_best_first(tmp_path):
    sweep_id = save_sweep(losses=(0.4, None, 0.1, 0.3), directory=tmp_path)
    save_run(Run(new_run_id(), "Another", PLAN.to_fields()), tmp_path)
    save_run(Run(new_run_id(), "Unreadable", {"epochs": 2}), tmp_path)
    (sweep,) = list_sweeps(tmp_path)
    assert sweep == load_sweep(sweep_id, tmp_path)
    assert [trial.validation_loss for trial in sweep.trials] == [0.1, 0.3, 0.4, None]
    assert [trial.validation_accuracy for trial in sweep.ended] == [0.99, 0.97, 0.96]
    assert sweep.varied == ("learning_rate", "augmentation")
    assert all(trial.card.id == trial.run.id for trial in sweep.ended)
    assert all(TrainingPlan.from_fields(trial.run.plan) == trial.plan for trial in sweep.trials)


def test_settings_say_what_each_trial_has(tmp_path):
    sweep = load_sweep(save_sweep(losses=(0.4, 0.2, 0.1, 0.3), directory=tmp_path), tmp_path)
    rate, augmentation = list_varied_settings(sweep, sweep.trials)
    assert (rate.title, rate.choices) == ("Learning rate", ("0.001", "0.004"))
    assert (augmentation.title, augmentation.choices) == ("Augmentation", ("off", "on"))
    # By loss: 0.1 and 0.2 and 0.3 and 0.4 are the third, second, fourth and first plan.
    assert rate.chosen == (1, 0, 1, 0)
    assert augmentation.chosen == (1, 0, 0, 1)


def test_an_unknown_sweep_is_told_from_those_there_are(tmp_path):
    sweep_id = save_sweep(losses=(0.4, 0.2, 0.1, 0.3), directory=tmp_path)
    with pytest.raises(UnknownSweepError, match=f"choices are {sweep_id}"):
        load_sweep("sweep_000000000000", tmp_path)
