"""The menu of a narrow window: its button is named, and it closes after a page was chosen."""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component("menu", js=Path(__file__).with_suffix(".js").read_text("utf-8"))


def mend_menu() -> None:
    """Mend Streamlit's menu, which it shows in place of the bar; ``menu.js`` says how."""
    _mount(key="menu")
