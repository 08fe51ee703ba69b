"""Prompted writing: digits to write one after the other, each saved under the prompted digit.

No prediction is shown before a digit is saved, because people who see predictions change their
handwriting to suit the models.
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
from core.drawings.prompts import list_missing, skip_first, update_order
from pages.widgets.data import get_store
from pages.widgets.pad import Pad
from pages.widgets.saving import LabelledDigit, make_drawings
from pages.widgets.visitor import get_owner
from pages.widgets.wording import to_sentence, with_article

PAD = "prompt_pad"
REPETITIONS, DEFAULT_REPETITIONS = (2, 5, 10), 5
# Keys of the session: the digits still to write; what was saved last; a sentence to show once, with
# its icon.
ORDER, SAVED, NOTICE = "prompt_order", "prompt_saved", "prompt_notice"


def pick_repetitions() -> int:
    """How often to write each digit."""
    return st.segmented_control(
        "Repetitions of each digit",
        REPETITIONS,
        default=DEFAULT_REPETITIONS,
        required=True,
        key="each",
        bind="query-params",
    )


def choose_digit(pad: Pad, saved: Sequence[int], each: int) -> int | None:
    """The digit to write, which is the pad's label; None when all digits are written.

    The digit changes only together with the drawing: with another digit, the pad is empty.
    """
    missing, asked = list_missing(saved, each), pad.label
    if asked is not None and not missing[asked] and pad.is_empty():
        asked = None
    random = np.random.default_rng()
    order = update_order(st.session_state.get(ORDER, []), missing, random, first=asked)
    st.session_state[ORDER] = order
    if asked is None and order:
        pad.ask(order[0])
    return order[0] if order else None


def show_prompt(digit: int) -> None:
    """The digit to write, in large type."""
    st.html(
        '<div class="prompt" role="status" aria-live="polite" data-testid="prompt">'
        f"Write <b>{digit}</b></div>"
    )


def show_pad(pad: Pad, digit: int) -> None:
    """The pad and its buttons; a drawing is in the database before the next digit is prompted."""
    pad.show(enter="save")
    if notice := st.session_state.pop(NOTICE, None):
        text, icon = notice
        st.toast(text, icon=icon, duration="long")
    with st.container(horizontal=True, gap="xsmall"):
        save = st.button("Save and next", key="save", type="primary", help="Or press Enter.")
        st.button("Skip", key="skip", on_click=_skip)
        offer_undoing()
    if save:
        _save_drawing(pad, digit)


def offer_undoing() -> None:
    """Offer to delete the drawing saved last since the page was opened."""
    st.button(
        "Delete last drawing",
        key="undo",
        icon=":material/delete:",
        disabled=not st.session_state.get(SAVED),
        on_click=_undo,
    )


def show_progress(saved: Sequence[int], each: int) -> None:
    """How many drawings are saved, in all and of each digit."""
    counts = [min(count, each) for count in saved]
    done, wanted = sum(counts), 10 * each
    st.progress(done / wanted, text=f"{done} of {wanted} saved")
    cells = "".join(
        f"<li{' class=done' if count == each else ''}><b>{digit}</b> {count}/{each}</li>"
        for digit, count in enumerate(counts)
    )
    st.html(f'<ul class="tally" aria-label="Saved drawings of each digit">{cells}</ul>')


def _save_drawing(pad: Pad, digit: int) -> None:
    try:
        strokes = pad.drawing()
        if not strokes:
            st.warning(f"Write {with_article(digit)} on the pad first.", icon=":material/gesture:")
            return
        _save(strokes, digit)
    except EmptyDrawingError as error:
        st.warning(to_sentence(error), icon=":material/gesture:")
    except (StorageUnavailableError, TooManyDrawingsError) as error:
        st.error(to_sentence(error), icon=":material/database_off:")
    else:
        pad.ask(None)
        st.rerun()


def _save(strokes: Sequence[Stroke], digit: int) -> None:
    (drawing,) = make_drawings([LabelledDigit(frame_from_strokes(strokes), strokes, digit)])
    if get_store().save(drawing):
        st.session_state.setdefault(SAVED, []).append((drawing.id, digit))
    st.session_state[ORDER] = st.session_state[ORDER][1:]


def _skip() -> None:
    st.session_state[ORDER] = skip_first(st.session_state[ORDER])
    Pad(PAD).ask(None)


def _undo() -> None:
    """Delete the last drawing and prompt for its digit again.

    This is a callback in a fragment, which must not show anything: the next run shows the notice.
    """
    drawing_id, digit = st.session_state[SAVED].pop()
    try:
        get_store().delete(get_owner(), [drawing_id])
    except (StorageUnavailableError, UnknownDrawingError) as error:
        st.session_state[NOTICE] = to_sentence(error), ":material/database_off:"
    else:
        st.session_state[ORDER] = [digit, *st.session_state[ORDER]]
        Pad(PAD).ask(None)
        text = f"Deleted. Write {with_article(digit)} again."
        st.session_state[NOTICE] = text, ":material/undo:"
