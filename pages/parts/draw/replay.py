"""Replay: what each model predicted while a drawing was made, which the browser computes.

``pages/live/replay.js`` shows it, and takes the pad back to a moment of the writing.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.digits.frame import Frame
from core.models.card import ModelCard
from pages.parts.draw.reader import MESSAGES, STYLES
from pages.widgets.live import (
    declare_component,
    describe_models,
    locate_engine,
    locate_module,
    note_failure,
    require_browser,
)

KEY = "replay"
PICTURE = "A picture has no strokes to replay. Draw a digit."

_mount = declare_component(KEY, *STYLES, Path(__file__).with_suffix(".css"))


def show_replay(cards: Sequence[ModelCard], frame: Frame | None = None) -> None:
    """Show what models predicted over the time in which the digits on the pad were drawn.

    Args:
        cards: of the models.
        frame: ``(28, 28)``, that of a picture, which has no strokes; None for the pad.
    """
    if not require_browser():
        return
    if frame is not None:
        st.info(PICTURE, icon=":material/draw:")
        return
    _mount(
        data={
            "module": locate_module("replay.js"),
            "models": describe_models(cards),
            **locate_engine(),
            "loading": MESSAGES["loading"],
        },
        key=KEY,
        on_failed_change=note_failure,
    )
