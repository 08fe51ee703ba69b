"""The script that every page gets, and nothing else does."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.server.connection_notice import ConnectionNotice

PAGE = "<!doctype html><html><body>a page</body></html>\n"


def answer_with_page(_: Request) -> Response:
    return HTMLResponse(PAGE, headers={"ETag": "old"})


def answer_in_parts(_: Request) -> Response:
    return StreamingResponse(iter([PAGE[:9], PAGE[9:]]), media_type="text/html")


def answer_with_part(_: Request) -> Response:
    return HTMLResponse(PAGE[:9], status_code=206)


def answer_with_failure(_: Request) -> Response:
    return HTMLResponse(PAGE, status_code=500)


def answer_compressed(_: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Content-Encoding": "identity"})


def answer_with_script(_: Request) -> Response:
    return PlainTextResponse(PAGE, media_type="text/javascript")


def answer_with_download(_: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Content-Disposition": 'attachment; filename="a.html"'})


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/", answer_with_page),
        Route("/parts", answer_in_parts),
        Route("/part", answer_with_part),
        Route("/broken", answer_with_failure),
        Route("/compressed", answer_compressed),
        Route("/static/index.js", answer_with_script),
        Route("/media/a.html", answer_with_download),
        Route("/api/docs", answer_with_page),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(ConnectionNotice)]))


@pytest.mark.parametrize("path", ["/", "/parts"])
def test_a_page_is_followed_by_the_script(client, path):
    answer = client.get(path)
    assert answer.text.startswith(PAGE)
    assert answer.text.count("<script>") == 1
    assert answer.text.endswith("</script>\n")
    assert "etag" not in answer.headers


def test_the_length_of_a_page_is_right_whether_or_not_it_is_sent(client):
    answer = client.get("/")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    head = client.head("/")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]
    assert head.content == b""


@pytest.mark.parametrize(
    "path", ["/part", "/broken", "/compressed", "/static/index.js", "/media/a.html", "/api/docs"]
)
def test_what_is_no_whole_page_stays_as_it_is(client, path):
    assert "<script>" not in client.get(path).text
