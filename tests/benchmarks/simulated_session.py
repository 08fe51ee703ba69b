"""A simulated session: the browser's side of Streamlit's websocket, with strokes on the pad.

It speaks to the Draw page as Chromium does: the same cookies and subprotocol, the same messages,
drawings in the pad's own JSON. It predicts nothing, which the server would not notice. Other
widgets are left alone, which needs no message.
"""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, TypeVar

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.digits.strokes import Stroke, strokes_from_canvas
from core.server.visitors import COOKIE

CANVAS = "streamlit-drawable-canvas.streamlit_drawable_canvas"
XSRF_COOKIE = "_streamlit_xsrf"
PAD_CONTROLS, READER = "pad_controls", "reader"
# The widget that takes the triggers of a component, by the id of the component.
TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
SECONDS_TO_OPEN = 60

Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Run:
    """What one run of the page's script brought.

    Attributes:
        drawing: what the server has on the pad, in the canvas's JSON; None where the next run
            began before the server had sent what this one said.
        toasts: the notes that appeared for a while.
        errors: exceptions on the page, and whatever else should not come.
    """

    drawing: dict[str, Any] | None
    toasts: tuple[str, ...]
    errors: tuple[str, ...]


def encode_drawing(strokes: Sequence[Stroke]) -> str:
    """The state of the pad with these strokes on it, as the canvas sends it."""
    objects = [_encode_stroke(stroke) for stroke in strokes]
    drawing = {"version": "7.4.0", "objects": objects, "background": "#000000"}
    return json.dumps({"drawing": {"raw": drawing, "data": None}}, separators=(",", ":"))


def decode_drawing(state: str) -> dict[str, Any]:
    """What ``encode_drawing`` encoded, as the server has it."""
    return json.loads(state)["drawing"]["raw"]


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
        self._pad_id = self._pad_fragment = self._reader_id = self._reader_fragment = ""
        self._page = ""

    async def send_drawing(self, state: str, *, label: int | None = None) -> None:
        """Tell the page what is on the pad now, as ``encode_drawing`` writes it.

        Args:
            state: what is on the pad.
            label: the digit that the visitor says it is; None for no answer to the question.
        """
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        widgets = message.rerun_script.widget_states.widgets
        widgets.add(id=self._pad_id, json_value=state)
        message.rerun_script.fragment_id = self._pad_fragment
        if label is not None:
            message.rerun_script.fragment_id = self._reader_fragment
            answer = {"text": str(label), "predicted": str(label), "probabilities": []}
            triggers = json.dumps([{"event": "confirmed", "value": answer}])
            widgets.add(id=TRIGGERS.format(self._reader_id), json_trigger_value=triggers)
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
        """Note how the pad and the reader are called."""
        component = delta.new_element.bidi_component  # empty for other elements
        if component.component_name == CANVAS:
            self._page = page
            self._pad_id, self._pad_fragment = component.id, delta.fragment_id
        elif component.component_name == READER:
            self._reader_id, self._reader_fragment = component.id, delta.fragment_id


def run_apart(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run it in a thread of its own: Playwright may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _sum_up(elements: Sequence[Element], errors: Sequence[str]) -> Run:
    """What a run brought, from what it put on the page."""
    toasts = [one.toast.body for one in elements if one.WhichOneof("type") == "toast"]
    drawings = [
        json.loads(one.bidi_component.json)["drawing"]
        for one in elements
        if one.bidi_component.component_name == PAD_CONTROLS
    ]
    drawing = drawings[-1] if drawings else None
    return Run(drawing, tuple(toasts), (*errors, *_list_exceptions(elements)))


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
