"""Recipes of two models side by side: which settings differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.models.card import ModelCard
from core.runs.run import Run

# Fields of a plan that say nothing beyond what the card says of the model itself.
SAID_BY_CARD = ("base", "layers", "augmentation", "styles")
OWN_LAYERS = "its own layers"


@dataclass(frozen=True)
class Setting:
    """One setting of two models, None where a model has none such or does without."""

    name: str
    first: Any
    second: Any

    @property
    def differs(self) -> bool:
        """Whether the two models were trained differently here."""
        return bool(self.first != self.second)


def name_architecture(card: ModelCard, run: Run | None, built_in: Mapping[str, ModelCard]) -> str:
    """The title of the built-in model whose layers a model has.

    Args:
        card: of the model.
        run: what it was asked for as, where it is a run.
        built_in: cards by id.
    """
    base = run.plan.get("base") if run else card.id
    if isinstance(base, str) and base in built_in:
        return built_in[base].title
    alike = [one.title for one in built_in.values() if one.layers == card.layers]
    return alike[0] if alike else OWN_LAYERS


def compare_recipes(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Setting]:
    """All settings that either of two recipes has, those that differ first.

    Args:
        first: as ``list_settings`` gives it.
        second: the same of another model.
    """
    names = dict.fromkeys([*first, *second])
    settings = [Setting(name, first.get(name), second.get(name)) for name in names]
    return sorted(settings, key=lambda one: not one.differs)


def list_settings(
    card: ModelCard, run: Run | None, built_in: Mapping[str, ModelCard]
) -> dict[str, Any]:
    """How a model came about, one value a name; settings within settings stand alone.

    What was not used is left out, as if the recipe did not know it.
    """
    settings: dict[str, Any] = {
        "architecture": name_architecture(card, run, built_in),
        "parameters": card.parameter_count,
    }
    plan = (
        {name: value for name, value in run.plan.items() if name not in SAID_BY_CARD} if run else {}
    )
    settings |= _flatten({**plan, **card.recipe})
    return {name: value for name, value in settings.items() if value}


def _flatten(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        title = f"{above} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            found |= _flatten(value, title)
        else:
            found[title] = value
    return found
