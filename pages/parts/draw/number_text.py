"""The text of a picture with several digits: rows to copy, and a table to download."""

import streamlit as st

from core.inference.number_prediction import NumberPrediction
from core.inference.number_table import write_csv


def show_text_and_table(number: NumberPrediction) -> None:
    """The rows as text to copy, and the digits with their boxes as a CSV file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.code(number.text, language=None)
        st.download_button(
            "Download CSV",
            write_csv(number),
            "digits.csv",
            "text/csv",
            icon=":material/download:",
            key="table",
            on_click="ignore",
        )
