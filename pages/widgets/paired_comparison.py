"""Models two by two: whether one is better, and where their confusion matrices differ."""

import itertools
from collections.abc import Sequence

import streamlit as st

from core.analysis.agreement import PairedComparison
from core.analysis.evaluation import Evaluation, report_from_evaluation
from core.figures.confusion import (
    describe_confusion,
    describe_confusion_difference,
    draw_confusion,
    draw_confusion_difference,
)

CERTAIN = 0.05


def show_comparisons(comparisons: Sequence[PairedComparison]) -> None:
    """A row a pair: the digits that only one of them reads, and how far chance explains them."""
    st.subheader("Is one really better?")
    st.dataframe(
        [
            {
                "A": one.first,
                "B": one.second,
                "Only A": one.only_first,
                "Only B": one.only_second,
                "A less B": 100 * one.difference.value,
                "95 % interval": f"{one.difference.low:+.2%} to {one.difference.high:+.2%}",
                "p": one.p_value,
                "Better": _name_better(one),
            }
            for one in comparisons
        ],
        hide_index=True,
        column_config={
            "A less B": st.column_config.NumberColumn(format="%+.2f%%", help="In accuracy"),
            "p": st.column_config.NumberColumn(format="%.4f"),
        },
        placeholder="–",
        key="comparisons",
        alt="Every two models compared: digits that only one reads right, difference, p-value",
    )
    st.caption(
        "*Only A* counts digits that A reads and B misreads. *p* is McNemar's exact test: how "
        "often chance alone would part two equally good models as far. The interval is by 10,000 "
        f"bootstrap samples. A model is called better where p is below {CERTAIN}."
    )


def show_matrices(evaluations: Sequence[Evaluation]) -> None:
    """Two models' confusion matrices, and their difference."""
    st.subheader("Where their errors differ")
    pairs = {
        f"{a.model_id}-{b.model_id}": (a, b) for a, b in itertools.combinations(evaluations, 2)
    }
    labels = {name: f"{a.title} and {b.title}" for name, (a, b) in pairs.items()}
    picked = next(iter(pairs))
    if len(pairs) > 1:
        picked = st.selectbox(
            "Two models", list(pairs), format_func=labels.__getitem__, key="two", width=360,
            bind="query-params",
        )  # fmt: skip
    reports = [report_from_evaluation(one) for one in pairs[picked]]
    dark = st.context.theme.type == "dark"
    columns = st.columns(3)
    for column, report in zip(columns, reports, strict=False):
        with column:
            st.markdown(f"**{report.title}**, errors only")
            st.plotly_chart(
                draw_confusion(report.confusion, as_shares=False, hide_diagonal=True, dark=dark),
                key=f"matrix_{report.model_id}",
                config={"displayModeBar": False},
                alt=f"Confusion matrix of {report.title}, errors only: "
                + describe_confusion(report.confusion),
            )
    first, second = reports
    with columns[2]:
        st.markdown(f"**{first.title} less {second.title}**")
        st.plotly_chart(
            draw_confusion_difference(first.confusion, second.confusion, dark=dark),
            key="difference",
            config={"displayModeBar": False},
            alt=f"Errors of {first.title} less those of {second.title}, the widest apart: "
            + describe_confusion_difference(first.confusion, second.confusion),
        )
    st.caption(f"Blue: {first.title} makes more of this error; orange: {second.title} does.")


def _name_better(one: PairedComparison) -> str | None:
    if one.p_value >= CERTAIN:
        return None
    return one.first if one.difference.value > 0 else one.second
