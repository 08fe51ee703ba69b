"""The reader: the answer that the browser gives by itself, at every move of the pen.

The modules of ``pages/live`` predict and show it; the server has the drawing, and predicts only
where something else needs a prediction. Where the browser cannot, the page predicts on the server.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.inference.browser_file import digest_browser_file, list_constants
from core.inference.detector import read_detector
from core.inference.judge import choose_judges
from core.models.card import ModelCard
from core.models.files import LITERT_FILE
from core.server.browser_modules import load_modules
from pages.parts.draw.agreement import Confirmed
from pages.parts.draw.place import find_place, pick_place
from pages.widgets.cache import get_cards, get_colours
from pages.widgets.pad import PAD_SIDE, Pad
from pages.widgets.probabilities import STYLE

MODULES = Path(__file__).parents[2] / "live"
KEY = "reader"
# Of the session: whether the browser has said that it cannot predict.
FAILED = "reader_failed"
INVITATION = (
    "Draw a digit or a number, upload a picture or take a photograph. The models classify it "
    "immediately."
)
MESSAGES = {
    "invitation": INVITATION,
    "tooSmall": "The drawing is too small. Draw the digit larger.",
    "loading": "The models are loading.",
}
# The modules are loaded once; until then, each call waits for them.
JAVASCRIPT = """
export default function (component) {
  let close = null;
  const modules = new URL(component.data.modules + "reader.js", document.baseURI);
  import(modules.href).then(({ mount }) => {
    if (close !== undefined) close = mount(component);
  }).catch((error) => component.setStateValue("failed", String(error)));
  return () => {
    close?.();
    close = undefined;
  };
}
"""

_mount = st.components.v2.component(
    "reader",
    html='<div class="reader"></div>',
    css=STYLE.read_text("utf-8") + Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=JAVASCRIPT,
)


def predicts_in_browser() -> bool:
    """Whether the browser predicts, as far as is known."""
    return not st.session_state.get(FAILED, False) and bool(choose_judges(get_cards()))


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
    judges = [get_cards()[model_id] for model_id in choose_judges(get_cards())]
    _mount(
        data={
            "modules": load_modules(MODULES).path,
            "pad": pad.key,
            "side": PAD_SIDE,
            "pen": pad.pen_width,
            "models": _describe_models(cards),
            "judge": [_locate(card) for card in judges],
            "detector": _locate_detector(),
            "picked": find_place(),
            "refusal": refusal,
            "messages": MESSAGES,
        },
        key=KEY,
        on_failed_change=_note_failure,
        on_picked_change=lambda: pick_place(st.session_state[KEY].picked),
        on_confirmed_change=lambda: None,
    )


def _note_failure() -> None:
    st.session_state[FAILED] = True


def _describe_models(cards: Sequence[ModelCard]) -> list[dict[str, Any]]:
    colours = get_colours([card.id for card in cards])
    return [
        {"title": card.title, "colour": colours[card.id], "address": _locate(card)}
        for card in cards
    ]


def _locate(card: ModelCard) -> str:
    """The address of a model's network, below that of the app."""
    digest = digest_browser_file(card.files[LITERT_FILE], list_constants(card))
    return f"api/models/{card.id}/browser?digest={digest}"


def _locate_detector() -> str | None:
    """The address of the detector's network; None where it is missing or damaged."""
    try:
        settings, _ = read_detector()
    except (OSError, TypeError, ValueError):
        return None  # the log of the server says why, when it loads the detector
    digest = digest_browser_file(settings.sha256, {"threshold": settings.threshold})
    return f"api/detector/browser?digest={digest}"
