"""The cookie by which a browser is known again."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from core.drawings.drawing import OWNER
from core.server.visitors import COOKIE, VisitorCookie, new_visitor_id, read_visitor

PAGE = "text/html,application/xhtml+xml"


def answer_with_page(_: Request) -> Response:
    return HTMLResponse("a page", headers={"Cache-Control": "no-cache"})


def answer_with_script(_: Request) -> Response:
    return PlainTextResponse("a script", media_type="text/javascript")


def answer_with_nothing_new(_: Request) -> Response:
    return Response(status_code=304)


def answer_with_failure(_: Request) -> Response:
    return HTMLResponse("no page", status_code=500)


async def answer_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.cookies.get(COOKIE, "none"))
    await socket.close()


def open_client(scheme: str = "http") -> TestClient:
    app = Starlette(
        routes=[
            Route("/", answer_with_page),
            Route("/api/docs", answer_with_page),
            Route("/static/index.js", answer_with_script),
            Route("/old", answer_with_nothing_new),
            Route("/broken", answer_with_failure),
            WebSocketRoute("/_stcore/stream", answer_socket),
        ],
        middleware=[Middleware(VisitorCookie)],
    )
    return TestClient(app, base_url=f"{scheme}://digitlab.example")


def test_a_page_sets_a_cookie_that_scripts_cannot_read_and_is_not_cached():
    answer = open_client().get("/")
    assert re.fullmatch(
        rf"{COOKIE}=[\w-]{{32}}; Max-Age=63072000; Path=/; HttpOnly; SameSite=Lax",
        answer.headers["Set-Cookie"],
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_over_https_the_cookie_is_secure():
    assert open_client("https").get("/").headers["Set-Cookie"].endswith("; Secure")


def test_every_browser_gets_another_id_and_keeps_it():
    first, second = open_client(), open_client()
    names = [client.get("/").cookies[COOKIE] for client in (first, second, first, second)]
    assert names[:2] == names[2:]
    assert names[0] != names[1]


def test_a_browser_that_has_the_page_but_lost_the_cookie_gets_one():
    answer = open_client().get("/old", headers={"Accept": PAGE})
    assert OWNER.fullmatch(answer.cookies[COOKIE])


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "../../etc", "a'; DROP TABLE drawings"])
def test_an_invalid_id_is_replaced(name):
    assert read_visitor({COOKIE: name}) is None
    answer = open_client().get("/", headers={"Cookie": f"{COOKIE}={name}"})
    assert OWNER.fullmatch(answer.cookies[COOKIE])


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/api/docs", PAGE), ("/static/index.js", "*/*"), ("/old", "*/*"), ("/broken", PAGE),
    ],
)  # fmt: skip
def test_only_pages_set_the_cookie(path, accept):
    answer = open_client().get(path, headers={"Accept": accept})
    assert "Set-Cookie" not in answer.headers


def test_a_websocket_passes_as_it_is():
    name = new_visitor_id()
    client = open_client()
    with client.websocket_connect("/_stcore/stream", headers={"Cookie": f"{COOKIE}={name}"}) as ws:
        assert ws.receive_text() == name
