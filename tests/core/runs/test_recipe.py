"""The recipe, and that all who offer or show settings derive them from its fields."""

import json
from dataclasses import fields, replace

import pytest

from core.models.files import load_card
from core.runs.plan import (
    PLAN_SETTINGS,
    TrainingPlan,
    change_settings,
    list_plan_settings,
    list_trainable,
    title_setting,
)
from core.runs.recipe import Recipe, list_settings
from core.synthesis.augmentation import DISTORTIONS, HANDWRITING, Augmentation
from tests.recipes import SETTINGS, choose_other_value

TAUGHT = Recipe(
    amounts=replace(HANDWRITING, thickness=0.9),
    teachers=("cnn", "mlp"),
    teacher_temperature=2.0,
    bfloat16=True,
    augmented_copies=12,
)


def test_every_field_is_a_setting_but_the_teachers_and_those_that_only_the_zoo_sets():
    others = {"amounts", "teachers", "teacher_temperature", "bfloat16"}
    assert {field.name for field in fields(Recipe)} - set(SETTINGS) == others


@pytest.mark.parametrize("name", list_plan_settings())
def test_a_setting_is_described_and_the_train_page_offers_its_default(name):
    setting = list_plan_settings()[name]
    default = getattr(TrainingPlan() if name in PLAN_SETTINGS else Recipe(), name)
    assert setting.title
    assert setting.help.endswith(".")
    assert setting.kind is bool or setting.choices or setting.limits
    assert setting.find_nearest(default) == default
    for value in setting.suggested:
        setting.validate(value)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("epochs", 0, "Epochs must be a whole number from 1 to 100, not 0"),
        ("epochs", 2.5, "Epochs must be a whole number"),
        ("epochs", True, "Epochs must be a whole number"),
        ("seed", -1, "Seed must be a whole number from 0 to 2,147,483,647, not -1"),
        ("optimizer", "magic", "Optimizer must be one of adam, adamax, rmsprop, sgd, not 'magic'"),
        ("batch_size", 7, "Batch size must be one of 16, 32, 64, 128, 256, not 7"),
        ("learning_rate", "high", "Learning rate must be a number from 1e-06 to 1, not 'high'"),
        ("styles", 1, "Handwriting styles must be on or off, not 1"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_a_sentence_with_those_it_can(name, value, reason):
    with pytest.raises(ValueError, match=f"^{reason}"):
        Recipe(**{name: value})


def test_teachers_need_changed_images():
    with pytest.raises(ValueError, match="Teachers need augmented images"):
        replace(TAUGHT, augmentation=False, styles=False)


@pytest.mark.parametrize("recipe", [Recipe(), TAUGHT, Recipe(augmentation=False, styles=False)])
def test_a_recipe_comes_back_from_json(recipe):
    assert Recipe.from_fields(json.loads(json.dumps(recipe.to_fields()))) == recipe


def test_a_setting_that_an_earlier_version_did_not_have_has_its_default():
    fields_before = Recipe(epochs=3).to_fields()
    del fields_before["augmented_copies"]
    assert Recipe.from_fields(fields_before) == Recipe(epochs=3)


@pytest.mark.parametrize("model_id", list_trainable())
def test_a_card_comes_back_from_the_recipe_read_from_it(model_id):
    values = load_card(model_id).recipe
    written = Recipe.from_card(values).to_card()
    # Settings and amounts that are newer than the card have their defaults.
    unchanged = Recipe(amounts=Augmentation()).to_card()
    amounts = unchanged["augmentation"] | values["augmentation"]
    assert written == unchanged | values | {"augmentation": amounts}
    assert json.loads(json.dumps(written)) == written


def test_cards_keep_the_names_they_always_had():
    card = TAUGHT.to_card()
    assert card["rounds"] == 12
    assert card["augmentation"]["scribbles"] == HANDWRITING.non_digits
    assert card["teachers"] == ["cnn", "mlp"]
    assert not {"augmented_copies", "amounts", "styles"} & set(card)
    assert title_setting("rounds") == "Augmented copies"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_card_holds_every_setting(name):
    changed = replace(Recipe(), **{name: choose_other_value(name)})
    assert changed.to_card() != Recipe().to_card()
    assert list_settings(Recipe)[name].title


@pytest.mark.parametrize("name", SETTINGS)
def test_a_plan_can_have_another_value_of_every_setting(name):
    value = choose_other_value(name)
    plan = change_settings(TrainingPlan(), **{name: value})
    assert getattr(plan.recipe, name) == value
    assert TrainingPlan.from_fields(json.loads(json.dumps(plan.to_fields()))) == plan


@pytest.mark.parametrize("temperature", [0.99, 21, float("nan")])
def test_the_temperature_of_a_teacher_has_limits(temperature):
    with pytest.raises(ValueError, match=r"^The temperature must be a number from 1 to 20"):
        replace(TAUGHT, teacher_temperature=temperature)


@pytest.mark.parametrize("distortion", DISTORTIONS)
def test_one_distortion_is_doubled_and_no_other(distortion):
    doubled = Recipe(doubled=distortion).applied_amounts
    name = DISTORTIONS[distortion]
    assert replace(doubled, **{name: getattr(HANDWRITING, name)}) == HANDWRITING
    assert getattr(doubled, name) == (1 if name == "thickness" else 2 * getattr(HANDWRITING, name))
    assert Recipe(doubled=distortion, augmentation=False).applied_amounts.distorts is False


def test_images_stay_unchanged_by_the_setting_or_by_the_amounts():
    assert Recipe(unchanged=0.3).applied_amounts == replace(HANDWRITING, unchanged=0.3)
    of_zoo = Recipe(amounts=replace(HANDWRITING, unchanged=0.5))
    assert of_zoo.applied_amounts.unchanged == 0.5
    card = Recipe(unchanged=0.3).to_card()
    assert Recipe.from_card(card).applied_amounts.unchanged == 0.3


def test_styles_and_distortion_are_switched_apart():
    linear = Augmentation(thickness=0.5, styles=0.05, drawings=0.15)
    recipe = Recipe(amounts=linear)
    assert recipe.applied_amounts == linear
    assert replace(recipe, augmentation=False).applied_amounts == replace(linear, thickness=0)
    assert replace(recipe, styles=False).applied_amounts == Augmentation(thickness=0.5)
