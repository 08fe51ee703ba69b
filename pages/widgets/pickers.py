"""Pickers: the choices that several pages offer, each kept in the URL under its key."""

from collections.abc import Callable, Mapping

import streamlit as st

from core.models.card import ModelCard
from core.models.files import DEFAULT_MODEL_IDS, is_run
from pages.widgets.data import DATASET_TITLES, MNIST_TEST

# The default models are chosen to begin with, and stand first wherever models are offered.
THREE, ALL, ONE = "three", "all", "one"
# What the URL calls the last.
ONE_MODEL = "One model"


def order_models(cards: Mapping[str, ModelCard]) -> list[str]:
    """Ids of all models: the default ones, the other built-in ones, and runs as they are listed."""
    built_in = sorted(one for one in cards if not is_run(one))
    runs = [one for one in cards if is_run(one)]
    return [*sorted(built_in, key=lambda one: one not in DEFAULT_MODEL_IDS), *runs]


def choose_defaults(cards: Mapping[str, ModelCard]) -> list[str]:
    """Ids of the default models; where there is none of them, of all."""
    return [model_id for model_id in DEFAULT_MODEL_IDS if model_id in cards] or list(cards)


def pick_models(cards: Mapping[str, ModelCard]) -> list[str]:
    """Any number of models."""
    return st.pills(
        "Models",
        order_models(cards),
        selection_mode="multi",
        default=choose_defaults(cards),
        format_func=lambda model_id: cards[model_id].title,
        key="models",
        wrap=True,
        bind="query-params",
    )


def pick_model(cards: Mapping[str, ModelCard]) -> str:
    """One model."""
    options = order_models(cards)
    return st.pills(
        "Model",
        options,
        default=options[0],
        required=True,
        format_func=lambda model_id: cards[model_id].title,
        key="model",
        wrap=True,
        bind="query-params",
    )


def pick_one_or_all(cards: Mapping[str, ModelCard]) -> list[str]:
    """The default models, all of them, or one."""
    defaults = choose_defaults(cards)
    titles = {
        THREE: "The three" if len(defaults) == len(DEFAULT_MODEL_IDS) else f"The {len(defaults)}",
        ALL: f"All {len(cards)}",
        ONE: ONE_MODEL,
    }
    if len(defaults) == len(cards):
        del titles[THREE]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Predict with",
            list(titles),
            default=next(iter(titles)),
            required=True,
            format_func=titles.__getitem__,
            key="predict",
            bind="query-params",
        )
        if choice == ONE:
            options = order_models(cards)
            return [
                st.selectbox(
                    "Model",
                    options,
                    format_func=lambda model_id: cards[model_id].title,
                    key="model",
                    bind="query-params",
                    width=220,
                )
            ]
    return defaults if choice == THREE else order_models(cards)


def pick_dataset(*, key: str, default: str = MNIST_TEST) -> str:
    """A data set. A page that links to another page's pick needs a ``key`` of its own."""
    return st.segmented_control(
        "Data set",
        list(DATASET_TITLES),
        default=default,
        required=True,
        format_func=DATASET_TITLES.__getitem__,
        key=key,
        bind="query-params",
    )


def pick_counted(
    widget: Callable[..., str],
    label: str,
    labels: Mapping[str, str],
    *,
    name: str,
    default: str,
    scope: str,
) -> str:
    """Offer options whose labels hold counts, and keep the choice in the URL without them.

    Streamlit's own binding would write the labels into the URL, and counts differ from model to
    model.

    Args:
        widget: ``st.pills`` or ``st.selectbox``.
        label: of the widget.
        labels: of the options, by what the URL calls them.
        name: of the choice in the URL; in the session it is followed by the scope.
        default: where the URL names no option.
        scope: what the counts belong to; another scope makes another widget.
    """
    key = f"{name}_{scope}"
    linked = st.query_params.get(name, default)
    picked = linked if linked in labels else default
    start = {"index": list(labels).index(picked)} if widget is st.selectbox else {
        "default": picked, "required": True, "wrap": True,
    }  # fmt: skip
    return widget(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: st.query_params.update({name: st.session_state[key]}),
        **start,
    )
