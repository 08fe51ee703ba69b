"""The dictation: digits to write one after the other, each kept as the digit that was asked for.

No reading is shown before a digit is kept: who sees what models make of it writes for them.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.digits.frame import EmptyDrawingError, frame_from_strokes
from core.digits.strokes import Stroke
from core.drawings.drawing import (
    StorageUnavailableError,
    TooManyDrawingsError,
    UnknownDrawingError,
)
from core.drawings.prompts import go_on, list_missing, skip_first
from pages.widgets import pad
from pages.widgets.data import get_store
from pages.widgets.feedback import make_drawing
from pages.widgets.visitor import get_owner
from pages.widgets.wording import to_sentence, with_article

PAD = "dictation_pad"
HOW_MANY = [2, 5, 10]
# The pad sends a stroke 200 ms after its end: whoever is faster with the button means that one too.
# The browser's own clock says when it has been sent, however slow browser or network are.
SECONDS_TO_SEND = 0.3


def pick_how_many() -> int:
    """How often to write each digit."""
    return st.segmented_control(
        "How many of each", HOW_MANY, default=5, required=True, key="each", bind="query-params"
    )


def choose_order(kept: Sequence[int], each: int) -> list[int]:
    """The digits still to be written, in an order that stays until others are missing."""
    missing = list_missing(kept, each)
    random = np.random.default_rng()
    st.session_state.dictation = go_on(st.session_state.get("dictation", []), missing, random)
    return st.session_state.dictation


def show_digit(digit: int) -> None:
    """The digit to write, in large type."""
    st.html(
        f'<div class="dictated" role="status" aria-live="polite" data-testid="dictated">'
        f"Write <b>{digit}</b></div>"
    )


def show_pad(digit: int) -> None:
    """The pad and its buttons; what is kept is in the database before the next digit is asked."""
    strokes = pad.show_pad(PAD)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Keep and next", key="keep", type="primary", shortcut="Enter", on_click=_ask_to_keep
        )
        st.button("Skip", key="skip", on_click=_skip)
        show_undo()
    asked = st.session_state.get("dictation_asked")
    if asked == "now":
        _look_again()
    if asked != "before":
        return
    del st.session_state.dictation_asked
    if not strokes:
        st.warning(f"Write {with_article(digit)} on the pad first.", icon=":material/gesture:")
        return
    try:
        _keep(strokes, digit)
    except EmptyDrawingError as error:
        st.warning(to_sentence(error), icon=":material/gesture:")
    except (StorageUnavailableError, TooManyDrawingsError) as error:
        st.error(to_sentence(error), icon=":material/database_off:")
    else:
        st.rerun()


def show_undo() -> None:
    """Take back what was kept last since the page was opened."""
    st.button(
        "Undo last",
        key="undo",
        icon=":material/undo:",
        disabled=not st.session_state.get("dictation_kept"),
        on_click=_undo,
    )


def show_progress(kept: Sequence[int], each: int) -> None:
    """How many drawings are kept, in all and of each digit."""
    counts = [min(count, each) for count in kept]
    done, wanted = sum(counts), 10 * each
    st.progress(done / wanted, text=f"{done} of {wanted} kept")
    cells = "".join(
        f"<li{' class=done' if count == each else ''}><b>{digit}</b> {count}/{each}</li>"
        for digit, count in enumerate(counts)
    )
    st.html(f'<ul class="tally" aria-label="Kept of each digit">{cells}</ul>')


def _ask_to_keep() -> None:
    st.session_state.dictation_asked = "now"


@st.fragment(run_every=SECONDS_TO_SEND)
def _look_again() -> None:
    """Run with the page, and by the browser's clock once more: then run the page."""
    if st.session_state.get("dictation_asked") != "now":
        st.rerun()
    st.session_state.dictation_asked = "before"


def _keep(strokes: Sequence[Stroke], digit: int) -> None:
    drawing = make_drawing(frame_from_strokes(strokes), strokes, digit)
    if get_store().save(drawing):
        st.session_state.setdefault("dictation_kept", []).append((drawing.id, digit))
    st.session_state.dictation = st.session_state.dictation[1:]
    pad.put_on_pad(key=PAD)


def _skip() -> None:
    st.session_state.dictation = skip_first(st.session_state.dictation)
    pad.put_on_pad(key=PAD)


def _undo() -> None:
    """Forget the last one and ask for it again; pages call this before they run."""
    drawing_id, digit = st.session_state.dictation_kept.pop()
    try:
        get_store().delete(get_owner(), [drawing_id])
    except (StorageUnavailableError, UnknownDrawingError) as error:
        st.toast(to_sentence(error), icon=":material/database_off:", duration="long")
    else:
        st.session_state.dictation = [digit, *st.session_state.dictation]
        pad.put_on_pad(key=PAD)
        st.toast(f"Forgotten: write {with_article(digit)} again.", icon=":material/undo:")
