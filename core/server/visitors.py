"""Visitors: a cookie identifies a browser, in place of an account.

Its value is a random id, which says nothing about the visitor but owns their drawings and runs, so
scripts on a page cannot read it. The API never sets the cookie, but reads it: a client may use the
runs of the visitor that it belongs to.
"""

import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.drawings.drawing import OWNER

COOKIE = "digitlab_visitor"
SECONDS_KEPT = 2 * 365 * 24 * 3600
API_PATH = "/api/"  # below a prefix, if the server has one
NOT_MODIFIED = 304


def new_visitor_id() -> str:
    """A random id for a new visitor, which nobody can guess."""
    return secrets.token_urlsafe(24)


def read_visitor(cookies: Mapping[str, str]) -> str | None:
    """The visitor's id in a browser's cookies; None where there is none, or not a valid one."""
    visitor_id = cookies.get(COOKIE, "")
    return visitor_id if OWNER.fullmatch(visitor_id) else None


class VisitorCookie:
    """Sets the cookie with every page: a new one, or the same one for another two years."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http" or API_PATH in scope["path"]:
            await self._app(scope, receive, send)
            return

        async def add_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and is_page(scope, message):
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", _write_cookie(scope))
                # A shared cache would send one visitor's cookie to another.
                headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, add_cookie)


def is_page(scope: Scope, message: Message) -> bool:
    """Whether the response is a page, or says that the browser's copy of it is up to date.

    An HTML file that is downloaded is no page.
    """
    if message["status"] == NOT_MODIFIED:
        return "text/html" in HTTPConnection(scope).headers.get("Accept", "")
    headers = MutableHeaders(scope=message)
    is_shown = not headers.get("Content-Disposition", "").startswith("attachment")
    is_html = headers.get("Content-Type", "").startswith("text/html")
    return message["status"] < NOT_MODIFIED and is_html and is_shown


def _write_cookie(scope: Scope) -> str:
    visitor_id = read_visitor(HTTPConnection(scope).cookies) or new_visitor_id()
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{COOKIE}={visitor_id}; Max-Age={SECONDS_KEPT}; Path=/; HttpOnly; SameSite=Lax{secure}"
