"""What models cost, beside their accuracy."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.analysis.cost import COST_KINDS, MULTIPLICATIONS, PREDICTIONS, TIME, CostKind
from core.figures.cost import CostRow, describe_costs, describe_front, draw_costs
from core.models.card import Estimate, ModelCard
from pages.widgets.cache import get_colours, get_cost
from pages.widgets.charts import ZOOM
from pages.widgets.data import CARD_DATASET_TITLES
from pages.widgets.known_errors import show_known_errors
from pages.widgets.wording import escape_markdown

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

KINDS = {kind.title: kind for kind in COST_KINDS}
MILLISECONDS = st.column_config.NumberColumn(format="%.3f")
LOCALIZED = st.column_config.NumberColumn(format="localized")
# What the chart of one cost needs besides.
NOTES = {
    TIME.title: " Horizontal lines: from the median to the 95th percentile.",
    MULTIPLICATIONS.title: " Multiplications stand for the energy of a prediction, which is not "
    "measured: it also depends on how often memory is read "
    "([Horowitz, 2014](https://doi.org/10.1109/ISSCC.2014.6757323)).",
}


@st.fragment
@show_known_errors()
def show_costs(
    cards: Sequence[ModelCard], accuracies: Mapping[str, Estimate | None], dataset_id: str
) -> None:
    """Show the accuracy of models against a cost that the visitor chooses, and all their costs.

    Args:
        cards: of the models.
        accuracies: on the data set, by model; None where it was not measured.
        dataset_id: of the data set.
    """
    st.subheader("Accuracy and cost")
    colours = get_colours([card.id for card in cards])
    rows = [
        CostRow(card.title, colours[card.id], accuracies[card.id], get_cost(card)) for card in cards
    ]
    chart, table = st.columns(2, gap="large")
    with chart:
        _show_chart(rows, CARD_DATASET_TITLES[dataset_id])
    _show_table(rows, table)


def _show_chart(rows: Sequence[CostRow], dataset: str) -> None:
    kind = _pick_kind()
    st.markdown(escape_markdown(describe_front(rows, kind)))
    st.plotly_chart(
        draw_costs(rows, kind, dataset),
        key="cost_chart",
        config=ZOOM,
        alt=f"Accuracy of each model against its cost. {describe_costs(rows, kind)}",
    )
    st.caption(
        "*Filled*: on the Pareto front, the dotted line. *Empty*: another model is at least as "
        "good in both, and better in one. Vertical lines: 95% interval." + NOTES.get(kind.title, "")
    )
    unmeasured = [escape_markdown(row.title) for row in rows if not row.accuracy]
    if unmeasured:
        st.caption(f"Not measured on {dataset}: {', '.join(unmeasured)}.")


def _pick_kind() -> CostKind:
    picked = st.segmented_control(
        "Cost",
        list(KINDS),
        default=TIME.title,
        required=True,
        key="cost",
        bind="query-params",
    )
    return KINDS[picked]


def _show_table(rows: Sequence[CostRow], place: "DeltaGenerator") -> None:
    place.dataframe(
        [_list_cells(row) for row in rows],
        hide_index=True,
        height="content",
        column_config={
            "p50 (ms)": MILLISECONDS,
            "p95 (ms)": MILLISECONDS,
            "File (kB)": LOCALIZED,
            "Multiplications": LOCALIZED,
        },
        key="costs",
        alt="Median and 95th percentile of the latency, file size and multiplications of each "
        "model",
    )
    place.caption(
        f"Measured on this server with {PREDICTIONS} predictions, one digit at a time, when the "
        "model was first shown here. *p50*: half of them took at most this long; *p95*: 95% did. "
        "*File*: the LiteRT file. *Multiplications*: of one prediction, counted in this file."
    )


def _list_cells(row: CostRow) -> dict[str, object]:
    return {
        "Model": row.title,
        "p50 (ms)": 1000 * row.cost.median,
        "p95 (ms)": 1000 * row.cost.percentile_95,
        "File (kB)": round(row.cost.file_size / 1000),
        "Multiplications": row.cost.multiplications,
    }
