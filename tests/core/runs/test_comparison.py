from dataclasses import replace

import pytest

from core.models.files import list_model_ids, load_card
from core.runs.comparison import Setting, compare_recipes, list_settings, name_architecture
from tests.core.runs.conftest import make_run

BUILT_IN = {one: load_card(one) for one in list_model_ids()}
CARD = BUILT_IN["lenet5"]


def test_only_what_differs_is_said_to_and_stands_first():
    changed = replace(
        CARD,
        recipe={
            **CARD.recipe,
            "epochs": 5,
            "augmentation": {**CARD.recipe["augmentation"], "rotation": 0},
            "rounds": 0,
        },
    )
    settings = compare_recipes(
        list_settings(CARD, None, BUILT_IN), list_settings(changed, None, BUILT_IN)
    )
    assert (
        [one for one in settings if one.differs]
        == settings[:3]
        == [
            Setting("epochs", 30, 5),
            Setting("augmentation rotation", 12, None),
            Setting("rounds", 12, None),
        ]
    )
    assert Setting("optimizer", "adam", "adam") in settings[3:]


def test_a_model_does_not_differ_from_itself():
    own = list_settings(CARD, None, BUILT_IN)
    assert not any(one.differs for one in compare_recipes(own, own))


def test_what_only_the_plan_of_a_run_says_counts_too():
    run = make_run(plan={"base": "lenet5", "share": 0.1, "start_from": None, "drawings": 5})
    settings = compare_recipes(
        list_settings(CARD, run, BUILT_IN), list_settings(CARD, None, BUILT_IN)
    )
    assert [one for one in settings if one.differs] == [
        Setting("share", 0.1, None), Setting("drawings", 5, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "card", "expected"),
    [
        ({"base": "mlp"}, CARD, "MLP"),
        ({}, CARD, "LeNet-5"),
        ({"base": None}, CARD, "LeNet-5"),
        ({"base": ["mlp"]}, CARD, "LeNet-5"),
        ({}, replace(CARD, layers=CARD.layers[::-1]), "its own layers"),
    ],
)
def test_an_architecture_is_named_by_the_plan_or_by_the_layers(plan, card, expected):
    assert name_architecture(card, make_run(plan=plan), BUILT_IN) == expected
