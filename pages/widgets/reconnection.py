"""Reconnection: how a page goes on when its server is started anew or another takes its place.

The new server knows nothing of the page until it has run once, and ignores what is done inside a
fragment of which it has not heard. A browser asks for that run by itself only where something on
the page is to be run at intervals.
"""

from datetime import timedelta

import streamlit as st


@st.fragment(run_every=timedelta(days=1))
def ask_for_run_on_reconnection() -> None:
    """What is run at intervals: nothing, but it is there."""
