"""Models that the address names by their titles: old titles are mended, unknown ones are told.

Widgets fall back to their defaults where the address names no option. That another model is shown
than the one that a link names must not go unnoticed.
"""

from collections.abc import Mapping

import streamlit as st

from core.models.card import ModelCard
from core.runs.finished import find_by_old_title
from core.runs.run import MAX_NAME_LENGTH
from pages.widgets.cache import get_cards
from pages.widgets.pickers import ALL_BUILT_IN, NO_FILTER, NO_OTHER, NO_TEACHER
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
    "teacher",
)
OTHER_OPTIONS = {ALL_BUILT_IN, NO_FILTER, NO_OTHER, NO_TEACHER}


def check_named_models() -> None:
    """Mend what the titles of runs were before, and name the models that do not exist."""
    cards = get_cards()
    known = OTHER_OPTIONS | {card.title for card in cards.values()}
    unknown: dict[str, None] = {}
    for parameter in PARAMETERS:
        named = st.query_params.get_all(parameter)
        missing = [title for title in named if title and title not in known]
        if any(_mend(title, cards) != title for title in missing):
            st.query_params[parameter] = [_mend(title, cards) for title in named]
            st.rerun()  # a widget takes its value from the address as it was when the run began
        unknown |= dict.fromkeys(missing)
    for title in unknown:
        st.info(
            f"There is no model “{escape_markdown(title[:MAX_NAME_LENGTH])}” here. It may have "
            "been renamed or deleted, or belong to somebody else.",
            icon=":material/search_off:",
        )


def _mend(title: str, cards: Mapping[str, ModelCard]) -> str:
    """The title that a model has now, or the same where there is none."""
    found = find_by_old_title(title, cards)
    return found.title if found else title
