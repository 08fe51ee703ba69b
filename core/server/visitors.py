"""Visitors: the cookie by which a browser is known again, in place of an account.

Its value is a random name that says nothing about the visitor, but it owns their kept drawings and
their runs: scripts cannot read it. The API never sets it, and reads it to know whose runs may be
asked.
"""

import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.drawings.drawing import OWNER

COOKIE = "digitlab_visitor"
SECONDS_KEPT = 2 * 365 * 24 * 3600
API_PATH = "/api/"
NOT_MODIFIED = 304


def name_visitor() -> str:
    """A new name that nobody can guess."""
    return secrets.token_urlsafe(24)


def read_visitor(cookies: Mapping[str, str]) -> str | None:
    """The name that a browser sent, None where it sent none or one that is no owner's."""
    name = cookies.get(COOKIE, "")
    return name if OWNER.fullmatch(name) else None


class VisitorCookie:
    """Gives the cookie along with every page, anew or for another two years."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http" or scope["path"].startswith(API_PATH):
            await self._app(scope, receive, send)
            return

        async def add_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _brings_page(scope, message):
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", _write_cookie(scope))
                # A cache between two visitors would hand one's cookie to the other.
                headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, add_cookie)


def _brings_page(scope: Scope, message: Message) -> bool:
    """Whether the answer is a page, or says that the browser has it already."""
    if message["status"] == NOT_MODIFIED:
        return "text/html" in HTTPConnection(scope).headers.get("Accept", "")
    kind = MutableHeaders(scope=message).get("Content-Type", "")
    return message["status"] < NOT_MODIFIED and kind.startswith("text/html")


def _write_cookie(scope: Scope) -> str:
    name = read_visitor(HTTPConnection(scope).cookies) or name_visitor()
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{COOKIE}={name}; Max-Age={SECONDS_KEPT}; Path=/; HttpOnly; SameSite=Lax{secure}"
