"""Presenting: the pad, the number and the bars alone, for a projector.

Styles hide the rest, so that the pad stays where it is in the page and keeps its drawing.
``present.js`` has the keys and fills the screen.
"""

from pathlib import Path

import streamlit as st

KEY = "present"  # of the switch in the session and in the URL
STYLE = Path(__file__).with_suffix(".css")
# What is shown, with what is in it: the inputs, the answer of the browser and that of the server.
SHOWN = ", ".join(
    (
        *(f".st-key-{key}" for key in ("pad", "pad_controls", KEY, "reader")),
        *(f".st-key-{key}" for key in ("upload", "photograph", "camera", "boxes")),
        *(".answer", ".probabilities", ".upload", "[data-testid=stAlert]"),
    )
)
HIDE_REST = (
    f".stApp:has(.st-key-{KEY} :checked) :not(:has({SHOWN}), :is({SHOWN}), :is({SHOWN}) *) "
    "{ display: none !important; }"
)

_mount = st.components.v2.component(
    "presenting", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def offer_presentation() -> None:
    """Show the switch of the presentation."""
    st.html(f"<style>{STYLE.read_text('utf-8')}{HIDE_REST}</style>")
    _mount(key="presenting")
    st.toggle(
        "Present",
        key=KEY,
        help="For a projector: the pad, the number and the bars alone. Keys: P, Escape.",
        bind="query-params",
    )
