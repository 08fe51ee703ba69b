"""The invitation to draw where a page needs drawings and the visitor has kept none."""

import streamlit as st


def invite_to_draw() -> None:
    """Say how drawings come here, and lead to the pad."""
    st.info(
        "You have kept no drawing yet. Draw a digit, and answer “Was that right?” below it.",
        icon=":material/draw:",
    )
    st.page_link("pages/draw.py", label="Draw a digit", icon=":material/arrow_forward:")
