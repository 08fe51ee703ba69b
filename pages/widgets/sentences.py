"""Errors as sentences: what a page shows of an exception that says what was expected."""


def say(error: Exception) -> str:
    """The message of an error, from a capital letter to a full stop."""
    message = str(error)
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."
