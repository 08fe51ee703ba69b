"""All corruptions at a glance, and what was measured of each model."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.analysis.robustness import COMMAND, RobustnessCounts
from core.figures.robustness import draw_overview
from core.models.card import ModelCard
from core.synthesis.corruptions import CORRUPTIONS
from pages.widgets.cache import get_robustness
from pages.widgets.data import DATASET_TITLES

MEAN = "Mean over corruptions"


def show_overview(dataset_id: str, cards: Sequence[ModelCard]) -> None:
    """All corruptions and models: the means in a figure, every severity in a table."""
    measured = find_measured(dataset_id, cards)
    shown = [card for card in cards if card.id in measured]
    rows = [MEAN, *(one.title for one in CORRUPTIONS.values())]
    means = np.array(
        [
            [
                measured[card.id].average_over_corruptions,
                *(measured[card.id].average(one) for one in CORRUPTIONS),
            ]
            for card in shown
        ]
    ).T.reshape(len(rows), len(shown))
    st.plotly_chart(
        draw_overview(
            rows, [card.title for card in shown], means, dark=st.context.theme.type == "dark"
        ),
        key="overview",
        config={"displayModeBar": False},
        alt=f"Mean accuracy over the severities 1 to 5 on {DATASET_TITLES[dataset_id]}. "
        + " ".join(
            f"{row}: "
            + ", ".join(f"{c.title} {v:.0%}" for c, v in zip(shown, one, strict=True))
            + "."
            for row, one in zip(rows, means, strict=True)
        ),
    )
    st.caption("Accuracy in per cent, mean over the severities 1 to 5.")
    with st.expander("Every severity, as a table", key="table", bind="query-params") as table:
        if table.open:
            st.dataframe(
                _list_figures(shown, measured),
                hide_index=True,
                key="every_severity",
                alt="Accuracy of every model under every corruption at the severities 0 to 5",
            )


def find_measured(dataset_id: str, cards: Sequence[ModelCard]) -> dict[str, RobustnessCounts]:
    """What is stored of the models on a data set, by model."""
    found = {card.id: get_robustness(card) for card in cards}
    return {one: kept.counts[dataset_id] for one, kept in found.items() if kept}


def show_unmeasured(cards: Sequence[ModelCard]) -> None:
    """Name the built-in models that nothing is stored of."""
    if cards:
        st.info(
            f"Not measured yet: {', '.join(card.title for card in cards)}. `{COMMAND}` does it.",
            icon=":material/info:",
        )


def _list_figures(
    cards: Sequence[ModelCard], measured: Mapping[str, RobustnessCounts]
) -> list[dict[str, str | float]]:
    return [
        {"Corruption": one.title, "Model": card.title}
        | {
            str(severity): round(100 * estimate.value, 2)
            for severity, estimate in enumerate(measured[card.id].estimate(one.id))
        }
        for one in CORRUPTIONS.values()
        for card in cards
    ]
