"""The tabs beside the input: the answer, and details of a digit; only the open one is computed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.digits.frame import EmptyDrawingError
from core.digits.image_file import UnreadableImageError
from core.inference.inputs import NumberInput
from core.inference.number_prediction import predict_number
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.changes import show_changes
from pages.parts.draw.inputs import ReadInput
from pages.parts.draw.look_alikes import pick_misclassifier, show_look_alikes
from pages.parts.draw.picked_digit import pick_frame
from pages.parts.draw.preprocessing import show_preprocessing_steps
from pages.parts.draw.provenance import show_details_to_cite
from pages.parts.draw.reader import INVITATION
from pages.parts.draw.replay import show_replay
from pages.parts.draw.request import show_request
from pages.parts.draw.teach import show_teaching
from pages.widgets.network import show_network
from pages.widgets.wording import to_sentence

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.elements.lib.mutable_tab_container import TabContainer

TAB = "tab"  # the key of the open one in the session and in the URL
TITLES = ANSWER, NETWORK, REPLAY, STEPS, CHANGES, LOOK_ALIKES, TEACH, API = (
    "Answer",
    "Network",
    "Replay",
    "Steps",
    "What would change it",
    "Look-alikes",
    "Teach",
    "API",
)

# What the browser computes for the drawing on the pad, or for a frame.
LIVE = {
    NETWORK: show_network,
    REPLAY: show_replay,
    CHANGES: show_changes,
    TEACH: show_teaching,
}

Tabs = Mapping[str, "TabContainer"]


def open_tabs(place: "DeltaGenerator") -> Tabs:
    """Show the tabs in a place; returns them by title."""
    return dict(zip(TITLES, place.tabs(TITLES, key=TAB, bind="query-params"), strict=True))


def needs_drawing(tabs: Tabs) -> bool:
    """Whether the open tab shows what the server makes of the drawing."""
    return not any(tabs[title].open for title in (ANSWER, *LIVE))


def read_or_explain(read_input: ReadInput) -> NumberInput | None:
    """The input; without one, what is wrong or what the visitor can do is shown."""
    try:
        given = read_input()
    except (EmptyDrawingError, UnreadableImageError) as error:
        st.warning(to_sentence(error), icon=":material/gesture:")
        return None
    if given is None:
        st.info(INVITATION, icon=":material/draw:")
    return given


def show_detail(
    tabs: Tabs, read_input: ReadInput, cards: Sequence[ModelCard], *, is_live: bool
) -> None:
    """Show what is in the open tab, unless that is the answer.

    Args:
        tabs: the tabs.
        read_input: reads the input.
        cards: of the chosen models.
        is_live: whether the browser predicts what is on the pad.
    """
    title = next(title for title, tab in tabs.items() if tab.open)
    if title == ANSWER:
        return
    with tabs[title]:
        if title in LIVE and is_live:
            LIVE[title](cards)
            return
        # Choices stay while there is no input: Streamlit would show new ones with their defaults.
        misclassifier = pick_misclassifier(cards) if title == LOOK_ALIKES else None
        given = read_or_explain(read_input)
        if given is None:
            return
        with serialised():
            classifiers = [get_classifier(card) for card in cards]
            picked = pick_frame(predict_number(given.rows, classifiers))
            frame = picked.found.frame
            if title == STEPS:
                show_preprocessing_steps(given.list_steps(picked.found), classifiers)
            elif title in LIVE:
                LIVE[title](cards, frame)
            elif misclassifier:
                show_look_alikes(frame, misclassifier)
            else:
                show_request(given, [card.id for card in cards])
                show_details_to_cite(frame, picked.predictions)
