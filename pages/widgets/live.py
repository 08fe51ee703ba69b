"""Live components: modules of ``pages/live`` on the page, and the files that they need.

Where the browser cannot predict, it says so, and the session remembers it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.digits.frame import Frame, bytes_from_frames
from core.inference.browser_file import digest_browser_file, list_constants
from core.inference.detector import read_detector
from core.inference.judge import choose_judges
from core.models.card import ModelCard
from core.models.files import LITERT_FILE
from core.server.browser_modules import load_modules
from pages.widgets.cache import get_cards, get_colours

MODULES = Path(__file__).parents[1] / "live"
# Of all that is built in the browser.
STYLE = Path(__file__).with_suffix(".css")
LOADING = "The models are loading."
# The address of labelled digits, below that of the app. The server makes their file when it is
# first asked for, which takes a second: their digest is not known before.
SAMPLES = "api/digits/browser"
# Of the session: whether the browser has said that it cannot predict.
FAILED = "reader_failed"
# The modules are loaded once; until then, each call waits for them.
JAVASCRIPT = """
export default function (component) {
  let close = null;
  const module = new URL(component.data.module, document.baseURI);
  import(module.href).then(({ mount }) => {
    if (close !== undefined) close = mount(component);
  }).catch((error) => component.setStateValue("failed", String(error)));
  return () => {
    close?.();
    close = undefined;
  };
}
"""


def declare_component(key: str, *styles: Path) -> Callable[..., Any]:
    """A component that a module of ``pages/live`` fills; ``data["module"]`` says which.

    Args:
        key: its name, and the class of the element that is filled.
        styles: files with CSS, beside that of all such components.
    """
    return st.components.v2.component(
        key,
        html=f'<div class="{key}"></div>',
        css="".join(path.read_text("utf-8") for path in (STYLE, *styles)),
        js=JAVASCRIPT,
    )


def predicts_in_browser() -> bool:
    """Whether the browser predicts, as far as is known."""
    return not st.session_state.get(FAILED, False) and bool(choose_judges(get_cards()))


def require_browser() -> bool:
    """Whether the browser predicts; where it does not, a sentence says what that means."""
    predicts = predicts_in_browser()
    if not predicts:
        st.info(
            "The browser computes what is shown here, and it cannot predict at the moment. Reload "
            "the page to try again.",
            icon=":material/browser_not_supported:",
        )
    return predicts


def note_failure() -> None:
    """Remember that the browser cannot predict."""
    st.session_state[FAILED] = True


def locate_module(name: str) -> str:
    """The address of a module, below that of the app."""
    return f"{load_modules(MODULES).path}{name}"


def locate_network(card: ModelCard) -> str:
    """The address of a model's network, below that of the app."""
    digest = digest_browser_file(card.files[LITERT_FILE], list_constants(card))
    return f"api/models/{card.id}/browser?digest={digest}"


def describe_frame(frame: Frame | None) -> list[int] | None:
    """The 784 bytes of a frame for the browser, 0 paper … 255 ink; None for None."""
    return None if frame is None else bytes_from_frames(frame).ravel().tolist()


def describe_models(cards: Sequence[ModelCard]) -> list[dict[str, Any]]:
    """What the browser needs to know of models."""
    colours = get_colours([card.id for card in cards])
    return [
        {"title": card.title, "colour": colours[card.id], "address": locate_network(card)}
        for card in cards
    ]


def locate_engine() -> dict[str, Any]:
    """The addresses of the networks that find digits."""
    judges = [get_cards()[model_id] for model_id in choose_judges(get_cards())]
    return {"judge": [locate_network(card) for card in judges], "detector": _locate_detector()}


def _locate_detector() -> str | None:
    """The address of the detector's network; None where it is missing or damaged."""
    try:
        settings, _ = read_detector()
    except (OSError, TypeError, ValueError):
        return None  # the log of the server says why, when it loads the detector
    digest = digest_browser_file(settings.sha256, {"threshold": settings.threshold})
    return f"api/detector/browser?digest={digest}"
