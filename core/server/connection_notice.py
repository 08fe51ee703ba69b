"""The connection notice: a page that cannot open its websocket says so after ten seconds.

Without a websocket, nothing of a page is there except Streamlit's start page, which waits for ever.
So the notice is a script of the start page: ``connection_notice.js`` is sent after its end, where
browsers run it before the scripts of Streamlit, which are deferred.
"""

from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.server.visitors import API_PATH, is_page


class ConnectionNotice:
    """Adds the script to every page."""

    def __init__(self, app: ASGIApp) -> None:
        """Pass requests on to ``app``."""
        self._app = app
        script = Path(__file__).with_suffix(".js").read_text("utf-8")
        self._addition = f"<script>{script}</script>\n".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every request."""
        if scope["type"] != "http" or API_PATH in scope["path"]:
            await self._app(scope, receive, send)
            return
        is_longer = False

        async def lengthen_page(message: Message) -> None:
            nonlocal is_longer
            if message["type"] == "http.response.start":
                is_longer = _is_whole_page(scope, message)
                if is_longer:
                    self._change_headers(MutableHeaders(scope=message))
            elif is_longer and scope["method"] == "GET" and not message.get("more_body"):
                message = {**message, "body": message.get("body", b"") + self._addition}
            await send(message)

        await self._app(scope, receive, lengthen_page)

    def _change_headers(self, headers: MutableHeaders) -> None:
        del headers["ETag"]  # it is that of the page without the script
        if "Content-Length" in headers:
            length = int(headers["Content-Length"]) + len(self._addition)
            headers["Content-Length"] = str(length)


def _is_whole_page(scope: Scope, message: Message) -> bool:
    """Whether text can follow the response: it is a page, and neither a part nor compressed."""
    compressed = "Content-Encoding" in MutableHeaders(scope=message)
    return message["status"] == HTTPStatus.OK and is_page(scope, message) and not compressed
