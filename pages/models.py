"""Models: accuracies and costs of all models, and the card of one: layers, weights, training."""

from collections.abc import Mapping

import streamlit as st

from core.models.card import ModelCard
from pages.parts.models.accuracies import show_accuracy_table, show_error_rates
from pages.parts.models.calibration import show_calibration
from pages.parts.models.card import show_downloads, show_facts, show_members, show_recipe
from pages.parts.models.digits import show_digits
from pages.parts.models.network import show_network
from pages.parts.models.structure import show_layers, show_weights
from pages.parts.models.weak_spots import show_weak_spots
from pages.widgets.cache import get_cards, get_replications
from pages.widgets.costs import show_costs
from pages.widgets.data import MNIST_TEST
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pickers import order_models, pick_model

VIEWS = ["Layers", "Weights", "Network", "Digits", "Calibration", "Weak spots", "Recipe"]


def main() -> None:
    """Show the accuracies of all models side by side, then the card of one model."""
    cards = get_cards()
    st.title("Models")
    st.markdown("See each model's accuracy, layers, weights, training and calibration.")
    show_accuracy_table([cards[model_id] for model_id in order_models(cards)], get_replications())
    show_model()
    st.subheader("Error rates by data set")
    show_error_rates(list(cards.values()))
    # Below the card: the first visitor after a start waits for the measurement.
    accuracies = {card.id: card.find_accuracy(MNIST_TEST) for card in cards.values()}
    show_costs([cards[model_id] for model_id in order_models(cards)], accuracies, MNIST_TEST)


@st.fragment
@show_known_errors()
def show_model() -> None:
    """Let the visitor choose a model, and show its card; only the open view is computed."""
    st.subheader("Model card")
    cards = get_cards()  # a run may have been deleted since the page was opened
    card = cards[pick_model(cards)]
    show_facts(card)
    show_downloads(card)
    tabs = st.tabs(VIEWS, key="view", on_change="rerun", bind="query-params")
    for view, tab in zip(VIEWS, tabs, strict=True):
        if tab.open:
            with tab:
                show_view(view, card, cards)


def show_view(view: str, card: ModelCard, cards: Mapping[str, ModelCard]) -> None:
    """Show one view of a card; an ensemble has members where other models have layers."""
    if view == "Digits":
        show_digits(card)
    elif view == "Calibration":
        show_calibration(card)
    elif view == "Weak spots":
        show_weak_spots(card)
    elif view == "Network":
        show_network(card)
    elif "members" in card.recipe:
        show_members(card, cards)
    elif view == "Recipe":
        show_recipe(card, cards)
    elif view == "Weights":
        show_weights(card)
    else:
        show_layers(card)


if __name__ == "__main__":
    main()
