"""Connections: responses are sent without delay, and half-open connections are closed."""

import asyncio
import http.client
import socket
import statistics
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from core.server import connections
from core.server.ambiguous_length import OneLength
from core.server.connections import guard_connections
from tests.servers import Server, find_free_port

LIMIT = 0.4  # seconds, in place of half a minute
SOON = 5
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


async def count_body(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


@asynccontextmanager
async def start_nothing(_: object) -> AsyncIterator[None]:
    yield


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "MAX_SECONDS_FOR_HEAD", LIMIT)
    monkeypatch.setattr(connections, "MAX_SECONDS_BETWEEN_PARTS", LIMIT)
    app = Starlette(
        routes=[
            Route("/", count_body, methods=["GET", "POST"]),
            WebSocketRoute("/echo", echo),
        ],
        lifespan=guard_connections(start_nothing),
    )
    app.add_middleware(OneLength)
    number = find_free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=number, log_level="error", ws="websockets-sansio")
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    deadline = time.monotonic() + SOON
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield number
    server.should_exit = True
    thread.join(SOON)


def open_socket(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SOON)


def is_closed(client: socket.socket) -> bool:
    """Whether the server closes a connection before ``SOON``."""
    try:
        return client.recv(1000) == b""
    except ConnectionResetError:
        return True


def read_body(client: socket.socket) -> bytes:
    response = http.client.HTTPResponse(client)
    response.begin()
    return response.read()


@pytest.mark.parametrize(
    "sent",
    [b"", HEAD[:10], HEAD, HEAD + b"Content-Length: 10\r\n\r\n12345"],
    ids=["nothing", "a part of the first line", "a part of the head", "a part of the body"],
)
def test_a_connection_without_a_whole_request_is_closed(port, sent):
    with open_socket(port) as client:
        client.sendall(sent)
        assert is_closed(client)


def test_single_bytes_do_not_keep_a_connection_open(port):
    with open_socket(port) as client:
        started = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - started < SOON:
                client.sendall(b"x")
                time.sleep(LIMIT / 8)
        assert time.monotonic() - started < SOON / 2


def test_the_second_request_of_a_connection_is_waited_for_no_longer(port):
    with open_socket(port) as client:
        client.sendall(HEAD + b"Content-Length: 0\r\n\r\n")
        assert read_body(client) == b"0"
        client.sendall(HEAD)
        assert is_closed(client)


def test_a_slow_body_that_keeps_coming_is_answered(port):
    with open_socket(port) as client:
        client.sendall(HEAD + b"Content-Length: 12\r\n\r\n")
        for _ in range(12):
            time.sleep(LIMIT / 6)
            client.sendall(b"x")
        assert read_body(client) == b"12"


def test_a_websocket_stays_open(port):
    with connect(f"ws://127.0.0.1:{port}/echo") as websocket:
        time.sleep(2 * LIMIT)
        websocket.send("still here")
        assert websocket.recv() == "still here"


def test_a_body_of_two_lengths_is_refused_and_its_connection_closed(port):
    body = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    with open_socket(port) as client:
        client.sendall(HEAD + body)
        received = b""
        while part := client.recv(1000):
            received += part
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") == 1
    assert b"Send one of them" in received


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def test_streamlit_sends_each_response_of_a_kept_connection_at_once(server):
    """Nagle's algorithm delays each by 40 ms, until the client acknowledges its head."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SOON)
    seconds = []
    for _ in range(60):
        started = time.perf_counter()
        connection.request("GET", "/api/openapi.json")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - started)
    connection.close()
    assert statistics.median(seconds[20:]) < 0.030


def test_streamlit_refuses_a_body_of_two_lengths(server):
    with open_socket(server.port) as client:
        client.sendall(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
