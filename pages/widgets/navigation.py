"""The navigation: every page with its title and icon, in the order of the bar at the top."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def list_pages() -> list[StreamlitPage]:
    """The pages; those that are not in the bar are linked from the page before them."""
    return [
        st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("pages/drawings.py", title="My drawings", icon=":material/collections:"),
        st.Page("pages/collect.py", title="Collect", icon=":material/edit:", visibility="hidden"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
        st.Page("pages/curves.py", title="Training curves", icon=":material/show_chart:"),
        st.Page("pages/confusion.py", title="Confusion matrices", icon=":material/grid_on:"),
        st.Page("pages/errors.py", title="Error explorer", icon=":material/troubleshoot:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("pages/robustness.py", title="Robustness", icon=":material/shield:"),
        st.Page("pages/models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("pages/runs.py", title="Runs", icon=":material/experiment:"),
        st.Page("pages/sweeps.py", title="Sweeps", icon=":material/tune:", visibility="hidden"),
    ]
