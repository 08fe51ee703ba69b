"""The place of the picked digit of a number, which the URL holds; it counts from 1 there."""

import streamlit as st

PARAMETER = "place"


def find_place() -> int:
    """The index of the picked digit, from 0; it may be beyond the last digit."""
    text = st.query_params.get(PARAMETER, "")
    return max(int(text) - 1, 0) if text.isdecimal() and text.isascii() else 0


def pick_place(index: int) -> None:
    """Pick a digit by its index, from 0."""
    st.query_params[PARAMETER] = str(index + 1)
