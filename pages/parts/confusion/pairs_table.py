"""The errors of a model as a table of pairs, to sort, search and download."""

import streamlit as st

from core.analysis.confusion import list_confused_pairs
from core.analysis.evaluation import AccuracyReport
from pages.widgets.pairs import open_explorer

HEIGHT = 430  # pixels, as a matrix has
SHARE = "% of true"


def show_pairs_table(dataset_id: str, report: AccuracyReport) -> None:
    """Show one row for each kind of error, most frequent first; a picked one opens its images."""
    pairs = list_confused_pairs(report.confusion)
    shares = report.confusion.row_shares
    event = st.dataframe(
        [
            {
                "True": pair.true,
                "Predicted": pair.predicted,
                "Errors": pair.count,
                SHARE: 100 * shares[pair.true, pair.predicted],
            }
            for pair in pairs
        ],
        hide_index=True,
        height=HEIGHT,
        column_config={SHARE: st.column_config.NumberColumn(format="%.2f%%")},
        on_select="rerun",
        selection_mode="single-row",
        key=f"pairs_{report.model_id}",
        alt=f"Errors of {report.title}: true digit, predicted digit and how many",
    )
    for row in event.selection.rows:
        open_explorer(dataset_id, report.title, pairs[row].true, pairs[row].predicted)
