"""Events at the wrong time: too late ones are dropped, too early ones wait.

The browser sends a value in a timer, after a component has loaded, or while it still shows the page
that a visitor is leaving. Streamlit then runs the fragment of the page that was left, finds none,
and tells the browser of a run of that page. The browser takes it for a change of pages, and empties
the page that it shows; nothing would fill it again.

A new server, to which an open page reconnects, knows none of its fragments until the page has run
once. Before that, Streamlit ignores their events; or, if the script has asked for another run, it
runs the page without the fragment, and the browser forgets the values of its widgets. So these
events wait for the end of the first run.

This module does not know Streamlit: it is given the classes of the messages, and knows some fields.
"""

import asyncio
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The longest time in seconds that an event waits.
PATIENCE = 3.0


class LateEvents:
    """Drops the requests of fragments of other pages than the one last requested or shown.

    Those that come during the first run of a connection arrive after it.
    """

    def __init__(self, app: ASGIApp, *, from_browser: Any, to_browser: Any) -> None:
        """Pass messages on, of the Protobuf classes ``from_browser`` and ``to_browser``."""
        self._app = app
        self._from_browser, self._to_browser = from_browser, to_browser

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI calls this for every connection."""
        if scope["type"] == "websocket":
            connection = _Connection(receive, send, self._from_browser, self._to_browser)
            receive, send = connection.receive, connection.send
        await self._app(scope, receive, send)


class _Connection:
    """One websocket: which page it shows, and whether the server has run one."""

    def __init__(self, receive: Receive, send: Send, from_browser: Any, to_browser: Any) -> None:
        self._receive, self._send = receive, send
        self._from_browser, self._to_browser = from_browser, to_browser
        self._page = ""  # not known yet
        self._has_run = asyncio.Event()

    async def receive(self) -> Message:
        """The next message of the browser that is not too late."""
        while True:
            message = await self._receive()
            request = _read(message, self._from_browser, "rerun_script")
            if request is None:
                return message
            if not request.fragment_id:
                self._page = request.page_script_hash
            elif self._page:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._has_run.wait(), PATIENCE)
            if not self._page or request.page_script_hash == self._page:
                return message

    async def send(self, message: Message) -> None:
        """Send a message to the browser, and learn from it."""
        if shown := _read(message, self._to_browser, "navigation"):
            self._page = shown.page_script_hash
        await self._send(message)
        if not self._has_run.is_set() and self._has_finished(message):
            self._has_run.set()

    def _has_finished(self, message: Message) -> bool:
        """Whether the message says that a run has ended, and that none follows at once."""
        outcome = _read(message, self._to_browser, "script_finished")
        return outcome not in (None, self._to_browser.FINISHED_EARLY_FOR_RERUN)


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
