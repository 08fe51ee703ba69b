"""The recipes of two models side by side: which settings differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.models.card import ModelCard
from core.runs.layers import LayerPlan, describe_layers
from core.runs.plan import list_plan_settings, title_setting, upgrade_fields
from core.runs.recipe import Recipe, list_settings
from core.runs.run import Run
from core.runs.training_data import describe_training_data

# Fields of a plan that repeat what the model's card holds.
FIELDS_ON_CARD = ("architecture", "layers", "training_data", "recipe", "lesson")
# Those of a whole training, which a lesson does not have.
FIELDS_OF_TRAINING = ("train_fraction", "drawing_weight")
OWN_LAYERS = "its own layers"
# Also where it is 0, it was used.
SEED = title_setting("seed")
TEACHERS, TEMPERATURE = title_setting("teachers"), title_setting("teacher_temperature")


@dataclass(frozen=True)
class SettingPair:
    """One setting of two models; None where a model does not have it or does not use it."""

    name: str
    first: Any
    second: Any

    @property
    def differs(self) -> bool:
        """Whether the two models were trained with different values."""
        return bool(self.first != self.second)


def name_architecture(card: ModelCard, run: Run | None, built_in: Mapping[str, ModelCard]) -> str:
    """The title of the built-in model that has the same layers as a model.

    Args:
        card: of the model.
        run: the run that trained it; None for a built-in model.
        built_in: cards by id.
    """
    architecture = upgrade_fields(run.plan).get("architecture") if run else card.id
    if isinstance(architecture, str) and architecture in built_in:
        return built_in[architecture].title
    titles = [other.title for other in built_in.values() if other.layers == card.layers]
    return titles[0] if titles else OWN_LAYERS


def find_parent(
    card: ModelCard, plan: Mapping[str, Any], cards: Mapping[str, ModelCard]
) -> ModelCard | None:
    """The model that a run is compared with; None where there is none.

    It is the one that its training started from, or else the built-in model of its architecture.

    Args:
        card: of the run.
        plan: of the run, as ``run.json`` holds it.
        cards: of all models, by id.
    """
    plan = upgrade_fields(plan)
    named = (str(plan.get(name)) for name in ("start_from", "architecture"))
    return next((cards[name] for name in named if name in cards and name != card.id), None)


def compare_recipes(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[SettingPair]:
    """All settings of two recipes; those that differ are first.

    Args:
        first: from ``describe_training``.
        second: the same for another model.
    """
    names = dict.fromkeys([*first, *second])
    pairs = [SettingPair(name, first.get(name), second.get(name)) for name in names]
    return sorted(pairs, key=lambda pair: not pair.differs)


def describe_training(
    card: ModelCard, run: Run | None, built_in: Mapping[str, ModelCard]
) -> dict[str, Any]:
    """How a model was trained: values by title, with nested settings as entries of their own.

    Settings of 0 or none are left out, and a temperature of 1 where there is no teacher. Switches
    that are off are there: some are on by default.
    """
    settings: dict[str, Any] = {
        "Architecture": name_architecture(card, run, built_in),
        "Parameters": card.parameter_count,
        "Training data": describe_training_data(card.trained_on),
    }
    plan = upgrade_fields(run.plan) if run else {}
    settings["Layers"] = _describe_own_layers(plan)
    left_out = FIELDS_ON_CARD + (FIELDS_OF_TRAINING if card.is_taught else ())
    own = {name: value for name, value in plan.items() if name not in left_out}
    if card.best_epoch and not card.is_taught:  # built-in models are trained on all training images
        own = {"train_fraction": 1.0, **own}
    switches = _list_switches(card.recipe)
    settings |= _flatten({**own, **card.recipe}) | switches
    if not settings.get(TEACHERS) and settings.get(TEMPERATURE) == 1:
        del settings[TEMPERATURE]
    kept = {SEED, *switches}
    return {title: value for title, value in settings.items() if value or title in kept}


def _describe_own_layers(plan: Mapping[str, Any]) -> str:
    """The layers of a plan in words; empty where it has none of its own, or damaged ones."""
    try:
        return describe_layers([LayerPlan(**layer) for layer in plan.get("layers") or ()])
    except (TypeError, ValueError):
        return ""


def _list_switches(recipe: Mapping[str, Any]) -> dict[str, bool]:
    """Which switches of a recipe for Keras are on, by title; empty for other recipes."""
    try:
        read = Recipe.from_card(recipe)
    except (KeyError, TypeError, ValueError):
        return {}
    settings = list_settings(Recipe).items()
    return {one.title: getattr(read, name) for name, one in settings if one.kind is bool}


def _flatten(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        title = f"{above} {title_setting(name).lower()}" if above else title_setting(name)
        if isinstance(value, Mapping):
            found |= _flatten(value, title)
        else:
            found[title] = _format_percentage(name, value)
    return found


def _format_percentage(name: str, value: Any) -> Any:
    """The value of a setting that people read in per cent as text; other values unchanged."""
    described = list_plan_settings().get(name)
    return described.format(value) if described and described.is_percentage else value
