"""Models in pairs: whether one is better."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.agreement import PairedComparison, explain_tests, format_p_value

LOCALIZED = st.column_config.NumberColumn(format="localized")


def show_comparisons(comparisons: Sequence[PairedComparison]) -> None:
    """Show a table with one row for each pair of models."""
    st.subheader("Is one model better?")
    st.container(key="paired_tests").dataframe(
        [_list_cells(comparison) for comparison in comparisons],
        hide_index=True,
        column_config={
            "Only A correct": LOCALIZED,
            "Only B correct": LOCALIZED,
            "Accuracy A − B": st.column_config.NumberColumn(
                format="%+.2f%%", help="Accuracy of model A minus accuracy of model B"
            ),
        },
        placeholder="–",
        key="comparisons",
        alt="Each pair of models: digits that only one classifies correctly, difference, p-value",
    )
    st.caption(
        "*Only A correct* counts the digits that A classifies correctly and B does not. "
        + explain_tests(len(comparisons))
    )


def _list_cells(comparison: PairedComparison) -> dict[str, object]:
    difference = comparison.difference
    return {
        "A": comparison.first,
        "B": comparison.second,
        "Only A correct": comparison.only_first,
        "Only B correct": comparison.only_second,
        "Accuracy A − B": 100 * difference.value,
        "95% interval": f"{difference.low:+.2%} to {difference.high:+.2%}",
        "p-value": format_p_value(comparison.p_value),
        "Better": comparison.better,
    }
