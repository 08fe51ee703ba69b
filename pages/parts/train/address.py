"""The address of a plan: the parameters with which the Train page proposes it."""

from collections.abc import Mapping
from typing import Any

from core.models.card import MNIST, ModelCard
from core.runs.layers import write_layers
from core.runs.plan import TrainingPlan, get_setting, list_plan_settings
from core.runs.proposals import propose_plan
from core.runs.recipe import Setting
from core.runs.training_data import TITLES
from pages.parts.train.layer_editor import PARAMETER
from pages.parts.train.plan import ARCHITECTURE, START_FROM
from pages.parts.train.settings import PARAMETERS
from pages.parts.train.teacher import TEACHER, TEMPERATURE
from pages.widgets.pickers import NO_TEACHER, OWN_LAYERS


def address_plan(plan: TrainingPlan, cards: Mapping[str, ModelCard]) -> dict[str, str]:
    """The parameters of a plan; settings that its model brings anyway are left out.

    Args:
        plan: what the page is to propose.
        cards: of all models, by id.
    """
    card = cards.get(plan.architecture or "")
    proposed = propose_plan(card) if card else TrainingPlan()
    settings = {
        PARAMETERS.get(name, name): _write(setting, get_setting(plan, name))
        for name, setting in list_plan_settings().items()
        # Fine-tuning brings settings of its own.
        if plan.start_from or get_setting(plan, name) != get_setting(proposed, name)
    }
    if plan.training_data != MNIST:  # all images of other data are used
        settings.pop(PARAMETERS["train_fraction"], None)
    return (
        _name_model(plan, cards)
        | {"data": TITLES[plan.training_data]}
        | settings
        | _name_teacher(plan, cards)
    )


def _name_model(plan: TrainingPlan, cards: Mapping[str, ModelCard]) -> dict[str, str]:
    tuned = {START_FROM: "true"} if plan.start_from else {}
    start, architecture = (cards.get(name or "") for name in (plan.start_from, plan.architecture))
    model = start or architecture
    if model:
        return {ARCHITECTURE: model.title, **tuned}
    return {ARCHITECTURE: OWN_LAYERS, PARAMETER: write_layers(plan.layers)}


def _name_teacher(plan: TrainingPlan, cards: Mapping[str, ModelCard]) -> dict[str, str]:
    """The teacher; where there is none, that too, because the model may bring one."""
    temperature = f"{plan.recipe.teacher_temperature:g}"
    titles = [cards[name].title for name in plan.recipe.teachers if name in cards]
    return {TEACHER: titles[0], TEMPERATURE: temperature} if titles else {TEACHER: NO_TEACHER}


def _write(setting: Setting, value: Any) -> str:
    """A value as the address holds it."""
    return str(value).lower() if setting.kind is bool else setting.format(value)
