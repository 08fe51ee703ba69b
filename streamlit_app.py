"""Digit Lab: the entry point. It sets the page up and sends the reader to one of the pages."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit.runtime.pages_manager import PagesManager

from core.api import api
from core.api.application import load_models_at_start
from core.digits.datasets import DamagedDatasetError
from core.drawings.drawing import StorageUnavailableError
from core.models.files import DamagedArtifactError
from core.server.headers import SecurityHeaders
from core.server.memory import give_memory_back, share_memory_among_threads
from core.server.turns import know_the_loop
from core.server.visitors import VisitorCookie
from pages.widgets.navigation import list_pages
from pages.widgets.reconnection import ask_for_run_on_reconnection
from pages.widgets.wording import say

ROOT = Path(__file__).parent

# The server imports this file for its app, and then runs it for every visitor.
share_memory_among_threads()
app = st.App(
    __file__,
    routes=[Mount("/api", api)],
    middleware=[Middleware(SecurityHeaders), Middleware(VisitorCookie)],
    lifespan=give_memory_back(know_the_loop(load_models_at_start)),
)
# st.navigation keeps Streamlit from searching pages/ by itself, but only once it has run: a first
# visitor whose link leads past the first page would get that page without this file.
PagesManager.uses_pages_directory = False

if __name__ == "__main__":
    # Not above: the pad, which the tour draws on, can be loaded only where a script runs.
    from pages.widgets.tour import show_tour

    page = st.navigation(list_pages(), position="top")
    st.set_page_config(
        page_title=f"{page.title} · Digit Lab",
        page_icon=ROOT / ".streamlit/icon.png",
        layout="wide",
    )
    st.html(ROOT / "pages/widgets/style.css")
    ask_for_run_on_reconnection()
    try:
        show_tour()
        page.run()
    except (DamagedArtifactError, DamagedDatasetError, StorageUnavailableError) as error:
        st.error(say(error), icon=":material/broken_image:")
