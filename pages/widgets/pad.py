"""The pad: a canvas that keeps its drawing, a pen, and buttons to clear the pad or fill it.

Only this module knows under which keys of the session a pad keeps its drawing. There may be several
pads, each with a key of its own; the default one is the pad of the Draw page. All share one pen.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.digits.strokes import Stroke, canvas_from_strokes, strokes_from_canvas
from core.inference.inputs import StrokeInput
from core.synthesis.glyphs import draw_sample

PAD_SIDE = 320
PEN_WIDTH, MIN_PEN_WIDTH, MAX_PEN_WIDTH = 20, 4, 40
PEN = "pen_width"
PAPER, INK = "#000000", "#FFFFFF"


@dataclass(frozen=True, eq=False)
class Pad:
    """A square to draw on, whose drawing stays while its visitor looks at other pages.

    Attributes:
        key: of the canvas in the session; the pad's other keys begin with it.
        state: the session; another mapping in tests.
    """

    key: str = "pad"
    state: MutableMapping[Any, Any] = field(default_factory=lambda: st.session_state, repr=False)

    def show(self) -> None:
        """Show the canvas; from then on ``drawing`` is what is on it."""
        if self.key not in self.state:  # first visit, or back from another page
            self._write("start", self._read("canvas"))
        st.caption("Point at the pad to undo or redo strokes.")
        canvas = st_canvas(
            key=self.key,
            width=PAD_SIDE,
            height=PAD_SIDE,
            stroke_width=self.pen_width,
            stroke_color=INK,
            background_color=PAPER,
            initial_drawing=self._read("start"),
            on_change=lambda: self._write("filled", False),
        ).json_data
        self._write("canvas", self._read("start") if self._read("filled") else canvas)

    def show_tools(self) -> None:
        """Show what clears the pad, fills it, and sets its pen."""
        with st.container(horizontal=True, gap="xsmall"):
            st.button("Clear", icon=":material/delete:", key="clear", on_click=self.clear)
            st.button(
                "Give me a digit",
                icon=":material/casino:",
                key="sample",
                on_click=self.put_random_sample,
            )
            with st.popover("Pen", icon=":material/edit:", key="pen"):
                st.slider(
                    "Pen width",
                    MIN_PEN_WIDTH,
                    MAX_PEN_WIDTH,
                    PEN_WIDTH,
                    key=PEN,
                    persist_state="session",
                )

    @property
    def pen_width(self) -> int:
        """The width of the pen, in pad pixels."""
        return self._get(PEN, PEN_WIDTH)

    def drawing(self) -> list[Stroke]:
        """The strokes on the pad, in pad pixels; none while it is empty."""
        # Hundredths of a pixel are enough, and make a request that can be read.
        return [np.round(stroke, 2) for stroke in strokes_from_canvas(self._read("canvas"))]

    def is_empty(self) -> bool:
        """Whether there is no stroke on the pad."""
        return not self.drawing()

    def read_input(self) -> StrokeInput | None:
        """The drawing as an input for the models; None while the pad is empty.

        Raises:
            EmptyDrawingError: there is too little ink to be a digit.
        """
        strokes = self.drawing()
        if not strokes:
            return None
        return StrokeInput(strokes, pen_width=self.pen_width, pad_side=PAD_SIDE)

    def put(self, strokes: Sequence[Stroke]) -> None:
        """Replace the drawing by these strokes, in pad pixels."""
        canvas = canvas_from_strokes(strokes, pen_width=self.pen_width, colour=INK)
        # The canvas starts again only when its initial drawing has changed.
        count = (self._read("count") or 0) + 1
        start = {**canvas, "count": count}
        self._write("count", count)
        self._write("start", start)
        # The drawing too: a pad that comes back from another page starts from it.
        self._write("canvas", start)
        # The canvas reports what we put on it only if the browser had loaded it before. Until it
        # sends something, what we put there is the drawing.
        self._write("filled", True)

    def clear(self) -> None:
        """Take all strokes off the pad."""
        self.put(())

    def put_random_sample(self) -> None:
        """Put a synthetic digit on the pad."""
        random = np.random.default_rng()
        self.put(draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random))

    def _read(self, name: str) -> Any:
        return self._get(f"{self.key}_{name}", None)

    def _write(self, name: str, value: object) -> None:
        self.state[f"{self.key}_{name}"] = value

    def _get(self, key: str, default: Any) -> Any:
        if key in self.state:  # the session of Streamlit's AppTest has no method `get`
            return self.state[key]
        return default
