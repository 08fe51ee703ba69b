"""Wording: errors as sentences, digits with their article, values, intervals and durations."""

from collections.abc import Mapping
from typing import Any

from core.atomic_files import explain_full_disk
from core.models.card import Estimate, ModelCard
from core.runs.plan import title_setting


def to_sentence(error: Exception) -> str:
    """The message of an error, from a capital letter to a full stop."""
    message = explain_full_disk(error) or _explain_file(error) or str(error)
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _explain_file(error: Exception) -> str:
    """What the system said about a file, without its path; empty for other errors."""
    if isinstance(error, OSError) and error.errno:
        return f"The server cannot read or write a file: {error.strerror}. Its log has the details."
    return ""


def with_article(digit: int) -> str:
    """``a 7``, ``an 8``."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def format_duration(seconds: float) -> str:
    """A duration in seconds below one minute, in minutes, or in hours from two hours on."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def format_interval(estimate: Estimate, *, decimals: int = 2) -> str:
    """The 95 % interval of a share, in per cent: ``98.62% to 99.05%``."""
    return f"{estimate.low:.{decimals}%} to {estimate.high:.{decimals}%}"


def format_value(value: Any, cards: Mapping[str, ModelCard]) -> str:
    """A value in words: nested settings on one line, models by their titles."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{title_setting(name).lower()} {format_value(nested, cards)}"
            for name, nested in value.items()
            if nested
        )
    if isinstance(value, list | tuple):
        separator = "; " if any(isinstance(item, Mapping) for item in value) else ", "
        return separator.join(format_value(item, cards) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return cards[value].title if value in cards else str(value)
