"""Counts in words, such as ``1 epoch`` and ``2 epochs``."""


def describe_count(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    Args:
        count: at least 0.
        noun: of one thing.
        plural: of several things, if it is not the noun with an s.
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
