"""Late events: what a widget sends after its page was left is dropped.

The browser sends a value in a timer, after a component has loaded, or while it still shows the page
that a visitor is leaving. Streamlit then runs the fragment of the page that was left, finds none,
and tells the browser of a run of that page. The browser takes it for a change of pages, and empties
the page that it shows; nothing would fill it again.

This module does not know Streamlit: it is given the classes of the messages, and knows some fields.
"""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class LateEvents:
    """Drops the requests of fragments of other pages than the one last requested or shown."""

    def __init__(self, app: ASGIApp, *, from_browser: Any, to_browser: Any) -> None:
        """Pass messages on, of the Protobuf classes ``from_browser`` and ``to_browser``."""
        self._app = app
        self._from_browser, self._to_browser = from_browser, to_browser

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        page = ""  # not known yet

        async def receive_in_time() -> Message:
            nonlocal page
            while True:
                message = await receive()
                request = _read(message, self._from_browser, "rerun_script")
                if request is None:
                    return message
                if not request.fragment_id:
                    page = request.page_script_hash
                if request.page_script_hash == page or not page:
                    return message

        async def watch(message: Message) -> None:
            nonlocal page
            if shown := _read(message, self._to_browser, "navigation"):
                page = shown.page_script_hash
            await send(message)

        await self._app(scope, receive_in_time, watch)


def _read(message: Message, kind: Any, field: str) -> Any:
    """The field of a message of a websocket; None where the message has another one, or none."""
    data = message.get("bytes")
    if not data:
        return None
    try:
        parsed = kind.FromString(data)
    except Exception:  # whatever Protobuf raises; Streamlit reports it
        return None
    return getattr(parsed, field) if parsed.HasField(field) else None
