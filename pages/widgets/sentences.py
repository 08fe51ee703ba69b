"""Sentences: errors that say what was expected, and digits with their article."""


def say(error: Exception) -> str:
    """The message of an error, from a capital letter to a full stop."""
    message = str(error)
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def name_digit(digit: int) -> str:
    """A 7, an 8."""
    return f"{'an' if digit == 8 else 'a'} {digit}"
