"""The text of a picture with several digits: rows to copy, and a table to download."""

import streamlit as st

from core.inference.number_prediction import NumberPrediction
from core.inference.number_table import write_csv

# With more rows than this, the text scrolls within so many pixels.
MAX_ROWS, MAX_HEIGHT = 6, 180


def show_text_and_table(number: NumberPrediction) -> None:
    """The rows as text to copy, and the digits with their boxes as a CSV file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rows = number.text.count("\n") + 1
        st.code(number.text, language=None, height=MAX_HEIGHT if rows > MAX_ROWS else "content")
        st.download_button(
            "Download CSV",
            write_csv(number),
            "digits.csv",
            "text/csv",
            icon=":material/download:",
            key="table",
            on_click="ignore",
        )
