"""The gallery of errors, and the picked digit beside it."""

from collections.abc import Mapping

import streamlit as st

from core.digits.datasets import Dataset
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from pages.widgets.digit_detail import find_picked_digit, show_digit_thumbnails, show_picked_digit
from pages.widgets.pickers import choose_defaults, order_models


def show_errors(
    captions: Mapping[int, tuple[str, str]],
    rivals: Mapping[int, int],
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
    model_id: str | None = None,
) -> None:
    """Show thumbnails, and the predictions of all models for the picked one.

    Args:
        captions: caption and sentence of each digit, by its index in the data set.
        rivals: the digit that each may be confused with, by the same index.
        dataset: the data set.
        cards: all models.
        model_id: the model whose errors these are; drawn in the chart beside the default models.
    """
    indices = [*captions]
    picked = find_picked_digit(indices)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_digit_thumbnails(indices, picked, dataset, captions.__getitem__)
    with right:
        show_error(picked, dataset, cards, rival=rivals[picked], model_id=model_id)


def show_error(
    index: int,
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
    *,
    rival: int,
    model_id: str | None,
) -> None:
    """Show the picked digit, which may be confused with its rival; see ``show_errors``."""
    charted = list(dict.fromkeys([*choose_defaults(cards), *([model_id] if model_id else [])]))
    listed = [other for other in order_models(cards) if other not in charted]
    show_picked_digit(
        index,
        dataset,
        [get_classifier(cards[name]) for name in charted],
        [get_classifier(cards[name]) for name in listed],
        rival=rival,
    )
