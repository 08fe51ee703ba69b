from dataclasses import replace

import pytest

from core.models.files import list_model_ids, load_card
from core.runs.comparison import (
    SettingPair,
    compare_recipes,
    describe_training,
    name_architecture,
)
from core.runs.layers import (
    CONVOLUTION,
    DENSE,
    DROPOUT,
    FLATTEN,
    MAX_POOLING,
    LayerPlan,
    describe_network,
)
from core.runs.plan import TrainingPlan
from core.runs.recipe import Recipe, list_settings
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
            "rounds": 1,
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
            SettingPair("Augmented copies", CARD.recipe["rounds"], 1),
        ]
    )
    assert SettingPair("Optimizer", "adam", "adam") in pairs[3:]


def test_a_model_does_not_differ_from_itself():
    own = describe_training(CARD, None, BUILT_IN)
    assert not any(pair.differs for pair in compare_recipes(own, own))


@pytest.mark.parametrize(
    ("teachers", "temperature", "is_named"),
    [((), 1.0, False), ((), 2.0, True), (("cnn",), 1.0, True)],
)
def test_a_temperature_is_named_where_it_may_change_the_training(teachers, temperature, is_named):
    recipe = Recipe(teachers=teachers, teacher_temperature=temperature)
    card = replace(CARD, recipe=recipe.to_card())
    assert ("Teacher temperature" in describe_training(card, None, BUILT_IN)) is is_named


def test_a_seed_of_zero_was_used_too():
    card = replace(CARD, recipe=CARD.recipe | {"seed": 0})
    assert describe_training(card, None, BUILT_IN)["Seed"] == 0


@pytest.mark.parametrize(
    "switches",
    [{"augmentation"}, {"styles"}, {"augmentation", "styles"}, {"cosine_decay"}, {"averaging"}],
)
def test_a_switch_that_is_off_is_named_too(switches):
    recipe = Recipe(**{"averaging": True, **dict.fromkeys(switches, False)})
    settings = describe_training(replace(CARD, recipe=recipe.to_card()), None, BUILT_IN)
    titles = {name: one.title for name, one in list_settings(Recipe).items() if one.kind is bool}
    assert {name for name, title in titles.items() if settings[title] is False} == switches


def test_layers_of_ones_own_are_named_one_by_one():
    layers = (LayerPlan(CONVOLUTION, 8, 5), LayerPlan(MAX_POOLING), LayerPlan(FLATTEN),
              LayerPlan(DENSE, 32), LayerPlan(DROPOUT, rate=0.25))  # fmt: skip
    run = make_run(plan=TrainingPlan(architecture=None, layers=layers).to_fields())
    described = describe_network(layers)
    total = sum(layer.parameters for layer in described)
    card = replace(CARD, layers=described, parameter_count=total)
    settings = describe_training(card, run, BUILT_IN)
    assert settings["Architecture"] == "its own layers"
    assert settings["Layers"] == "Conv2D 8 of 5×5, MaxPooling2D, Flatten, Dense 32, Dropout 25%"
    assert "Layers" not in describe_training(CARD, make_run(), BUILT_IN)


@pytest.mark.parametrize("layers", [[{"kind": "LSTM"}], [{"units": 3}], [{"kind": "Dense"}]])
def test_damaged_layers_are_left_out(layers):
    run = make_run(plan={"architecture": None, "layers": layers})
    assert "Layers" not in describe_training(CARD, run, BUILT_IN)


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
