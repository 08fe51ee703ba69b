"""Models: how far each one can be trusted, what it is made of and how it was trained."""

import streamlit as st

from pages.parts.models.accuracy_tables import show_hard_truths, show_replications
from pages.parts.models.calibration import show_calibration, show_digits
from pages.parts.models.card import show_downloads, show_facts, show_members, show_recipe
from pages.parts.models.structure import show_feature_maps, show_layers, show_weights
from pages.widgets.cache import get_cards, get_replications
from pages.widgets.pickers import order_models, pick_model

VIEWS = ["Layers", "Weights", "Feature maps", "Digits", "Calibration", "Recipe"]


@st.fragment
def show_model() -> None:
    """One model's card, view by view; only the open view is computed."""
    st.subheader("One model")
    cards = get_cards()  # a run may be deleted since the page was opened
    card = cards[pick_model(cards)]
    show_facts(card)
    show_downloads(card)
    tabs = st.tabs(VIEWS, key="view", on_change="rerun", bind="query-params")
    view, tab = next(one for one in zip(VIEWS, tabs, strict=True) if one[1].open)
    with tab:
        if view == "Digits":
            show_digits(card)
        elif view == "Calibration":
            show_calibration(card)
        elif "members" in card.recipe:
            show_members(card, cards)
        elif view == "Recipe":
            show_recipe(card, cards)
        elif view == "Feature maps":
            show_feature_maps(card)
        elif view == "Weights":
            show_weights(card)
        else:
            show_layers(card)


cards = get_cards()
st.title("Models")
st.markdown("See what each model is made of, how it was trained, and how far to trust it.")
left, right = st.columns([6, 5], gap="large")
with left:
    st.subheader("Published, redone, ours")
    show_replications([cards[one] for one in order_models(cards)], get_replications())
    st.caption(
        "Accuracy on the MNIST test set: what others reported for the architecture, what their "
        "recipe gave when we redid it, our best, and what is left of that when the images are "
        "corrupted as on the Robustness page."
    )
with right:
    st.subheader("Hard truths")
    show_hard_truths(list(cards.values()))
    st.caption(
        "The pen digits are 3,868 digits written with a pen by 102 people; no model was ever "
        "trained on them."
    )
show_model()
