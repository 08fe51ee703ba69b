"""A server that records which messages Streamlit has sent; its page is ``turns_page.py``."""

from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from core.server.turns import remember_event_loop
from tests.core.server import turns_record


class RecordSent:
    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        async def record(message) -> None:
            await send(message)
            if message["type"] == "websocket.send":
                turns_record.add_sent(message.get("bytes") or b"")

        await self._app(scope, receive, record)


@asynccontextmanager
async def start_nothing(_):
    yield


app = st.App(
    Path(__file__).with_name("turns_page.py"),
    middleware=[Middleware(RecordSent)],
    lifespan=remember_event_loop(start_nothing),
)
