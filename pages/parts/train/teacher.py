"""The teacher: a model whose predictions a network is trained with in place of the labels."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.models.card import ModelCard
from core.runs.recipe import USUAL_TEMPERATURE, Recipe
from pages.widgets.pickers import NO_TEACHER, order_models

TEACHER, TEMPERATURE = "teacher", "temperature"
TEMPERATURES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def pick_teacher(cards: Mapping[str, ModelCard], recipe: Recipe) -> dict[str, Any]:
    """Widgets for the teacher and its temperature; the fields of ``Recipe``, empty without one.

    Args:
        cards: of the models that can be the teacher.
        recipe: has the values to start with.
    """
    options = [NO_TEACHER, *order_models(cards)]
    chosen = st.selectbox(
        "Teacher",
        options,
        index=options.index(_choose_teacher(cards, recipe)),
        format_func=lambda model_id: cards[model_id].title if model_id in cards else model_id,
        help="The network learns the predictions of this model for each augmented image in place "
        "of the labels ([knowledge distillation](https://arxiv.org/abs/1503.02531)). A more "
        "accurate teacher makes a small network more accurate.",
        key=TEACHER,
        bind="query-params",
    )
    if chosen == NO_TEACHER:
        return {}
    temperature = st.select_slider(
        "Temperature of the teacher",
        TEMPERATURES,
        _choose_temperature(recipe),
        format_func="{:g}".format,
        help="The logits are divided by it. Above 1, the predictions say more about how much an "
        "image resembles the other digits.",
        key=TEMPERATURE,
        bind="query-params",
    )
    return {"teachers": (chosen,), "teacher_temperature": temperature}


def set_teacher(cards: Mapping[str, ModelCard], recipe: Recipe) -> None:
    """Set the widgets to the teacher of a recipe; a page calls this before it runs."""
    st.session_state[TEACHER] = _choose_teacher(cards, recipe)
    st.session_state[TEMPERATURE] = _choose_temperature(recipe)


def _choose_teacher(cards: Mapping[str, ModelCard], recipe: Recipe) -> str:
    """The teacher of a recipe as an option; ``NO_TEACHER`` where it has none that exists."""
    return next((model_id for model_id in recipe.teachers if model_id in cards), NO_TEACHER)


def _choose_temperature(recipe: Recipe) -> float:
    """The nearest option to the temperature of a recipe that has a teacher."""
    wanted = recipe.teacher_temperature if recipe.teachers else USUAL_TEMPERATURE
    return min(TEMPERATURES, key=lambda option: abs(option - wanted))
