"""Pickers: choices that several pages offer, each kept in the URL under its key."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.models.card import ModelCard
from core.models.files import DEFAULT_MODEL_IDS, is_run
from core.runs.comparison import find_parent
from pages.widgets.data import DATASET_TITLES, MNIST_TEST

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# The labels, which the URL holds: the default models, all models, or one.
DEFAULT_MODELS, ALL_MODELS, ONE_MODEL = "Default models", "All models", "One model"
# Options beside the titles of models.
ALL_BUILT_IN, NO_FILTER = "All built-in models", "No filter"
NO_OTHER, NO_TEACHER, OWN_LAYERS = "No other model", "No teacher", "Layers of your own"
# Between the titles of two models that are one option.
AND = " and "

# Pixels: beside the models, four of these fit a row of a window 1280 pixels wide.
WIDTH = 170


def open_choices() -> "DeltaGenerator":
    """A row for the choices of a page, above its result; on a phone, two stand side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="choices")


def order_models(cards: Mapping[str, ModelCard]) -> list[str]:
    """Ids of all models: the default ones, the other built-in ones, and runs as they are listed."""
    built_in = sorted(model_id for model_id in cards if not is_run(model_id))
    runs = [model_id for model_id in cards if is_run(model_id)]
    return [*sorted(built_in, key=lambda model_id: model_id not in DEFAULT_MODEL_IDS), *runs]


def choose_defaults(cards: Mapping[str, ModelCard]) -> list[str]:
    """Ids of the default models; of all models where none of the default ones exists."""
    return [model_id for model_id in DEFAULT_MODEL_IDS if model_id in cards] or list(cards)


def pick_models(cards: Mapping[str, ModelCard]) -> list[str]:
    """Any number of models."""
    return st.multiselect(
        "Models",
        order_models(cards),
        default=choose_defaults(cards),
        format_func=lambda model_id: cards[model_id].title,
        key="models",
        wrap=False,
        bind="query-params",
    )


def pick_model(cards: Mapping[str, ModelCard]) -> str:
    """One model."""
    return st.selectbox(
        "Model",
        order_models(cards),
        format_func=lambda model_id: cards[model_id].title,
        key="model",
        bind="query-params",
        width=WIDTH,
    )


def pick_other(cards: Mapping[str, ModelCard]) -> str:
    """A second model; empty where the visitor does not want one."""
    titles = {"": NO_OTHER} | {model_id: cards[model_id].title for model_id in order_models(cards)}
    return st.selectbox(
        "Compare with",
        list(titles),
        format_func=titles.__getitem__,
        key="other",
        bind="query-params",
        width=WIDTH,
    )


def link_to_comparison(
    card: ModelCard, plan: Mapping[str, Any], cards: Mapping[str, ModelCard]
) -> None:
    """Link to the comparison of a run with its parent, or else with the first default model."""
    defaults = (cards[name] for name in choose_defaults(cards) if name != card.id)
    parent = find_parent(card, plan, cards) or next(defaults)
    st.page_link(
        "compare.py",
        icon=":material/compare_arrows:",
        query_params={"models": [card.title, parent.title]},
    )


def pick_one_or_all(cards: Mapping[str, ModelCard]) -> list[str]:
    """The ids of the default models, of all models, or of one."""
    defaults, all_models = choose_defaults(cards), order_models(cards)
    choices = [DEFAULT_MODELS, ALL_MODELS, ONE_MODEL]
    if len(defaults) == len(cards):
        choices.remove(DEFAULT_MODELS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Predict with",
            choices,
            default=choices[0],
            required=True,
            key="predict",
            bind="query-params",
        )
        if choice == ONE_MODEL:
            return [pick_model(cards)]
    return defaults if choice == DEFAULT_MODELS else all_models


def pick_dataset(*, key: str, default: str = MNIST_TEST) -> str:
    """A data set. A page that links to another page's choice needs a ``key`` of its own."""
    return st.selectbox(
        "Data set",
        list(DATASET_TITLES),
        index=list(DATASET_TITLES).index(default),
        format_func=DATASET_TITLES.__getitem__,
        key=key,
        bind="query-params",
        width=WIDTH,
    )


def pick_counted(
    label: str, labels: Mapping[str, str], *, name: str, default: str, scope: str, width: int
) -> str:
    """Offer options whose labels hold counts, and keep the choice in the URL without the counts.

    Streamlit's own binding would write the labels into the URL, and counts differ between models.

    Args:
        label: of the widget.
        labels: of the options, by their names in the URL.
        name: of the parameter in the URL; the key in the session is followed by the scope.
        default: the option where the URL names none.
        scope: what the counts belong to; another scope makes another widget.
        width: in pixels.
    """
    key = f"{name}_{scope}"
    linked = st.query_params.get(name, default)
    picked = linked if linked in labels else default
    return st.selectbox(
        label,
        list(labels),
        index=list(labels).index(picked),
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: st.query_params.update({name: st.session_state[key]}),
        width=width,
    )
