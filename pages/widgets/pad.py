"""The pad: a canvas that keeps its drawing, a pen, and buttons to clear it or to fill it.

There may be several, each by a key of its own; the one without is that of the Draw page.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.digits.strokes import Stroke, canvas_from_strokes, strokes_from_canvas
from core.synthesis.glyphs import draw_sample

PAD_SIDE = 320
PEN_WIDTH = 20
PAPER, INK = "#000000", "#FFFFFF"
PAD = "pad"


def show_pad(key: str = PAD) -> list[Stroke]:
    """Show the pad and return the strokes on it, in pad pixels; none when it is empty."""
    state = st.session_state
    if key not in state:  # first visit, or back from another page
        state[f"{key}_start"] = state.get(f"{key}_drawing")
    st.caption("Undo, redo and edit appear over the pad.")
    drawing = st_canvas(
        key=key,
        width=PAD_SIDE,
        height=PAD_SIDE,
        stroke_width=get_pen(),
        stroke_color=INK,
        background_color=PAPER,
        initial_drawing=state.get(f"{key}_start"),
        on_change=lambda: _take_what_the_pad_sends(key),
    ).json_data
    if state.get(f"{key}_filled"):
        drawing = state[f"{key}_start"]
    state[f"{key}_drawing"] = drawing
    # Hundredths of a pixel are enough, and make a request that can be read.
    return [np.round(stroke, 2) for stroke in strokes_from_canvas(drawing)]


def show_tools() -> None:
    """Show what clears the pad, fills it, and sets its pen."""
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Clear", icon=":material/delete:", key="clear", on_click=put_on_pad)
        st.button(
            "Give me a digit", icon=":material/casino:", key="sample", on_click=_put_sample_on_pad
        )
        with st.popover("Pen", icon=":material/edit:", key="pen"):
            st.slider("Pen width", 4, 40, PEN_WIDTH, key="pen_width", persist_state="session")


def get_pen() -> int:
    """The width of the pen, in pad pixels."""
    return st.session_state.get("pen_width", PEN_WIDTH)


def put_on_pad(strokes: Sequence[Stroke] = (), key: str = PAD) -> None:
    """Have these strokes on the pad, in pad pixels, instead of what is there; none clears it."""
    state = st.session_state
    drawing = canvas_from_strokes(strokes, pen_width=get_pen(), colour=INK)
    # The canvas tells what we put on it only if the browser had loaded it before; until it sends
    # something, what we put there is what is there.
    state[f"{key}_filled"] = True
    # The canvas starts anew only when what it should start from has changed.
    state[f"{key}_count"] = state.get(f"{key}_count", 0) + 1
    # The drawing too: a pad that comes back from another page starts from it.
    state[f"{key}_start"] = state[f"{key}_drawing"] = {**drawing, "count": state[f"{key}_count"]}


def _put_sample_on_pad() -> None:
    random = np.random.default_rng()
    put_on_pad(draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random))


def _take_what_the_pad_sends(key: str) -> None:
    st.session_state[f"{key}_filled"] = False
