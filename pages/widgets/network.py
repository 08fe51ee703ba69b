"""Network: a model's network as a picture, layer by layer, which the browser computes and shows.

``pages/live/network_view.js`` shows it. The URL holds the model and the member that were chosen.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from core.digits.frame import Frame
from core.figures.style import diverging_scale
from core.models.card import ModelCard
from pages.widgets.address import set_parameter
from pages.widgets.cache import get_cards
from pages.widgets.live import (
    LOADING,
    declare_component,
    describe_frame,
    describe_models,
    locate_module,
    note_failure,
    require_browser,
)

KEY = "network"
# Parameters of the URL: the titles of the model whose network is shown, and of its member.
MODEL, MEMBER = "network", "member"

_mount = declare_component(KEY, Path(__file__).with_suffix(".css"))


def show_network(cards: Sequence[ModelCard], frame: Frame | None = None) -> None:
    """Show the network of one of several models for a frame.

    Args:
        cards: of the models.
        frame: ``(28, 28)``, 0 paper … 1 ink; None for the digit that is picked on the pad.
    """
    if not require_browser():
        return
    _mount(
        data={
            "module": locate_module("network_view.js"),
            "models": [
                described | {"members": _list_members(card)}
                for card, described in zip(cards, describe_models(cards), strict=True)
            ],
            "choice": {
                "model": st.query_params.get(MODEL, ""),
                "member": st.query_params.get(MEMBER, ""),
            },
            "frame": describe_frame(frame),
            "colours": {
                "light": diverging_scale(dark=False),
                "dark": diverging_scale(dark=True),
            },
            "loading": LOADING,
        },
        key=KEY,
        on_failed_change=note_failure,
        on_chosen_change=lambda: _keep_choice(st.session_state[KEY].chosen, cards),
    )


def _list_members(card: ModelCard) -> list[str]:
    """The titles of the members of an ensemble, in the order of its networks."""
    cards = get_cards()
    members = card.recipe.get("members", [])
    return [cards[member].title if member in cards else member for member in members]


def _keep_choice(choice: Mapping[str, str], cards: Sequence[ModelCard]) -> None:
    """Write the choice into the URL, without what is the default."""
    titles = [card.title for card in cards]
    model = choice["model"] if choice["model"] in titles else titles[0]
    members = _list_members(cards[titles.index(model)])
    set_parameter(MODEL, model, default=titles[0])
    set_parameter(MEMBER, choice["member"], default=members[0] if members else choice["member"])
