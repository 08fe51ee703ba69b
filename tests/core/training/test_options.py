"""The options of the command line, derived from the fields of the recipe; nothing is trained."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.models.files import RUNS_VARIABLE, load_card
from core.runs.plan import list_trainable
from core.runs.recipe import OFF, ON, Recipe
from core.training import command, train_sweep
from core.training.__main__ import main
from core.training.zoo import ZOO
from tests.recipes import SETTINGS, choose_other_value

# Each command has --seeds in place of --seed.
OPTIONS = [name for name in SETTINGS if name != "seed"]


class StopHereError(ValueError):
    """Raised in place of a training."""


@pytest.fixture(autouse=True)
def no_runs_and_an_mnist_that_seems_there(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    monkeypatch.setenv("DIGITLAB_MNIST", str(tmp_path))


@pytest.fixture
def trained(monkeypatch) -> list:
    """What the commands would train: entries of the zoo, or plans."""
    found: list = []

    def train_entry(entry: object, *_: object, **__: object) -> None:
        found.append(entry)
        raise StopHereError

    def train_plans(plans: tuple, **_: object) -> None:
        found.extend(plans)
        raise StopHereError

    monkeypatch.setattr(command, "train", train_entry)
    monkeypatch.setattr(train_sweep, "train_sweep", train_plans)
    return found


def write_value(value: object) -> str:
    if isinstance(value, bool):
        return ON if value else OFF
    return str(value)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_model_of_the_zoo_can_be_trained_with_another_value_of_every_setting(trained, name):
    value = choose_other_value(name)
    assert main(["lenet5", f"--{name.replace('_', '-')}", write_value(value)]) == 1
    assert trained[0].recipe == replace(ZOO["lenet5"].recipe, **{name: value})


@pytest.mark.parametrize("name", OPTIONS)
def test_a_sweep_can_vary_every_setting(trained, name):
    values = [getattr(Recipe(), name), choose_other_value(name)]
    words = [write_value(value) for value in values]
    assert main(["sweep", "lenet5", f"--{name.replace('_', '-')}", *words]) == 1
    assert [getattr(plan.recipe, name) for plan in trained] == values
    assert len({plan.sweep for plan in trained}) == 1


def test_a_sweep_varies_seeds_and_the_fraction_of_the_training_images(trained):
    for option in ("--share", "--train-fraction"):
        trained.clear()
        main(["sweep", "lenet5", option, "0.1", "0.5", "--seeds", "2"])
        assert [(plan.train_fraction, plan.recipe.seed) for plan in trained] == [
            (0.1, 1), (0.1, 2), (0.5, 1), (0.5, 2)
        ]  # fmt: skip


@pytest.mark.parametrize("words", [[], ["sweep"]])
def test_the_help_describes_every_setting(capsys, words):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    assert stop.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    for name in OPTIONS:
        assert f"--{name.replace('_', '-')}" in printed
        assert SETTINGS[name].help[:30] in printed


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["lenet5", "--optimizer", "magic"], "invalid choice: 'magic'"),
        (["lenet5", "--epochs", "many"], "invalid int value: 'many'"),
        (["lenet5", "--epochs", "0"], "Epochs must be a whole number from 1 to 100, not 0"),
        (["lenet5", "--styles", "maybe"], "invalid choice: 'maybe'"),
        (["committee", "--epochs", "3"], "committee is not trained by Keras"),
        (["lenet5", "--recipe", "published", "--epochs", "3"], "published recipe"),
        (["lenet5", "--augmentation", "off", "--styles", "off"], "Teachers need augmented images"),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence(capsys, words, reason):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("model_id", list_trainable())
def test_the_zoo_has_the_recipe_on_the_card(model_id):
    card = load_card(model_id)
    recipe = replace(ZOO[model_id].recipe, seed=card.recipe["seed"])
    # Settings and amounts that are newer than the card have their defaults.
    assert recipe == Recipe.from_card(card.recipe)


def test_the_directory_of_augmented_copies_has_two_names(monkeypatch, tmp_path):
    directories = []

    def train(*_: object, copies: Path, **__: object) -> None:
        directories.append(copies)
        raise StopHereError

    monkeypatch.setattr(command, "train", train)
    for option in ("--copies", "--rounds"):
        assert main(["lenet5", option, str(tmp_path)]) == 1
    assert directories == [tmp_path, tmp_path]
