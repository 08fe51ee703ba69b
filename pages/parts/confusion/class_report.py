"""The class report: precision, recall, F1 and support of each digit, as a table."""

import streamlit as st

from core.analysis.class_report import report_classes
from core.analysis.confusion import ConfusionMatrix


def show_class_report(confusion: ConfusionMatrix, *, key: str) -> None:
    """Precision, recall, F1 and support of each digit, for who opens them."""
    with st.expander(
        "Precision, recall and F1 of each digit", key=key, bind="query-params"
    ) as table:
        if table.open:
            _show_table(confusion)


def _show_table(confusion: ConfusionMatrix) -> None:
    st.dataframe(
        [
            {
                "Digit": one.digit,
                "Precision": one.precision,
                "Recall": one.recall,
                "F1": one.f1,
                "Support": one.support,
            }
            for one in report_classes(confusion)
        ],
        hide_index=True,
        placeholder="–",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("Precision", "Recall", "F1")
        },
        alt="Precision, recall, F1 and support of each digit",
    )
