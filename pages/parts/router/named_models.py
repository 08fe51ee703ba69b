"""Models that the address names by their titles: old titles are mended, unknown ones are told.

Widgets fall back to their defaults where the address names no option. That another model is shown
than the one that a link names must not go unnoticed.
"""

from collections.abc import Container, Iterable, Mapping

import streamlit as st

from core.models.card import ModelCard
from core.runs.finished import find_by_old_title
from core.runs.run import MAX_NAME_LENGTH
from pages.widgets.cache import get_cards
from pages.widgets.pickers import (
    ALL_BUILT_IN,
    AND,
    NO_FILTER,
    NO_OTHER,
    NO_TEACHER,
    OWN_LAYERS,
)
from pages.widgets.wording import escape_markdown

# Parameters whose values are titles of models, on all pages.
PARAMETERS = (
    "model",
    "models",
    "other",
    "pool",
    "run",
    "with",
    "misread",
    "learns",
    "network",
    "member",
    "base",
    "teacher",
    "trained",
)
PAIRS = ("two",)  # those whose values are two titles with ``AND`` between them
IDS = ("explained",)  # and those with ids
OTHER_OPTIONS = {ALL_BUILT_IN, NO_FILTER, NO_OTHER, NO_TEACHER, OWN_LAYERS}
# What earlier versions of the Train page wrote after the title of a run.
FORMER_SUFFIX = " (yours)"


def check_named_models() -> None:
    """Mend what the titles of runs were before, and name the models that do not exist."""
    cards = get_cards()
    options = OTHER_OPTIONS | {card.title for card in cards.values()}
    unknown: dict[str, None] = {}
    for parameter in PARAMETERS + PAIRS + IDS:
        known = {*cards} if parameter in IDS else options
        values = st.query_params.get_all(parameter)
        named = [_split(value, known) if parameter in PAIRS else [value] for value in values]
        missing = [title for titles in named for title in titles if title not in known | {""}]
        if any(_mend(title, cards) != title for title in missing):
            st.query_params[parameter] = [
                AND.join(title if title in known else _mend(title, cards) for title in titles)
                for titles in named
            ]
            st.rerun()  # a widget takes its value from the address as it was when the run began
        unknown |= dict.fromkeys(missing)
    _tell(unknown)


def _tell(unknown: Iterable[str]) -> None:
    for title in unknown:
        st.info(
            f"There is no model “{escape_markdown(title[:MAX_NAME_LENGTH])}” here. It may have "
            "been renamed or deleted, or belong to somebody else.",
            icon=":material/search_off:",
        )


def _split(pair: str, known: Container[str]) -> list[str]:
    """The two titles of a pair, or all of it where it is none.

    A title may have an "and" itself: as many of the titles as possible are known.
    """
    words = pair.split(AND, MAX_NAME_LENGTH)
    ways = [[AND.join(words[:count]), AND.join(words[count:])] for count in range(1, len(words))]
    return max(ways, key=lambda titles: sum(map(known.__contains__, titles)), default=[pair])


def _mend(title: str, cards: Mapping[str, ModelCard]) -> str:
    """The title that a model has now, or the same where there is none."""
    title = title.removesuffix(FORMER_SUFFIX)
    found = find_by_old_title(title, cards)
    return found.title if found else title
