"""Teach: the last layer of a model learns the visitor's drawings, which the browser computes.

``pages/live/teach.js`` shows it. The URL holds the model that was chosen.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.digits.frame import Frame, bytes_from_frames
from core.models.card import ModelCard
from pages.parts.draw.reader import MESSAGES, STYLE
from pages.widgets.address import set_parameter
from pages.widgets.live import (
    JAVASCRIPT,
    describe_models,
    locate_module,
    locate_samples,
    note_failure,
    require_browser,
)

KEY = "teach"
MODEL = "learns"  # the parameter of the URL: the title of the model that learns

_mount = st.components.v2.component(
    KEY,
    html='<div class="teach"></div>',
    css=STYLE + Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=JAVASCRIPT,
)


def show_teaching(cards: Sequence[ModelCard], frame: Frame | None = None) -> None:
    """Let the visitor teach a model.

    Args:
        cards: of the models to choose from.
        frame: ``(28, 28)``, 0 paper … 1 ink; None for the digit that is picked on the pad.
    """
    if not require_browser():
        return
    _mount(
        data={
            "module": locate_module("teach.js"),
            "models": describe_models(cards),
            "samples": locate_samples(),
            "model": st.query_params.get(MODEL, ""),
            "frame": None if frame is None else bytes_from_frames(frame).ravel().tolist(),
            "loading": MESSAGES["loading"],
        },
        key=KEY,
        on_failed_change=note_failure,
        on_chosen_change=lambda: set_parameter(
            MODEL, st.session_state[KEY].chosen, default=cards[0].title
        ),
    )
