"""Wording: errors as sentences, digits with their article, values, intervals and durations."""

import re
from collections.abc import Mapping
from typing import Any

from core.atomic_files import explain_full_disk
from core.models.card import Estimate, ModelCard
from core.runs.plan import title_setting

# What Markdown and Streamlit's additions to it give a meaning in a line, and at the start of one.
SPECIAL = re.compile(r"[\\`*\[\]<>~$|&]|(?<!\w)_|_(?!\w)")
BLOCK_START = re.compile(r"^[#+=-]|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)")
# After these, an invisible character keeps addresses, icons, colours and arrows from being seen.
JOINED = re.compile(r":(?=\S)|@(?=\S)|\bwww(?=\.)|-(?=[-\\])|\\[<>~](?=[=-])", re.IGNORECASE)


def to_sentence(error: Exception) -> str:
    """The message of an error, from a capital letter to a full stop."""
    message = explain_full_disk(error) or _explain_file(error) or str(error)
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _explain_file(error: Exception) -> str:
    """What the system said about a file, without its path; empty for other errors."""
    if isinstance(error, OSError) and error.errno:
        return f"The server cannot read or write a file: {error.strerror}. Its log has the details."
    return ""


def escape_markdown(name: str) -> str:
    """A name that a person chose, for texts that Streamlit renders as Markdown: it shows as it is.

    Labels of pills, buttons and metrics and the cells of ``st.table`` are such texts; the options
    of a select box, the cells of ``st.dataframe`` and descriptions of charts are not. Ordinary
    names are returned unchanged.
    """
    escaped = SPECIAL.sub(r"\\\g<0>", " ".join(name.split()))
    return BLOCK_START.sub(r"\\\g<0>", JOINED.sub("\\g<0>\N{WORD JOINER}", escaped))


def with_article(digit: int) -> str:
    """``a 7``, ``an 8``."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def name_all(models: int, kind: str = "") -> str:
    """``both models``, ``all 3 models``, ``all 10 built-in models``: for two models or more."""
    number = "both" if models == 2 else f"all {models}"
    return f"{number} {kind} models" if kind else f"{number} models"


def format_duration(seconds: float) -> str:
    """A duration in seconds below one minute, in minutes, or in hours from two hours on."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def title_best_epoch(card: ModelCard) -> str:
    """What the epoch is called whose weights a model has."""
    return "Steps" if card.is_taught else "Best epoch"


def format_interval(estimate: Estimate, *, decimals: int = 2) -> str:
    """The 95% interval of a share, in per cent: ``98.62% to 99.05%``."""
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
