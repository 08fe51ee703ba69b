"""Connections: how the server treats each connection that it accepts, below HTTP.

Two things are missing under ``streamlit run``. Streamlit binds its socket without the number of a
protocol, so asyncio leaves Nagle's algorithm on: it holds back the body of a response until the
client has acknowledged the head, which clients delay by 40 ms. And Uvicorn waits for ever for the
rest of a request.

Streamlit does not let an application choose Uvicorn's protocol, so the event loop is asked to wrap
it. ``tests/core/server/test_connections.py`` checks this against a real server.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
from starlette.types import StatelessLifespan
from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the head of a request, and between two parts of its body.
MAX_SECONDS_FOR_HEAD = 30.0
MAX_SECONDS_BETWEEN_PARTS = 30.0


def guard_connections(lifespan: StatelessLifespan[Any]) -> StatelessLifespan[Any]:
    """Extend a server's lifespan: it wraps every connection in a ``Connection``."""

    @asynccontextmanager
    async def serve(app: Any) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        create_server = loop.create_server

        # Uvicorn calls this once the lifespan has begun.
        async def create_guarded(factory: Callable[[], Any], *args: Any, **options: Any) -> Any:
            return await create_server(lambda: Connection(factory()), *args, **options)

        loop.create_server = create_guarded  # type: ignore[method-assign,assignment]
        try:
            async with lifespan(app):
                yield
        finally:
            loop.create_server = create_server  # type: ignore[method-assign]

    return serve


class Connection(asyncio.Protocol):
    """Sends responses without delay, and closes connections whose request does not arrive.

    A connection that becomes a websocket has another protocol from then on.
    """

    def __init__(self, protocol: H11Protocol) -> None:
        """Pass everything on to ``protocol``."""
        self._protocol = protocol
        self._awaited: object = None
        self._timer: asyncio.TimerHandle | None = None
        self.eof_received = protocol.eof_received  # type: ignore[method-assign]
        self.pause_writing = protocol.pause_writing  # type: ignore[method-assign]
        self.resume_writing = protocol.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Switch Nagle's algorithm off, and start to wait for a request."""
        self._protocol.connection_made(transport)  # type: ignore[arg-type]
        _disable_nagle(transport.get_extra_info("socket"))
        self._limit_wait()

    def data_received(self, data: bytes) -> None:
        """Pass data on, and wait for what is still missing of the request."""
        self._protocol.data_received(data)
        self._limit_wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        self._protocol.connection_lost(exc)

    def _limit_wait(self) -> None:
        awaited = self._protocol.conn.their_state
        if awaited is h11.IDLE and self._awaited is h11.IDLE:
            return  # further bytes do not extend the time for the head
        self._stop_waiting()
        is_replaced = self._protocol.transport.get_protocol() is not self  # by a websocket's
        if awaited in {h11.IDLE, h11.SEND_BODY} and not is_replaced:
            seconds = MAX_SECONDS_FOR_HEAD if awaited is h11.IDLE else MAX_SECONDS_BETWEEN_PARTS
            self._timer = self._protocol.loop.call_later(seconds, self._give_up)
            self._awaited = awaited

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._awaited = None

    def _give_up(self) -> None:
        self._stop_waiting()
        if self._protocol.flow.read_paused:  # the server is behind, not the client
            self._limit_wait()
        else:
            self._protocol.transport.abort()


def _disable_nagle(connection: socket.socket) -> None:
    if connection.family in {socket.AF_INET, socket.AF_INET6}:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
