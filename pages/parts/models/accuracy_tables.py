"""All models side by side: published and own figures, and what each misreads of every data set."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.figures.accuracy import AccuracyRow, draw_misread_shares
from core.models.card import Estimate, ModelCard, Replication
from pages.widgets.cache import get_robustness
from pages.widgets.data import METRIC_TITLES, MNIST_TEST

PER_CENT = "%.2f%%"


def show_replications(
    cards: Sequence[ModelCard], replications: Mapping[str, Replication | None]
) -> None:
    """What others reported, what their recipe gave here, and the best we reached."""
    rows = []
    for card in cards:
        found = replications.get(card.id)
        reproduced = found.test_accuracy if found else None
        best = card.metrics["test_accuracy"]
        published = card.published.test_accuracy
        robustness = get_robustness(card)
        rows.append(
            {
                "Model": card.title,
                "Published": None if published is None else 100 * published,
                "Redone": None if reproduced is None else 100 * reproduced.value,
                "Ours": 100 * best.value,
                "Corrupted": 100 * robustness.counts[MNIST_TEST].average_over_corruptions
                if robustness
                else None,
                "Ours, 95 % interval": _say_interval(best),
                "Parameters": card.parameter_count,
                "Redone, 95 % interval": _say_interval(reproduced),
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        column_config={
            # On a phone, these four just fit.
            "Model": st.column_config.TextColumn(pinned=True, width=137),
            "Published": st.column_config.NumberColumn(format=PER_CENT, width=79),
            "Redone": st.column_config.NumberColumn(format=PER_CENT, width=70),
            "Ours": st.column_config.NumberColumn(format=PER_CENT, width=70),
            "Corrupted": st.column_config.NumberColumn(
                format=PER_CENT,
                width=80,
                help="Mean over all corruptions and severities of the Robustness page",
            ),
            "Parameters": st.column_config.NumberColumn(format="localized", width=95),
        },
        placeholder="–",
        key="replications",
        alt="Accuracy of every model on the MNIST test set: published, reproduced and ours",
    )


def show_hard_truths(cards: Sequence[ModelCard]) -> None:
    """Every model on every data set, the one that misreads least of the hardest on top."""
    rows = [
        AccuracyRow(
            card.title,
            {
                title: card.metrics[name]
                for name, title in METRIC_TITLES.items()
                if name in card.metrics
            },
        )
        for card in cards
    ]
    rows.sort(key=lambda row: max(1 - one.value for one in row.accuracies.values()))
    datasets = [
        title for title in METRIC_TITLES.values() if any(title in r.accuracies for r in rows)
    ]
    st.plotly_chart(
        draw_misread_shares(rows, datasets),
        key="hard_truths",
        config={"displayModeBar": False},
        alt="Share of each data set that each model misreads. "
        + " ".join(
            f"{row.title}: "
            + ", ".join(f"{1 - one.value:.1%} of {name}" for name, one in row.accuracies.items())
            + "."
            for row in rows
        ),
    )


def _say_interval(estimate: Estimate | None) -> str | None:
    return None if estimate is None else f"{estimate.low:.2%} to {estimate.high:.2%}"
