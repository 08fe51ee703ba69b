"""The reader: the answer that the browser gives by itself, at every move of the pen.

The modules of ``pages/live`` predict and show it; the server has the drawing, and predicts only
where something else needs a prediction. Where the browser cannot, the page predicts on the server.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.models.card import ModelCard
from pages.parts.draw.agreement import Confirmed
from pages.parts.draw.place import find_place, pick_place
from pages.widgets import probabilities
from pages.widgets.live import (
    LOADING,
    declare_component,
    describe_models,
    locate_engine,
    locate_module,
    note_failure,
)
from pages.widgets.pad import PAD_SIDE, Pad

KEY = "reader"
INVITATION = (
    "Draw a digit or a number, upload a picture or take a photograph. The models classify it "
    "immediately."
)
MESSAGES = {
    "invitation": INVITATION,
    "tooSmall": "The drawing is too small. Draw the digit larger.",
    "loading": LOADING,
}
# Of everything that the browser predicts.
STYLES = (probabilities.STYLE, Path(__file__).with_suffix(".css"))

_mount = declare_component(KEY, *STYLES)


def find_confirmed() -> Confirmed | None:
    """What the visitor has just said that the drawing is; None without an answer."""
    confirmed = st.session_state.get(KEY, {}).get("confirmed")
    return Confirmed(**confirmed) if confirmed else None


def show_reader(pad: Pad, cards: Sequence[ModelCard], *, refusal: str) -> None:
    """Show what models predict for the drawing on a pad, while it is drawn.

    Args:
        pad: which the page shows as well.
        cards: of the models.
        refusal: why what the visitor has just said is not taken; empty where it is.
    """
    _mount(
        data={
            "module": locate_module("reader.js"),
            "pad": pad.key,
            "side": PAD_SIDE,
            "pen": pad.pen_width,
            "models": describe_models(cards),
            **locate_engine(),
            "picked": find_place(),
            "refusal": refusal,
            "messages": MESSAGES,
        },
        key=KEY,
        on_failed_change=note_failure,
        on_picked_change=lambda: pick_place(st.session_state[KEY].picked),
        on_confirmed_change=lambda: None,
    )
