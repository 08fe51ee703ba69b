"""The request by which a program gets the predictions of the page from the API."""

from collections.abc import Sequence

import streamlit as st

from core.inference.inputs import NumberInput
from core.models.files import is_run
from pages.parts.draw.commands import DRAWING_FILE, JSON_TYPE, WRITERS, build_request
from pages.widgets.api_address import find_api
from pages.widgets.new_key import get_new_key

# Pixels. Higher than that, the text scrolls.
COMMAND_HEIGHT = 220
NO_KEY = "YOUR_ACCESS_KEY"
LANGUAGES = {"curl": "bash", "PowerShell": "powershell", "Python": "python"}


def show_request(given: NumberInput, model_ids: Sequence[str]) -> None:
    """Show the command by which the API returns what these models predict for an input."""
    api = find_api()
    needs_key = any(map(is_run, model_ids))
    key = (get_new_key() or NO_KEY) if needs_key else None
    request = build_request(given, model_ids, api=api, key=key)
    st.markdown(f"This command gets the same predictions from the [API]({api}/docs):")
    for tab, (shell, write) in zip(st.tabs(list(WRITERS)), WRITERS.items(), strict=True):
        tab.code(
            write(request),
            language=LANGUAGES.get(shell),
            wrap_lines=True,
            height=COMMAND_HEIGHT,
        )
    if request.drawing is not None:
        _offer_drawing(request.drawing)
    if key == NO_KEY:
        st.markdown(
            f"Only you can use the models you trained: put an access key in place of `{NO_KEY}`."
        )
        st.page_link("runs.py", label="Make an access key on the Runs page")


def _offer_drawing(drawing: str) -> None:
    """The file that some of the commands read."""
    st.caption(f"If the command names `{DRAWING_FILE}`, save that file in your folder first.")
    st.download_button(
        f"Save {DRAWING_FILE}",
        drawing,
        DRAWING_FILE,
        mime=JSON_TYPE,
        icon=":material/download:",
        key="drawing_file",
        on_click="ignore",
    )
