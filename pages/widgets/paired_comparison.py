"""Models in pairs: whether one is better, and where their confusion matrices differ."""

import itertools
from collections.abc import Sequence

import streamlit as st

from core.analysis.agreement import RESAMPLES, PairedComparison
from core.analysis.evaluation import AccuracyReport, Evaluation, report_from_evaluation
from core.figures.confusion import (
    describe_confusion,
    describe_confusion_difference,
    draw_confusion,
    draw_confusion_difference,
    find_highest_error_share,
)
from pages.widgets.wording import escape_markdown

SIGNIFICANCE_LEVEL = 0.05
LOCALIZED = st.column_config.NumberColumn(format="localized")
# Smaller p-values are shown as smaller than this.
MIN_P_VALUE = 0.0001


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
        "*Only A correct* counts the digits that A classifies correctly and B does not. The "
        "*p-value* (McNemar's exact test) is the chance of a gap at least this large between "
        f"equally good models. *Better* names a model if it is below {SIGNIFICANCE_LEVEL}. "
        f"The interval comes from {RESAMPLES:,} bootstrap samples."
    )


def show_matrices(evaluations: Sequence[Evaluation]) -> None:
    """Show the confusion matrices of two models, and their difference."""
    st.subheader("Where their errors differ")
    first, second = map(report_from_evaluation, _pick_two(evaluations))
    highest_share = find_highest_error_share([first.confusion, second.confusion])
    left, middle, right = st.columns(3)
    with left:
        _show_errors(first, highest_share)
    with middle:
        _show_errors(second, highest_share)
    with right:
        _show_difference(first, second)
    st.caption(
        f"In the last matrix, blue errors are more frequent for {escape_markdown(first.title)}, "
        f"orange errors for {escape_markdown(second.title)}."
    )


def format_p_value(p_value: float) -> str:
    """A p-value with four decimals, or as smaller than the smallest of these."""
    return f"{p_value:.4f}" if p_value >= MIN_P_VALUE else f"< {MIN_P_VALUE:.4f}"


def _list_cells(comparison: PairedComparison) -> dict[str, object]:
    difference = comparison.difference
    return {
        "A": comparison.first,
        "B": comparison.second,
        "Only A correct": comparison.only_first,
        "Only B correct": comparison.only_second,
        "Accuracy A − B": 100 * difference.value,
        "95 % interval": f"{difference.low:+.2%} to {difference.high:+.2%}",
        "p-value": format_p_value(comparison.p_value),
        "Better": _name_better(comparison),
    }


def _name_better(comparison: PairedComparison) -> str | None:
    if comparison.p_value >= SIGNIFICANCE_LEVEL:
        return None
    return comparison.first if comparison.difference.value > 0 else comparison.second


def _pick_two(evaluations: Sequence[Evaluation]) -> tuple[Evaluation, Evaluation]:
    """Let the visitor choose two models where there are more."""
    pairs = {
        f"{first.model_id}-{second.model_id}": (first, second)
        for first, second in itertools.combinations(evaluations, 2)
    }
    if len(pairs) == 1:
        return next(iter(pairs.values()))
    picked = st.selectbox(
        "Two models",
        list(pairs),
        format_func=lambda name: " and ".join(evaluation.title for evaluation in pairs[name]),
        key="two",
        width=360,
        bind="query-params",
    )
    return pairs[picked]


def _show_errors(report: AccuracyReport, highest_share: float) -> None:
    """Show the confusion matrix of a model without its diagonal, on a given colour scale."""
    st.markdown(f"**{escape_markdown(report.title)}**, errors only")
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        draw_confusion(
            report.confusion,
            as_shares=False,
            hide_diagonal=True,
            dark=dark,
            highest_share=highest_share,
        ),
        key=f"matrix_{report.model_id}",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {report.title}, errors only: "
        + describe_confusion(report.confusion),
    )


def _show_difference(first: AccuracyReport, second: AccuracyReport) -> None:
    st.markdown(f"**{escape_markdown(f'{first.title} minus {second.title}')}**")
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        draw_confusion_difference(first.confusion, second.confusion, dark=dark),
        key="difference",
        config={"displayModeBar": False},
        alt=f"Errors of {first.title} minus errors of {second.title}; the largest differences: "
        + describe_confusion_difference(first.confusion, second.confusion),
    )
