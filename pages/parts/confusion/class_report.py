"""The class report: precision, recall, F1 and support of each digit, as a table."""

import streamlit as st

from core.analysis.class_report import ClassReport, report_classes
from core.analysis.confusion import ConfusionMatrix

NUMBER = st.column_config.NumberColumn(format="%.3f")


def show_class_report(confusion: ConfusionMatrix, *, key: str) -> None:
    """Offer precision, recall, F1 and support of each digit; computed when they are opened."""
    with st.expander(
        "Precision, recall and F1 of each digit", key=key, bind="query-params"
    ) as table:
        if table.open:
            st.dataframe(
                [_list_cells(report) for report in report_classes(confusion)],
                hide_index=True,
                placeholder="–",
                column_config={
                    **dict.fromkeys(("Precision", "Recall", "F1"), NUMBER),
                    "Support": st.column_config.NumberColumn(format="localized"),
                },
                alt="Precision, recall, F1 and support of each digit",
            )


def _list_cells(report: ClassReport) -> dict[str, float | None]:
    return {
        "Digit": report.digit,
        "Precision": report.precision,
        "Recall": report.recall,
        "F1": report.f1,
        "Support": report.support,
    }
