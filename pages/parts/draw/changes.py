"""Changes: what would change the prediction for a digit, which the browser computes.

``pages/live/changes.js`` shows sliders that change the frame, with curves, a map of the ink that
changes the prediction, and the smallest change of the frame that does. The URL holds what the
visitor has chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from core.analysis.sensitivity import PERTURBATIONS, Perturbation
from core.digits.datasets import CLASSES
from core.digits.frame import Frame
from core.models.card import ModelCard
from pages.parts.draw.reader import MESSAGES, STYLES
from pages.widgets.address import set_parameter
from pages.widgets.live import (
    SAMPLES,
    declare_component,
    describe_frame,
    describe_models,
    locate_engine,
    locate_module,
    note_failure,
    require_browser,
)

KEY = "changes"
# Parameters of the URL: the view, and the title of the model where it is of one; the title of the
# perturbation whose curve is shown; before its id, an amount; whether the map is of one dot more or
# less; the digit into which the smallest change turns the frame, if it was chosen.
VIEW, MODEL, CHANGE, AMOUNT, INK = "view", "view_model", "change", "amount_", "ink"
RIVAL = "rival"
VIEWS = ("Sliders", "Ink", "Smallest change")
INK_KINDS = ("more", "less")
RIVALS = ("", *map(str, range(CLASSES)))

_mount = declare_component(KEY, *STYLES, Path(__file__).with_suffix(".css"))


def show_changes(cards: Sequence[ModelCard], frame: Frame | None = None) -> None:
    """Show what models predict for a frame while the visitor changes it.

    Args:
        cards: of the models.
        frame: ``(28, 28)``, 0 paper … 1 ink; None for the digit that is picked on the pad.
    """
    if not require_browser():
        return
    options = {
        VIEW: VIEWS,
        MODEL: [card.title for card in cards],
        INK: INK_KINDS,
        RIVAL: RIVALS,
    }
    _mount(
        data={
            "module": locate_module("changes.js"),
            "models": describe_models(cards),
            **locate_engine(),
            "samples": SAMPLES,
            "changes": [asdict(change) for change in PERTURBATIONS],
            "choice": {
                **{name: _find_option(name, values) for name, values in options.items()},
                "change": _find_change().id,
                "amounts": {change.id: _find_amount(change) for change in PERTURBATIONS},
            },
            "frame": describe_frame(frame),
            "loading": MESSAGES["loading"],
        },
        key=KEY,
        on_failed_change=note_failure,
        on_chosen_change=lambda: _keep_choice(st.session_state[KEY].chosen, options),
    )


def _find_option(parameter: str, options: Sequence[str]) -> str:
    """The one in the URL, or else the first."""
    chosen = st.query_params.get(parameter, "")
    return chosen if chosen in options else options[0]


def _find_change() -> Perturbation:
    by_title = {change.title: change for change in PERTURBATIONS}
    return by_title.get(st.query_params.get(CHANGE, ""), PERTURBATIONS[0])


def _find_amount(change: Perturbation) -> float:
    try:
        amount = float(st.query_params.get(f"{AMOUNT}{change.id}", ""))
    except ValueError:
        return change.neutral
    return amount if change.minimum <= amount <= change.maximum else change.neutral


def _keep_choice(choice: Mapping[str, Any], options: Mapping[str, Sequence[str]]) -> None:
    """Write the choice into the URL, without what is the default: the first of options."""
    for name, values in options.items():
        chosen = choice[name] if choice[name] in values else values[0]
        set_parameter(name, chosen, default=values[0])
    for change in PERTURBATIONS:
        amount = f"{choice['amounts'][change.id]:.4g}"
        set_parameter(f"{AMOUNT}{change.id}", amount, default=f"{change.neutral:.4g}")
        if change.id == choice["change"]:
            set_parameter(CHANGE, change.title, default=PERTURBATIONS[0].title)
