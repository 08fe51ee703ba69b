"""Addresses below a page, and of files that do not exist, are not found."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.server.not_found import NotFound


def answer_as_streamlit(request: Request) -> Response:
    """A file, or the start page for every path that has none."""
    if request.url.path.endswith("index.js"):
        return PlainTextResponse("a script", media_type="text/javascript")
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    return HTMLResponse("the start page")


def open_client(base_path: str = "") -> TestClient:
    route = Route("/{path:path}", answer_as_streamlit)
    return TestClient(
        Starlette(routes=[route], middleware=[Middleware(NotFound, base_path=base_path)])
    )


@pytest.mark.parametrize("path", ["/drawings/x", "/drawings/x/y", "/a/b/", "/static/nosuch.js"])
def test_what_is_below_a_page_is_not_found_and_leads_to_the_pages(path):
    answer = open_client().get(path)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text
    assert 'href="/"' in answer.text


def test_a_browser_that_has_the_start_page_of_such_an_address_is_told_too():
    headers = {"If-None-Match": "old", "Accept": "text/html"}
    assert open_client().get("/drawings/x", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/", "/drawings", "/drawings/", "/static/index.js", "/api/docs"])
def test_pages_files_and_the_documentation_of_the_api_are_answered(path):
    assert open_client().get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/lab", 200), ("/lab/", 200), ("/lab/drawings", 200), ("/lab/drawings/x", 404)],
)
def test_pages_may_be_below_a_path(path, status):
    answer = open_client("lab").get(path)
    assert answer.status_code == status
    if status == 404:
        assert 'href="/lab/"' in answer.text
