"""All corruptions and models in one figure, and every severity in a table."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.analysis.robustness import RobustnessCounts
from core.figures.robustness import NOT_MEASURED, describe_overview, draw_overview
from core.models.card import Estimate, ModelCard
from core.synthesis.corruptions import CORRUPTIONS, SEVERITIES
from pages.parts.robustness.measurements import find_measured
from pages.widgets.data import DATASET_TITLES

MEAN = "Mean over corruptions"


def show_overview(dataset_id: str, cards: Sequence[ModelCard]) -> None:
    """Show the mean accuracy under each corruption, and every severity in a table."""
    measured = find_measured(dataset_id, cards)
    shown = [card for card in cards if card.id in measured]
    rows = [MEAN, *(corruption.title for corruption in CORRUPTIONS.values())]
    titles = [card.title for card in shown]
    means = _stack_means([measured[card.id] for card in shown])
    st.plotly_chart(
        draw_overview(rows, titles, means, dark=st.context.theme.type == "dark"),
        key="overview",
        config={"displayModeBar": False},
        alt=f"Mean accuracy over the severities 1 to 5 on {DATASET_TITLES[dataset_id]}. "
        + describe_overview(rows, titles, means),
    )
    st.caption(
        "Accuracy in per cent, mean over the severities 1 to 5."
        + (f" {NOT_MEASURED}: not measured yet, and not in the mean." * bool(np.isnan(means).any()))
    )
    with st.expander("Every severity, as a table", key="table", bind="query-params") as table:
        if table.open:
            st.dataframe(
                _list_figures(shown, measured),
                hide_index=True,
                placeholder="not measured yet",
                key="every_severity",
                alt="Accuracy of every model under every corruption at the severities 0 to 5",
            )


def _stack_means(measured: Sequence[RobustnessCounts]) -> np.ndarray:
    """Mean accuracies, ``(1 + corruptions, models)``: the first row is over all corruptions.

    NaN where a model was not measured yet.
    """
    means = [
        [counts.average_over_corruptions, *(counts.average(name) for name in CORRUPTIONS)]
        for counts in measured
    ]
    return np.array(means, dtype=float).reshape(len(measured), 1 + len(CORRUPTIONS)).T


def _list_figures(
    cards: Sequence[ModelCard], measured: Mapping[str, RobustnessCounts]
) -> list[dict[str, str | float | None]]:
    return [
        {"Corruption": corruption.title, "Model": card.title}
        | _format_severities(measured[card.id].estimate(corruption.id))
        for corruption in CORRUPTIONS.values()
        for card in cards
    ]


def _format_severities(estimates: Sequence[Estimate] | None) -> dict[str, float | None]:
    """Accuracies in per cent by severity; None where they were not measured yet."""
    if estimates is None:
        return dict.fromkeys(map(str, (0, *SEVERITIES)))
    return {
        str(severity): round(100 * estimate.value, 2) for severity, estimate in enumerate(estimates)
    }
