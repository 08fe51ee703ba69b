"""Error rate of one model on each of the ten digits, written with a pen."""

import streamlit as st

from core.figures.accuracy import describe_error_rates_by_digit, draw_error_rates_by_digit
from core.models.card import ModelCard
from pages.widgets.data import CARD_DATASET_TITLES

PEN_DATASETS = ("pen_strokes", "pen_pictures")


def show_digits(card: ModelCard) -> None:
    """Show the error rate on each of the pen digits."""
    accuracies = {
        CARD_DATASET_TITLES[name]: card.accuracy_by_digit[name]
        for name in PEN_DATASETS
        if name in card.accuracy_by_digit
    }
    if not accuracies:
        st.info("This model was not measured on the pen digits.", icon=":material/info:")
        return
    st.plotly_chart(
        draw_error_rates_by_digit(accuracies),
        key="error_rates_by_digit",
        config={"displayModeBar": False},
        alt=f"Error rate of {card.title} on each pen digit. "
        + describe_error_rates_by_digit(accuracies),
    )
