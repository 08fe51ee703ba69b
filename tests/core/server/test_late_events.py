"""Events of a page that was left are dropped; all others arrive, in their order and their time."""

import asyncio
from collections.abc import Iterable, Mapping

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.server import late_events
from core.server.late_events import LateEvents


def ask(page: str, fragment: str = "") -> bytes:
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = fragment
    return message.SerializeToString()


def show(page: str) -> bytes:
    message = ForwardMsg()
    message.navigation.page_script_hash = page
    return message.SerializeToString()


HEARTBEAT = BackMsg(app_heartbeat=True).SerializeToString()
FINISHED = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY).SerializeToString()


AGAIN = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN).SerializeToString()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(late_events, "PATIENCE", 0.01)


def list_arriving(sent: Iterable[bytes], replies: Mapping[bytes, bytes] = {}) -> list[bytes]:
    """What arrives at a server of what a browser sends, where the server replies so."""
    arrived = []
    messages = iter(
        [{"type": "websocket.receive", "bytes": data} for data in sent]
        + [{"type": "websocket.disconnect"}]
    )

    async def receive() -> Message:
        return next(messages)

    async def drop(_message: Message) -> None:
        pass

    async def serve(_scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            arrived.append(message["bytes"])
            if reply := replies.get(message["bytes"]):
                await send({"type": "websocket.send", "bytes": reply})

    app = LateEvents(serve, from_browser=BackMsg, to_browser=ForwardMsg)
    asyncio.run(app({"type": "websocket"}, receive, drop))
    return arrived


def test_an_event_of_the_page_that_was_left_is_dropped():
    sent = [ask("draw"), ask("draw", "pad"), ask("models"), ask("draw", "pad"), HEARTBEAT]
    assert list_arriving(sent) == [*sent[:3], HEARTBEAT]


@pytest.mark.parametrize(
    "sent",
    [
        [ask("draw"), ask("draw", "pad"), ask("draw", "pad")],
        [ask(""), ask("draw", "pad")],  # the browser does not know the first page by its hash
        [ask("draw"), ask("models"), ask("draw"), ask("draw", "pad")],
        [b"\xff\xff", ask("draw", "pad")],
    ],
    ids=["the same page", "the first page", "back again", "nonsense"],
)
def test_other_events_arrive(sent):
    assert list_arriving(sent) == sent


def test_the_page_is_the_one_that_the_server_shows_when_a_script_chose_another():
    similar = ask("draw", "similar errors")
    gallery = ask("errors", "gallery")
    replies = {similar: show("errors"), gallery: FINISHED}
    assert list_arriving([similar, gallery, ask("draw", "pad")], replies) == [similar, gallery]


@pytest.mark.parametrize(
    ("outcomes", "arrives"),
    [([FINISHED], True), ([AGAIN], False), ([AGAIN, FINISHED], True), ([], False)],
    ids=["finished", "runs again", "has run again", "runs"],
)
def test_an_event_waits_for_the_end_of_the_first_run(monkeypatch, outcomes, arrives):
    monkeypatch.setattr(late_events, "PATIENCE", 60)
    arrived = []

    async def connect() -> None:
        sent = [ask("draw"), ask("draw", "pad")]
        waits = asyncio.Event()

        async def receive() -> Message:
            if not sent:
                await asyncio.Event().wait()  # the browser sends nothing more
            data = sent.pop(0)
            if not sent:
                waits.set()
            return {"type": "websocket.receive", "bytes": data}

        async def drop(_message: Message) -> None:
            pass

        async def serve(_scope: Scope, receive: Receive, send: Send) -> None:
            async def listen() -> None:
                while True:
                    arrived.append((await receive())["bytes"])

            listening = asyncio.create_task(listen())
            await waits.wait()
            for outcome in outcomes:
                await send({"type": "websocket.send", "bytes": outcome})
            await asyncio.sleep(0.05)
            listening.cancel()

        app = LateEvents(serve, from_browser=BackMsg, to_browser=ForwardMsg)
        await app({"type": "websocket"}, receive, drop)

    asyncio.run(connect())
    assert (ask("draw", "pad") in arrived) == arrives
