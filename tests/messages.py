"""What every message to a person has in common."""

import re


def assert_plain(message: str) -> None:
    """Whole sentences, and none of the log's "expected X, got Y"."""
    assert re.fullmatch(r"[A-Z][^\n]*\.", message), message
    assert not re.search(r"\b(expected|got)\b", message, re.IGNORECASE), message
