"""A simulated session: the browser's side of Streamlit's websocket, with strokes on the pad.

It speaks to the Draw page as Chromium does: the same cookies and subprotocol, the same messages,
drawings in the pad's own JSON. Other widgets are left alone, which needs no message.
"""

import asyncio
import base64
import json
import re
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http.cookies import SimpleCookie
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.digits.strokes import Stroke, strokes_from_canvas
from core.inference.classifier import Classifier, load_classifier
from core.inference.number import find_in_strokes
from core.inference.number_prediction import predict_number
from core.models.files import DEFAULT_MODEL_IDS
from core.server.visitors import COOKIE

CANVAS = "streamlit-drawable-canvas.streamlit_drawable_canvas"
XSRF_COOKIE = "_streamlit_xsrf"
ANSWER = re.compile(r'data-testid="answer"[^>]*>([^<]*)<')
SECONDS_TO_OPEN = 60

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, eq=False)
class ShownAnswer:
    """What the page shows for a drawing.

    Attributes:
        answer: the digit in large type, or a question mark.
        probabilities: ``(M, 10)`` of each model it asked.
    """

    answer: str
    probabilities: npt.NDArray[np.float32]

    def equals(self, other: "ShownAnswer") -> bool:
        """Whether both are for the same drawing, up to rounding."""
        return self.answer == other.answer and np.allclose(
            self.probabilities, other.probabilities, atol=1e-5
        )


@dataclass(frozen=True)
class Run:
    """What one run of the page's script brought.

    Attributes:
        reading: None where the pad was empty, or where the next run began before the server had
            sent what this one said.
        toasts: the notes that appeared for a while.
        errors: exceptions on the page, and whatever else should not come.
    """

    reading: ShownAnswer | None
    toasts: tuple[str, ...]
    errors: tuple[str, ...]


def encode_drawing(strokes: Sequence[Stroke]) -> str:
    """The state of the pad with these strokes on it, as the canvas sends it."""
    objects = [_encode_stroke(stroke) for stroke in strokes]
    drawing = {"version": "7.4.0", "objects": objects, "background": "#000000"}
    return json.dumps({"drawing": {"raw": drawing, "data": None}}, separators=(",", ":"))


def read_drawing(state: str) -> ShownAnswer:
    """What the page should show for a drawing that ``encode_drawing`` encoded."""
    drawing = json.loads(state)["drawing"]["raw"]
    # In hundredths of a pixel, as the page takes them.
    rows = find_in_strokes([np.round(one, 2) for one in strokes_from_canvas(drawing)])
    number = predict_number(rows, [_get_classifier(model_id) for model_id in DEFAULT_MODEL_IDS])
    return ShownAnswer(
        number.text, np.stack([one.probabilities for one in number.digits[0].predictions])
    )


@cache
def _get_classifier(model_id: str) -> Classifier:
    return load_classifier(model_id)


class SimulatedSession:
    """One visitor of the Draw page. Use ``open_session``.

    Attributes:
        visitor: the name by which the server knows the browser again.
    """

    def __init__(self, connection: ClientConnection, address: str, visitor: str) -> None:
        """Speak over an open connection to the server at an address."""
        self.visitor = visitor
        self._connection = connection
        self._address = address
        self._pad_id = self._yes_id = self._fragment_id = self._page = ""

    async def send_drawing(self, state: str, *, keep: bool = False) -> None:
        """Tell the page what is on the pad now, as ``encode_drawing`` writes it.

        Args:
            state: what is on the pad.
            keep: press "Yes" along with it, which counts where it is read as the one before.
        """
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = self._fragment_id
        widgets = message.rerun_script.widget_states.widgets
        widgets.add(id=self._pad_id, json_value=state)
        if keep:
            widgets.add(id=self._yes_id, trigger_value=True)
        await self._send(message)

    async def open_page(self, path: str) -> tuple[str, ...]:
        """Go to another page by its path, and wait until it has run; the errors that it shows."""
        message = BackMsg()
        message.rerun_script.page_name = path
        message.rerun_script.widget_states.SetInParent()
        await self._send(message)
        elements, errors = await self._receive_elements()
        return (*errors, *_list_exceptions(elements))

    async def receive_run(self) -> Run:
        """Wait until a run of the script has ended, and give what it brought."""
        elements, errors = await self._receive_elements()
        return _sum_up(elements, errors)

    async def _receive_elements(self) -> tuple[list[Element], list[str]]:
        """The elements that a run of the script puts on the page, and what should not come."""
        elements: list[Element] = []
        errors: list[str] = []
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self._connection.recv(decode=False))
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                return elements, errors
            if kind in {"session_event", "page_not_found"}:
                errors.append(str(message))
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                elements.append(message.delta.new_element)
                self._find_widgets(message.metadata.active_script_hash, message.delta)

    async def _open(self) -> None:
        """Ask for the page, and wait until the pad is there."""
        message = BackMsg()
        message.rerun_script.widget_states.SetInParent()
        await self._send(message)
        run = await self.receive_run()
        if run.errors or not self._pad_id:
            raise RuntimeError(f"expected a page with a pad, got {'; '.join(run.errors) or 'none'}")

    async def _send(self, message: BackMsg) -> None:
        context = message.rerun_script.context_info
        context.timezone, context.locale, context.color_scheme = "UTC", "en-US", "light"
        context.url = f"{self._address}/"
        await self._connection.send(message.SerializeToString())

    def _find_widgets(self, page: str, delta: Delta) -> None:
        """Note how the pad and the button below the answer are called."""
        element = delta.new_element
        shown = element.WhichOneof("type")
        if shown == "button" and element.button.label.startswith("Yes"):
            self._yes_id = element.button.id
        elif shown == "bidi_component" and element.bidi_component.component_name == CANVAS:
            self._page = page
            self._fragment_id = delta.fragment_id
            self._pad_id = element.bidi_component.id


