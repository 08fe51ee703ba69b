"""What accuracies were measured on, in words: figures of different digits cannot be compared."""

from collections.abc import Iterable

import streamlit as st

from core.models.card import ModelCard
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
    """Say which models were trained on a part of the data set that a page evaluates them on."""
    trained = [escape_markdown(card.title) for card in cards if dataset_id in card.trained_on]
    if trained:
        verb = "was" if len(trained) == 1 else "were"
        st.warning(
            f"{', '.join(trained)} {verb} trained on some of these digits, so the figures here are "
            "better than on new digits.",
            icon=":material/school:",
        )
