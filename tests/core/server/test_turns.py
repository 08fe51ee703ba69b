"""Turns: one at a time, first come, first served, and nobody keeps the others out for good."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

from core.server import turns
from core.server.turns import serialised
from tests.benchmarks.simulated_session import open_connection, run_apart
from tests.servers import ROOT, Server

SOON = 5  # seconds, within which a thread does what nothing keeps it from doing


def wait_for_waiting(count: int) -> None:
    deadline = time.monotonic() + SOON
    while turns._lock.waiting < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_turns_are_taken_one_at_a_time_in_the_order_of_arrival():
    done = []

    def visit(name: int) -> None:
        with serialised():
            done.append(("in", name))
            time.sleep(0.002)
            done.append(("out", name))

    visitors = [threading.Thread(target=visit, args=(name,)) for name in range(20)]
    with serialised():
        for place, visitor in enumerate(visitors, start=1):
            visitor.start()
            wait_for_waiting(place)
        assert done == []
    for visitor in visitors:
        visitor.join(SOON)
    assert done == [(way, name) for name in range(20) for way in ("in", "out")]


def test_an_error_lets_the_next_one_in():
    with pytest.raises(RuntimeError, match="interrupted"), serialised():
        raise RuntimeError("interrupted")
    with serialised():
        assert turns._lock.waiting == 0


@pytest.mark.filterwarnings("ignore:coroutine '_run_iterations' was never awaited")
def test_a_loop_that_has_stopped_keeps_nobody_waiting_for_long(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    stopped = asyncio.new_event_loop()
    monkeypatch.setattr(turns, "_loops", [stopped])
    other = threading.Thread(target=pass_through)
    with serialised():
        other.start()
        wait_for_waiting(1)
    other.join(SOON)
    assert not other.is_alive()
    stopped.close()


@asynccontextmanager
async def start_nothing(_: object) -> AsyncIterator[None]:
    yield


def pass_through() -> None:
    with serialised():
        pass


async def run_page(connection: ClientConnection) -> list[str]:
    """Ask for a run of the page; the texts that it shows."""
    request = BackMsg()
    request.rerun_script.widget_states.SetInParent()
    await connection.send(request.SerializeToString())
    texts = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(await connection.recv(decode=False))
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            return texts
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "markdown":
            texts.append(message.delta.new_element.markdown.body)


async def visit_together(address: str, *, visitors: int, runs: int) -> list[str]:
    async def visit() -> list[str]:
        async with open_connection(address) as (connection, _):
            return [text for _ in range(runs) for text in await run_page(connection)]

    texts = await asyncio.gather(*(visit() for _ in range(visitors)))
    return [text for part in texts for text in part]


def test_streamlit_has_sent_an_answer_before_the_next_turn_begins():
    """The real server: this fails when Streamlit's event loop sends its messages in another way."""
    server = Server("tests/core/server/turns_app.py", PYTHONPATH=str(ROOT))
    try:
        texts = run_apart(visit_together(server.address, visitors=5, runs=4))
    finally:
        server.stop()
    late = [int(text.removeprefix("others-late-")) for text in texts if "others-late" in text]
    waiting = [int(text.removeprefix("others-waiting-")) for text in texts if "-waiting" in text]
    assert len(late) == 20
    assert sum(count > 0 for count in waiting) > 10  # the visitors did meet
    assert max(late) == 0
