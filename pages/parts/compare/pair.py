"""Two of the compared models: where their errors differ, digit by digit and slice by slice."""

from collections.abc import Sequence
from itertools import combinations

import streamlit as st

from core.analysis.evaluation import AccuracyReport, Evaluation, report_from_evaluation
from core.analysis.findings.model_differences import MAX_BESIDES
from core.digits.datasets import Dataset
from core.figures.confusion import (
    describe_confusion,
    describe_confusion_difference,
    draw_confusion,
    draw_confusion_difference,
    find_highest_error_share,
)
from core.models.card import ModelCard
from pages.widgets.cache import get_differences, get_evaluation
from pages.widgets.data import DATASET_TITLES
from pages.widgets.findings import show_differences
from pages.widgets.pickers import AND
from pages.widgets.wording import escape_markdown

Pair = tuple[ModelCard, ModelCard]


def pick_two(cards: Sequence[ModelCard]) -> Pair:
    """Let the visitor choose two models where there are more."""
    pairs = {f"{one.id}-{other.id}": (one, other) for one, other in combinations(cards, 2)}
    if len(pairs) == 1:
        return next(iter(pairs.values()))
    picked = st.selectbox(
        "Two models",
        list(pairs),
        format_func=lambda name: name_pair(pairs[name]),
        key="two",
        width=360,
        bind="query-params",
    )
    return pairs[picked]


def name_pair(pair: Pair) -> str:
    """A pair in the list and in the address."""
    first, second = pair
    return f"{first.title}{AND}{second.title}"


def show_matrices(evaluations: Sequence[Evaluation]) -> None:
    """Show the confusion matrices of two models, and their difference."""
    first, second = map(report_from_evaluation, evaluations)
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


def show_slices(pair: Pair, dataset: Dataset) -> None:
    """Show where each of two models beats the other, in the first slices."""
    first, second = pair
    for column, worse, better in zip(
        st.columns(2, gap="large"), (second, first), (first, second), strict=True
    ):
        with column:
            evaluation = get_evaluation(worse, dataset)
            show_differences(worse, better, dataset, evaluation, limit=MAX_BESIDES)
            _link_to_others(worse, better, dataset)


def link_to_pages(pair: Pair, dataset_id: str) -> None:
    """Link to all slices and the maps of two models, and to the curves of those with any."""
    first, second = pair
    both = {"model": first.title, "other": second.title}
    digits = DATASET_TITLES[dataset_id]
    trained = [card.title for card in pair if card.best_epoch]
    with st.container(horizontal=True):
        st.page_link(
            "weak_spots.py", icon=":material/target:", query_params={"dataset": digits, **both}
        )
        st.page_link(
            "map.py", icon=":material/scatter_plot:", query_params={"points": digits, **both}
        )
        if trained:
            st.page_link(
                "curves.py", icon=":material/show_chart:", query_params={"models": trained}
            )


def _link_to_others(worse: ModelCard, better: ModelCard, dataset: Dataset) -> None:
    """Say how many slices there are, and link to all of them, where some are not shown."""
    total = len(get_differences(worse, better, dataset))
    if total <= MAX_BESIDES:
        return
    st.caption(f"{MAX_BESIDES} of {total} slices are shown.")
    if dataset.id in DATASET_TITLES:
        titles = {"model": worse.title, "other": better.title}
        st.page_link(
            "weak_spots.py",
            label=f"All {total} slices",
            icon=":material/target:",
            query_params={"dataset": DATASET_TITLES[dataset.id], **titles},
        )


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
