"""Teach: the last layer of a model learns the visitor's drawings, which the browser computes.

``pages/live/teach.js`` shows it. The URL holds the model that was chosen. A model that is kept
becomes a run, see ``kept_run.py``.
"""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.digits.frame import Frame
from core.models.card import ModelCard
from core.runs.jobs import can_train, explain_no_training
from core.runs.training_data import MY_DRAWINGS
from pages.parts.draw.kept_run import announce_outcome, keep_taught, show_kept_run
from pages.parts.draw.reader import MESSAGES, STYLES
from pages.widgets.address import set_parameter
from pages.widgets.data import NoDrawingsError, get_dataset
from pages.widgets.live import (
    SAMPLES,
    declare_component,
    describe_frame,
    describe_models,
    locate_module,
    note_failure,
    require_browser,
)

KEY = "teach"
MODEL = "learns"  # the parameter of the URL: the title of the model that learns
MAX_SAVED = 50  # saved drawings that are added at once, the newest

_mount = declare_component(KEY, *STYLES, Path(__file__).with_suffix(".css"))


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
            "samples": SAMPLES,
            "model": st.query_params.get(MODEL, ""),
            "frame": describe_frame(frame),
            "saved": _answer_request(),
            "kept": announce_outcome(),
            "refusal": "" if can_train() else explain_no_training("Keeping a model as a run"),
            "loading": MESSAGES["loading"],
        },
        key=KEY,
        on_failed_change=note_failure,
        on_wanted_change=lambda: None,
        on_kept_change=lambda: keep_taught(st.session_state[KEY].kept, cards),
        on_chosen_change=lambda: set_parameter(
            MODEL, st.session_state[KEY].chosen, default=cards[0].title
        ),
    )
    show_kept_run()


def _answer_request() -> dict[str, Any] | None:
    """The saved drawings, if the component has just asked for them; None otherwise."""
    request = st.session_state.get(KEY, {}).get("wanted")
    return {"request": request, "drawings": _describe_saved()} if request else None


def _describe_saved() -> list[dict[str, Any]]:
    """The newest saved drawings with their digits, as ``pages/live/taught.js`` reads them."""
    try:
        saved = get_dataset(MY_DRAWINGS)
    except NoDrawingsError:
        return []
    return [
        {"digit": int(label), "levels": b64encode(image.tobytes()).decode()}
        for image, label in zip(saved.images[-MAX_SAVED:], saved.labels[-MAX_SAVED:], strict=True)
    ]
