"""What accuracies were measured on, in words: figures of different digits cannot be compared."""

from collections.abc import Iterable

import streamlit as st

from core.models.card import ModelCard
from core.runs.learned_drawings import explain_learned, has_learned_from
from core.runs.training_data import TEST_TITLES
from pages.widgets.wording import escape_markdown


def name_test_set(card: ModelCard) -> str:
    """The title of the data set of a model's test accuracy."""
    return TEST_TITLES.get(card.test_set, card.test_set)


def explain_test_sets(cards: Iterable[ModelCard]) -> None:
    """Say so where the test accuracies of models were measured on different digits.

    Those of drawings are different wherever the drawings are.
    """
    found = {(card.test_set, tuple(sorted(card.dataset_sha256.items()))) for card in cards}
    if len(found) > 1:
        st.caption(
            "These test accuracies were measured on different digits, so they cannot be compared."
        )


def warn_of_training_digits(cards: Iterable[ModelCard], dataset_id: str) -> None:
    """Say which models have learned from a part of the data set that a page evaluates them on."""
    titles = [escape_markdown(card.title) for card in cards if has_learned_from(card, dataset_id)]
    if titles:
        st.warning(explain_learned(titles, dataset_id), icon=":material/school:")
