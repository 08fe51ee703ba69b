"""What the page and the middleware of ``turns_app.py`` know of the turns that have ended."""

import re

MARKER = re.compile(rb"last-message-\w+")
ended: set[str] = set()
sent: set[str] = set()


def add_sent(message: bytes) -> None:
    sent.update(marker.decode() for marker in MARKER.findall(message))
