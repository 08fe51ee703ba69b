"""Speed and size of models, beside their accuracy."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.speed import PREDICTIONS
from core.figures.speed import SpeedRow, describe_speeds, draw_speeds
from core.models.card import ModelCard
from pages.widgets.cache import get_colours, get_speed
from pages.widgets.charts import ZOOM
from pages.widgets.data import MNIST_TEST
from pages.widgets.known_errors import show_known_errors
from pages.widgets.wording import escape_markdown

MILLISECONDS = st.column_config.NumberColumn(format="%.3f")


@show_known_errors()
def show_speeds(cards: Sequence[ModelCard]) -> None:
    """Show latency and file size of each model in a table, and accuracy against latency."""
    st.subheader("Speed and size")
    colours = get_colours([card.id for card in cards])
    rows = [
        SpeedRow(card.title, colours[card.id], card.find_accuracy(MNIST_TEST), get_speed(card))
        for card in cards
    ]
    chart, table = st.columns(2, gap="large")
    chart.plotly_chart(
        draw_speeds(rows),
        key="speed_chart",
        config=ZOOM,
        alt="Accuracy of each model against its median latency. " + describe_speeds(rows),
    )
    unmeasured = [escape_markdown(row.title) for row in rows if not row.accuracy]
    if unmeasured:
        chart.caption(f"Not measured on the MNIST test set: {', '.join(unmeasured)}.")
    table.dataframe(
        [_list_cells(row) for row in rows],
        hide_index=True,
        height="content",
        column_config={
            "p50 (ms)": MILLISECONDS,
            "p95 (ms)": MILLISECONDS,
            "File (kB)": st.column_config.NumberColumn(format="localized"),
        },
        key="speeds",
        alt="Median and 95th percentile of the latency and file size of each model",
    )
    table.caption(
        f"Measured on this server with {PREDICTIONS} predictions, one digit at a time, when the "
        "model was first shown here. *p50*: half of them took at most this long; *p95*: 95 % did. "
        "*File*: the LiteRT file."
    )


def _list_cells(row: SpeedRow) -> dict[str, object]:
    return {
        "Model": row.title,
        "p50 (ms)": 1000 * row.speed.median,
        "p95 (ms)": 1000 * row.speed.percentile_95,
        "File (kB)": round(row.speed.file_size / 1000),
    }
