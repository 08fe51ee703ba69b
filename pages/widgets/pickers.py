"""Pickers: the choices that several pages offer, each kept in the URL under its key."""

from collections.abc import Mapping

import streamlit as st

from core.artifacts import ModelCard
from core.figures.palette import MODEL_COLOURS
from pages.widgets.loaders import BUNDLED_DIGITS, DATASET_TITLES, MNIST_TEST

ALL_MODELS = "all"


def pick_models(cards: Mapping[str, ModelCard]) -> list[str]:
    """Any number of models; the three of the dashboard's name to begin with."""
    return st.pills(
        "Models",
        list(cards),
        selection_mode="multi",
        default=[model_id for model_id in cards if model_id in MODEL_COLOURS],
        format_func=lambda model_id: cards[model_id].title,
        key="models",
        bind="query-params",
    )


def pick_model(cards: Mapping[str, ModelCard]) -> str:
    """One model."""
    return st.segmented_control(
        "Model",
        list(cards),
        default=next(iter(cards)),
        required=True,
        format_func=lambda model_id: cards[model_id].title,
        key="model",
        bind="query-params",
    )


def pick_one_or_all(cards: Mapping[str, ModelCard]) -> list[str]:
    """One model, or all of them."""
    choice = st.segmented_control(
        "Models",
        [ALL_MODELS, *cards],
        default=ALL_MODELS,
        required=True,
        format_func=lambda choice: "All" if choice == ALL_MODELS else cards[choice].title,
        key="model",
        bind="query-params",
    )
    return list(cards) if choice == ALL_MODELS else [choice]


def pick_dataset(*, key: str, default: str = MNIST_TEST) -> str:
    """A data set. A page that links to another page's pick needs a ``key`` of its own."""
    return st.segmented_control(
        "Data set",
        [MNIST_TEST, BUNDLED_DIGITS],
        default=default,
        required=True,
        format_func=DATASET_TITLES.__getitem__,
        key=key,
        bind="query-params",
    )
