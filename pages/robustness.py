"""Robustness: how far a digit may be turned, blurred or covered before each model misreads it."""

import streamlit as st

from core.digits.datasets import MnistUnavailableError
from pages.parts.robustness.curves import (
    pick_corruption,
    show_another_amount,
    show_curves,
    show_digit,
)
from pages.parts.robustness.overview import show_overview
from pages.widgets.cache import get_cards
from pages.widgets.data import (
    BUNDLED_DIGITS,
    MNIST_TEST,
    MY_DRAWINGS,
    NoDrawingsError,
    get_dataset,
    has_mnist,
)
from pages.widgets.empty_states import invite_to_draw, offer_download
from pages.widgets.pickers import order_models, pick_dataset, pick_models
from pages.widgets.wording import to_sentence


def show_examples() -> None:
    """One digit under the corruption, and the accuracy under another amount of it."""
    at_hand = dataset_id != MNIST_TEST or has_mnist()
    digit = show_digit(get_dataset(dataset_id if at_hand else BUNDLED_DIGITS), corruption, chosen)
    if not st.toggle("Try another amount", key="live", bind="query-params"):
        return
    try:
        show_another_amount(digit, get_dataset(dataset_id), corruption, chosen)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))


cards = get_cards()
st.title("Robustness")
st.markdown("See how far a digit may be turned, blurred or covered before each model misreads it.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    dataset_id = pick_dataset(key="dataset")
    corruption = pick_corruption()
    chosen = [cards[model_id] for model_id in pick_models(cards)]
if not chosen:
    st.info("Choose at least one model.", icon=":material/touch_app:")
else:
    left, right = st.columns([3, 2], gap="large")
    try:
        with left:
            show_curves(dataset_id, corruption, chosen)
        with right:
            show_examples()
    except NoDrawingsError:
        invite_to_draw()
if dataset_id != MY_DRAWINGS:
    st.subheader("All corruptions")
    show_overview(dataset_id, [cards[model_id] for model_id in order_models(cards)])
