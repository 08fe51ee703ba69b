"""Addresses of no page: answered with 404 and a sentence.

Streamlit sends its start page for every path without a file, and the browser runs the page of that
name. Below a page there is none: the start page would look for its scripts there and stay white.
"""

from html import escape

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.server.visitors import API_PATH, is_page

BODY = """<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not found · Digit Lab</title>
<style>body {{ font-family: sans-serif; margin: 4rem auto; max-width: 36rem }}</style>
<h1>Not found</h1>
<p>There is no page at this address. <a href="{start}">Open Digit Lab</a></p>
</html>
"""


class NotFound:
    """Answers paths of several parts with 404 where Streamlit would send its start page."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        """Pass requests on to ``app``, whose pages are below ``base_path``."""
        self._app = app
        base = base_path.strip("/")
        self._start = f"/{base}/" if base else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http" or not self._is_below_a_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        refused = False

        async def replace_start_page(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and is_page(scope, message):
                refused = True
                body = BODY.format(start=escape(self._start))
                await HTMLResponse(body, status_code=404)(scope, receive, send)
            elif not refused:
                await send(message)

        await self._app(scope, receive, replace_start_page)

    def _is_below_a_page(self, path: str) -> bool:
        below = path.removeprefix(self._start)
        return "/" in below.strip("/") and API_PATH not in f"/{below}"
