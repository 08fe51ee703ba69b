"""The pad: a canvas that keeps its drawing, its controls, a pen, and a button to fill it.

Only this module knows under which keys of the session a pad keeps its drawing. There may be several
pads, each with a key of its own; the default one is the pad of the Draw page. All share one pen.
"""

import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from core.digits.strokes import Stroke, canvas_from_strokes, clip_strokes, strokes_from_canvas
from core.inference.inputs import StrokeInput
from core.synthesis.glyphs import draw_sample
from pages.widgets.pad_controls import PadState, show_pad_controls

PAD_SIDE = 320
PEN_WIDTH, MIN_PEN_WIDTH, MAX_PEN_WIDTH = 20, 4, 40
PEN = "pen_width"
PAPER, INK = "#000000", "#FFFFFF"
# Of what we put on a canvas, it sends this property back with every drawing made from it, and gives
# it no meaning. It tells whether a drawing was begun before or after the last change by us, and for
# which label.
TAG = "lockRotation"
# Strokes are moved and erased where they have ink, not anywhere in their boxes.
_BY_INK = {"perPixelTargetFind": True}
_EMPTY: Mapping[str, Any] = {"objects": []}
# What every session starts with. A canvas that it has already keeps the stroke that is being drawn
# while a visitor's browser moves to another session.
_UNTOUCHED: Mapping[str, Any] = {**_EMPTY, **_BY_INK, TAG: {"id": "untouched", "label": None}}


@dataclass(frozen=True, eq=False)
class Pad:
    """A square to draw on, whose drawing stays while its visitor looks at other pages.

    Attributes:
        key: of the canvas in the session; the pad's other keys begin with it.
        state: the session; another mapping in tests.
    """

    key: str = "pad"
    state: MutableMapping[Any, Any] = field(default_factory=lambda: st.session_state, repr=False)

    def show(self, *, enter: str | None = None) -> None:
        """Show the canvas and its controls; from then on ``drawing`` is what is on it.

        Args:
            enter: the key of the button that the Enter key presses; None for no button.
        """
        if self._read("canvas") is None:
            self._keep(_UNTOUCHED)
        elif self.key not in self.state:  # back from another page
            self._start(self._read("canvas"), label=self.label)
        start = self._read("start")
        canvas = st_canvas(
            key=self.key,
            width=PAD_SIDE,
            height=PAD_SIDE,
            stroke_width=self.pen_width,
            stroke_color=INK,
            background_color=PAPER,
            initial_drawing=start,
            on_change=self._receive,
        ).json_data
        unknown = not self._read("known")
        self._write("known", True)
        if not self._take(canvas) and unknown:  # another session, now gone, started it
            self._keep(canvas)
            st.rerun()
        state = PadState(
            drawing=self._read("canvas"),
            put=start[TAG]["id"],
            unknown=unknown,
            cleared=self._read("cleared"),
            enter=enter,
        )
        show_pad_controls(
            self.key,
            state,
            on_kept=self._restore,
            on_cleared=lambda drawing: self._write("cleared", drawing),
        )

    def show_tools(self) -> None:
        """Show what fills the pad and sets its pen."""
        with st.container(horizontal=True, gap="xsmall"):
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

    @property
    def label(self) -> int | None:
        """The digit that the drawing is of; None where nobody has asked for one."""
        label = (self._read("start") or {}).get(TAG, {}).get("label")
        return label if label in range(10) else None

    def drawing(self) -> list[Stroke]:
        """The strokes on the pad as far as they can be seen, in pad pixels; none while empty."""
        strokes = clip_strokes(strokes_from_canvas(self._read("canvas")), PAD_SIDE)
        # Hundredths of a pixel are enough, and make a request that can be read.
        return [np.round(stroke, 2) for stroke in strokes]

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
        """Replace the drawing by these strokes, in pad pixels; its label stays."""
        canvas = canvas_from_strokes(strokes, pen_width=self.pen_width, colour=INK)
        self._start(canvas, label=self.label)

    def ask(self, label: int | None) -> None:
        """Empty the pad for a drawing of a digit; None for any drawing."""
        self._start(_EMPTY, label=label)

    def put_random_sample(self) -> None:
        """Put a synthetic digit on the pad."""
        random = np.random.default_rng()
        self.put(draw_sample(int(random.integers(10)), canvas_size=PAD_SIDE, random=random))

    def _receive(self) -> None:
        """Take what the canvas sent, even if the visitor has left the page since."""
        self._take(self.state[self.key].drawing["raw"])

    def _take(self, canvas: Mapping[str, Any]) -> bool:
        """Make this the drawing, unless the canvas started it before our last change."""
        newest = self._read("start")[TAG]
        if taken := canvas.get(TAG, newest) == newest:
            self._write("canvas", canvas)
            if canvas.get("objects"):
                self._write("cleared", None)
        return taken

    def _start(self, canvas: Mapping[str, Any], *, label: int | None) -> None:
        """Start the canvas with a drawing, which has the label and an id in what it sends."""
        self._keep({**canvas, **_BY_INK, TAG: {"id": secrets.token_hex(4), "label": label}})

    def _restore(self, kept: Mapping[str, Any]) -> None:
        """Take what the browser has kept, unless the visitor has begun another drawing."""
        if self.is_empty():
            self._start(kept, label=kept[TAG]["label"])

    def _keep(self, canvas: Mapping[str, Any]) -> None:
        self._write("start", canvas)
        self._write("cleared", None)
        # Until the canvas sends something, what it starts with is the drawing.
        self._write("canvas", canvas)

    def _read(self, name: str) -> Any:
        return self._get(f"{self.key}_{name}", None)

    def _write(self, name: str, value: object) -> None:
        self.state[f"{self.key}_{name}"] = value

    def _get(self, key: str, default: Any) -> Any:
        if key in self.state:  # the session of Streamlit's AppTest has no method `get`
            return self.state[key]
        return default
