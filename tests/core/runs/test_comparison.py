from dataclasses import replace

import pytest

from core.models.files import list_model_ids, load_card
from core.runs.comparison import (
    SettingPair,
    compare_recipes,
    describe_training,
    name_architecture,
)
from tests.core.runs.conftest import make_run

BUILT_IN = {model_id: load_card(model_id) for model_id in list_model_ids()}
CARD = BUILT_IN["lenet5"]


def test_only_settings_that_differ_are_marked_and_they_come_first():
    changed = replace(
        CARD,
        recipe={
            **CARD.recipe,
            "epochs": 5,
            "augmentation": {**CARD.recipe["augmentation"], "rotation": 0},
            "rounds": 0,
        },
    )
    pairs = compare_recipes(
        describe_training(CARD, None, BUILT_IN), describe_training(changed, None, BUILT_IN)
    )
    assert (
        [pair for pair in pairs if pair.differs]
        == pairs[:3]
        == [
            SettingPair("Epochs", CARD.recipe["epochs"], 5),
            SettingPair("Augmentation rotation", CARD.recipe["augmentation"]["rotation"], None),
            SettingPair("Augmented copies", CARD.recipe["rounds"], None),
        ]
    )
    assert SettingPair("Optimizer", "adam", "adam") in pairs[3:]


def test_a_model_does_not_differ_from_itself():
    own = describe_training(CARD, None, BUILT_IN)
    assert not any(pair.differs for pair in compare_recipes(own, own))


def test_a_seed_of_zero_was_used_too():
    card = replace(CARD, recipe=CARD.recipe | {"seed": 0})
    assert describe_training(card, None, BUILT_IN)["Seed"] == 0


@pytest.mark.parametrize(
    "plan",
    [
        {"architecture": "lenet5", "train_fraction": 0.1, "start_from": None, "drawing_weight": 5}
        | {"recipe": {"epochs": 2}},
        # Of an earlier version.
        {"base": "lenet5", "share": 0.1, "start_from": None, "drawings": 5, "epochs": 2},
    ],
)
def test_settings_that_are_only_in_the_plan_of_a_run_count_too(plan):
    run = make_run(plan=plan)
    pairs = compare_recipes(
        describe_training(CARD, run, BUILT_IN), describe_training(CARD, None, BUILT_IN)
    )
    assert [pair for pair in pairs if pair.differs] == [
        SettingPair("Training images", "10%", "100%"),
        SettingPair("Copies of each of your drawings", 5, None),
    ]


@pytest.mark.parametrize(
    ("plan", "card", "expected"),
    [
        ({"architecture": "mlp", "recipe": {}}, CARD, "MLP"),
        ({"base": "mlp"}, CARD, "MLP"),
        ({}, CARD, "LeNet-5"),
        ({"base": None}, CARD, "LeNet-5"),
        ({"base": ["mlp"]}, CARD, "LeNet-5"),
        ({}, replace(CARD, layers=CARD.layers[::-1]), "its own layers"),
    ],
)
def test_an_architecture_is_named_by_the_plan_or_by_the_layers(plan, card, expected):
    assert name_architecture(card, make_run(plan=plan), BUILT_IN) == expected
