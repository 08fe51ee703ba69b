"""The pad: a canvas that keeps its drawing, a pen, and buttons to clear it or to fill it."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.digits.samples import draw_sample
from core.digits.strokes import Stroke, canvas_from_strokes, strokes_from_canvas

PAD_SIDE = 320
PEN_WIDTH = 20
PAPER, INK = "#000000", "#FFFFFF"


def show_pad() -> list[Stroke]:
    """Show the pad and return the strokes on it, in pad pixels; none when it is empty."""
    if "pad" not in st.session_state:  # first visit, or back from another page
        st.session_state.pad_start = st.session_state.get("pad_drawing")
    st.caption("Undo, redo and edit appear over the pad.")
    drawing = st_canvas(
        key="pad",
        width=PAD_SIDE,
        height=PAD_SIDE,
        stroke_width=get_pen(),
        stroke_color=INK,
        background_color=PAPER,
        initial_drawing=st.session_state.get("pad_start"),
        on_change=_take_what_the_pad_sends,
    ).json_data
    if st.session_state.get("pad_filled"):
        drawing = st.session_state.pad_start
    st.session_state.pad_drawing = drawing
    # Hundredths of a pixel are enough, and make a request that can be read.
    return [np.round(stroke, 2) for stroke in strokes_from_canvas(drawing)]


def show_tools() -> None:
    """Show what clears the pad, fills it, and sets its pen."""
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Clear", icon=":material/delete:", key="clear", on_click=_put_on_pad)
        st.button(
            "Give me a digit", icon=":material/casino:", key="sample", on_click=_put_sample_on_pad
        )
        with st.popover("Pen", icon=":material/edit:", key="pen"):
            st.slider("Pen width", 4, 40, PEN_WIDTH, key="pen_width", persist_state="session")


def get_pen() -> int:
    """The width of the pen, in pad pixels."""
    return st.session_state.get("pen_width", PEN_WIDTH)


def _put_sample_on_pad() -> None:
    random = np.random.default_rng()
    strokes = draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random)
    _put_on_pad(strokes)


def _put_on_pad(strokes: list[Stroke] | None = None) -> None:
    drawing = canvas_from_strokes(strokes or [], pen_width=get_pen(), colour=INK)
    # The canvas tells what we put on it only if the browser had loaded it before; until it sends
    # something, what we put there is what is there.
    st.session_state.pad_filled = True
    # The canvas starts anew only when what it should start from has changed.
    st.session_state.pad_count = st.session_state.get("pad_count", 0) + 1
    st.session_state.pad_start = {**drawing, "count": st.session_state.pad_count}


def _take_what_the_pad_sends() -> None:
    st.session_state.pad_filled = False
