"""A table of runs, and the choice of one of them."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.models.card import ModelCard
from core.runs.comparison import name_architecture
from core.runs.run import Run
from pages.widgets.cache import get_built_in_cards
from pages.widgets.test_sets import explain_test_sets, name_test_set
from pages.widgets.wording import format_duration, format_interval

PICKED = "run"


def show_table(runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> None:
    """Show one row for each run, in the given order, and say where test sets differ."""
    st.dataframe(
        [_list_cells(run, cards[run_id]) for run_id, run in runs.items()],
        hide_index=True,
        height="content",
        column_config={
            "Name": st.column_config.TextColumn(pinned=True),
            "Created": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
        key="runs",
        alt="Architecture, accuracy, epochs and training time of each of your runs",
    )
    explain_test_sets(cards[run_id] for run_id in runs)


def pick_run(runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> str:
    """Let the visitor choose a run; returns its id."""
    return st.selectbox(
        "Run",
        list(runs),
        format_func=lambda run_id: cards[run_id].title,
        key=PICKED,
        bind="query-params",
        width=360,
    )


def _list_cells(run: Run, card: ModelCard) -> dict[str, Any]:
    accuracy = card.metrics["test_accuracy"]
    return {
        "Name": card.title,
        "Architecture": name_architecture(card, run, get_built_in_cards()),
        "Accuracy": f"{accuracy.value:.2%}",
        "Test set": name_test_set(card),
        "95% interval": format_interval(accuracy),
        "Epochs": f"{card.best_epoch} steps"
        if card.is_taught
        else str(card.recipe.get("epochs", "–")),
        "Training time": format_duration(card.duration_seconds),
        "Created": run.created_at,
    }