def run_apart(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run it in a thread of its own: Playwright may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _sum_up(elements: Sequence[Element], errors: Sequence[str]) -> Run:
    """What a run brought, from what it put on the page."""
    answer, probabilities, toasts = "", None, []
    for element in elements:
        shown = element.WhichOneof("type")
        if shown == "toast":
            toasts.append(element.toast.body)
        elif shown == "html" and (found := ANSWER.search(element.html.body)):
            answer = found[1]
        elif shown == "plotly_chart":
            probabilities = _decode_bars(json.loads(element.plotly_chart.spec))
    reading = None if probabilities is None else ShownAnswer(answer, probabilities)
    return Run(reading, tuple(toasts), (*errors, *_list_exceptions(elements)))


def _list_exceptions(elements: Sequence[Element]) -> list[str]:
    return [
        f"{element.exception.type}: {element.exception.message}"
        for element in elements
        if element.WhichOneof("type") == "exception"
    ]


@asynccontextmanager
async def open_session(address: str) -> AsyncIterator[SimulatedSession]:
    """Visit the page at an address, and leave it."""
    async with open_connection(address) as (connection, visitor):
        session = SimulatedSession(connection, address, visitor)
        await asyncio.wait_for(session._open(), SECONDS_TO_OPEN)
        yield session


@asynccontextmanager
async def open_connection(address: str) -> AsyncIterator[tuple[ClientConnection, str]]:
    """Connect to Streamlit as a browser does; gives the websocket and the visitor's name."""
    cookies = await asyncio.to_thread(_fetch_cookies, address)
    async with connect(
        f"ws{address.removeprefix('http')}/_stcore/stream",
        origin=address,
        subprotocols=[Subprotocol("streamlit"), Subprotocol(cookies[XSRF_COOKIE])],
        additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
        open_timeout=SECONDS_TO_OPEN,
        max_size=None,
    ) as connection:
        yield connection, cookies.get(COOKIE, "")


def _fetch_cookies(address: str) -> dict[str, str]:
    """The cookies that come with the page and with what its script asks for first."""
    cookies: SimpleCookie = SimpleCookie()
    for path in ("/", "/_stcore/health", "/_stcore/host-config"):
        request = urllib.request.Request(address + path, headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=SECONDS_TO_OPEN) as answer:
            for header in answer.headers.get_all("Set-Cookie") or []:
                cookies.load(header)
    return {name: morsel.coded_value for name, morsel in cookies.items()}


def _encode_stroke(stroke: Stroke) -> dict[str, Any]:
    """A stroke as Fabric's pencil writes it: curves between the middles of its points."""
    points = np.round(stroke, 2)
    middles = (points[:-1] + points[1:]) / 2
    path = [
        ["M", *points[0].tolist()],
        *(
            ["Q", *point, *middle]
            for point, middle in zip(points[:-1].tolist(), middles.tolist(), strict=True)
        ),
        ["L", *points[-1].tolist()],
    ]
    (drawn,) = strokes_from_canvas({"objects": [{"type": "Path", "path": path}]})
    corner, size = drawn.min(axis=0), np.ptp(drawn, axis=0)
    left, top = (corner + size / 2).tolist()
    width, height = size.tolist()
    return {
        "lockMovementX": False, "lockMovementY": False, "lockRotation": False,
        "lockScalingX": False, "lockScalingY": False, "lockSkewingX": False,
        "lockSkewingY": False, "lockScalingFlip": False, "type": "Path", "version": "7.4.0",
        "originX": "center", "originY": "center", "left": left, "top": top, "width": width,
        "height": height, "fill": None, "stroke": "#FFFFFF", "strokeWidth": 20,
        "strokeDashArray": None, "strokeLineCap": "round", "strokeDashOffset": 0,
        "strokeLineJoin": "round", "strokeUniform": False, "strokeMiterLimit": 10, "scaleX": 1,
        "scaleY": 1, "angle": 0, "flipX": False, "flipY": False, "opacity": 1, "shadow": None,
        "visible": True, "backgroundColor": "", "fillRule": "nonzero", "paintFirst": "fill",
        "globalCompositeOperation": "source-over", "skewX": 0, "skewY": 0, "path": path,
    }  # fmt: skip


def _decode_bars(spec: dict[str, Any]) -> npt.NDArray[np.float32]:
    """``(M, 10)`` heights of the bars of a Plotly figure with M traces."""
    return np.stack(
        [
            np.frombuffer(base64.b64decode(trace["y"]["bdata"]), trace["y"]["dtype"])
            for trace in spec["data"]
        ]
    )
