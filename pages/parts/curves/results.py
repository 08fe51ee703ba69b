"""Results of the chosen models on their test sets, beside the published figures."""

from collections.abc import Sequence

import streamlit as st

from core.models.card import ModelCard
from pages.widgets.test_sets import explain_test_sets, name_test_set
from pages.widgets.wording import format_duration, format_interval


def show_results(cards: Sequence[ModelCard]) -> None:
    """Show a table with one row for each model."""
    st.dataframe(
        [_list_cells(card) for card in cards],
        hide_index=True,
        height="content",
        column_config={
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Published": st.column_config.TextColumn(
                help="Reported by a student project, which the card on the Models page names"
            ),
        },
        alt="Test accuracy of each model with its interval and the published figure",
    )
    explain_test_sets(cards)


def _list_cells(card: ModelCard) -> dict[str, object]:
    accuracy, top_3 = card.metrics["test_accuracy"], card.metrics["test_top_3_accuracy"]
    published = card.published.test_accuracy
    return {
        "Model": card.title,
        "Parameters": card.parameter_count,
        "Test set": name_test_set(card),
        "Accuracy": f"{accuracy.value:.2%}",
        "95% interval": format_interval(accuracy),
        "Published": "–" if published is None else f"{published:.2%}",
        "Top-3 accuracy": f"{top_3.value:.2%}",
        "Best epoch": card.best_epoch,
        "Training time": format_duration(card.duration_seconds),
    }
