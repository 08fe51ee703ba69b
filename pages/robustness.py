"""Robustness: accuracy of each model on corrupted digits."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.models.card import ModelCard
from core.synthesis.corruptions import Corruption
from pages.parts.robustness.curves import pick_corruption, show_curves
from pages.parts.robustness.examples import show_examples
from pages.parts.robustness.overview import show_overview
from pages.widgets.cache import get_cards
from pages.widgets.data import MY_DRAWINGS, NoDrawingsError
from pages.widgets.empty_states import invite_to_draw
from pages.widgets.pickers import open_choices, order_models, pick_dataset, pick_models
from pages.widgets.test_sets import warn_of_training_digits


def main() -> None:
    """Show one corruption in detail, and all corruptions in one figure."""
    cards = get_cards()
    st.title("Robustness")
    st.markdown("See how accuracy falls when digits are rotated, blurred, covered or made noisy.")
    dataset_id, corruption, chosen = pick_view(cards)
    if chosen:
        show_corruption(dataset_id, corruption, chosen)
    else:
        st.info("Choose at least one model.", icon=":material/touch_app:")
    if dataset_id != MY_DRAWINGS:
        st.subheader("All corruptions")
        show_overview(dataset_id, [cards[model_id] for model_id in order_models(cards)])


def pick_view(cards: Mapping[str, ModelCard]) -> tuple[str, Corruption, list[ModelCard]]:
    """Let the visitor choose a data set, a corruption and models."""
    with open_choices():
        dataset_id = pick_dataset(key="dataset")
        corruption = pick_corruption()
        chosen = [cards[model_id] for model_id in pick_models(cards)]
    return dataset_id, corruption, chosen


def show_corruption(dataset_id: str, corruption: Corruption, cards: Sequence[ModelCard]) -> None:
    """Show the accuracy by severity, and examples beside it."""
    warn_of_training_digits(cards, dataset_id)
    left, right = st.columns([3, 2], gap="large")
    try:
        with left:
            show_curves(dataset_id, corruption, cards)
        with right:
            show_examples(dataset_id, corruption, cards)
    except NoDrawingsError:
        invite_to_draw()


if __name__ == "__main__":
    main()
