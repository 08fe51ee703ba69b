"""The router: what runs for every visitor before and around each page."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.datasets import DamagedDatasetError
from core.drawings.drawing import StorageUnavailableError
from core.models.files import DamagedArtifactError
from pages.widgets.cache import get_built_in_cards
from pages.widgets.tour import show_tour
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

HERE = Path(__file__).parent


def main() -> None:
    """Set the page up, show the navigation and the page that was asked for."""
    page = st.navigation(list_pages(), position="top")
    st.set_page_config(
        page_title=f"{page.title} · Digit Lab",
        page_icon=HERE.parent / ".streamlit/icon.png",
        layout="wide",
    )
    st.html(HERE / "widgets/style.css")
    request_run_on_reconnection()
    try:
        get_built_in_cards()  # every page names a damaged model, even one that shows no model yet
        show_tour()
        page.run()
    except (DamagedArtifactError, DamagedDatasetError, StorageUnavailableError) as error:
        st.error(to_sentence(error), icon=":material/broken_image:")


def list_pages() -> "list[StreamlitPage]":
    """All pages, in the order of the navigation bar; hidden pages are linked from other pages."""
    return [
        st.Page("draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("drawings.py", title="My drawings", icon=":material/collections:"),
        st.Page("collect.py", title="Collect", icon=":material/edit:", visibility="hidden"),
        st.Page("train.py", title="Train", icon=":material/model_training:"),
        st.Page("curves.py", title="Training curves", icon=":material/show_chart:"),
        st.Page("confusion.py", title="Confusion matrices", icon=":material/grid_on:"),
        st.Page("errors.py", title="Error explorer", icon=":material/troubleshoot:"),
        st.Page("compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("robustness.py", title="Robustness", icon=":material/shield:"),
        st.Page("models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("runs.py", title="Runs", icon=":material/experiment:"),
        st.Page("sweeps.py", title="Sweeps", icon=":material/tune:", visibility="hidden"),
    ]


@st.fragment(run_every=timedelta(days=1))
def request_run_on_reconnection() -> None:
    """Have the browser ask a restarted server for a run of the page.

    A new server knows nothing of the page until it has run once, and ignores events of fragments
    that it does not know. The browser asks for such a run by itself only where something on the
    page runs at intervals; this fragment is there for that alone.
    """


if __name__ == "__main__":
    main()
