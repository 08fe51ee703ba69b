"""Confusion matrices of the chosen models; a cell links to its images."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.analysis.evaluation import AccuracyReport
from core.figures.confusion import describe_confusion, draw_confusion, find_highest_error_share
from core.models.card import ModelCard
from pages.parts.confusion.class_report import show_class_report
from pages.widgets.cache import get_cards, get_reports
from pages.widgets.data import NoDrawingsError
from pages.widgets.empty_states import invite_to_draw
from pages.widgets.pairs import offer_cells, open_explorer
from pages.widgets.pickers import pick_dataset, pick_models
from pages.widgets.wording import escape_markdown, format_interval

# More matrices side by side would have cells too small to read.
MAX_COLUMNS = 3
UNITS = {"counts": "Counts", "shares": "% of true class"}


@dataclass(frozen=True)
class View:
    """What the visitor chose.

    Attributes:
        as_shares: show per cent of the true class in place of counts.
        hide_diagonal: show the errors only.
    """

    dataset_id: str
    model_ids: list[str]
    as_shares: bool
    hide_diagonal: bool


def main() -> None:
    """Show a confusion matrix for each chosen model."""
    cards = get_cards()
    st.title("Confusion matrices")
    st.markdown("See which digits each model confuses. Click a cell to see its images.")
    view = pick_view(cards)
    if not view.model_ids:
        st.info("Choose at least one model.", icon=":material/touch_app:")
        return
    try:
        show_reports(get_reports([cards[name] for name in view.model_ids], view.dataset_id), view)
    except NoDrawingsError:
        invite_to_draw()


def pick_view(cards: Mapping[str, ModelCard]) -> View:
    """Let the visitor choose a data set, models and what the cells show."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset_id = pick_dataset(key="data")
        model_ids = pick_models(cards)
        unit = st.segmented_control(
            "Cells",
            list(UNITS),
            default="counts",
            required=True,
            format_func=UNITS.__getitem__,
            key="cells",
            bind="query-params",
        )
        hide_diagonal = st.toggle("Hide diagonal", key="errors_only", bind="query-params")
    return View(dataset_id, model_ids, unit == "shares", hide_diagonal)


def show_reports(reports: list[AccuracyReport], view: View) -> None:
    """Show the models side by side."""
    matrices = [report.confusion for report in reports]
    highest_share = find_highest_error_share(matrices) if view.hide_diagonal else 1.0
    columns = st.columns(min(len(reports), MAX_COLUMNS))
    for place, report in enumerate(reports):
        with columns[place % MAX_COLUMNS]:
            show_report(report, view, highest_share)


def show_report(report: AccuracyReport, view: View, highest_share: float) -> None:
    """Show the accuracies and the matrix of one model, and links to the images.

    Args:
        report: of the model.
        view: what the visitor chose.
        highest_share: the end of the colour scale, which all matrices share.
    """
    st.subheader(escape_markdown(report.title))
    show_accuracies(report)
    event = st.plotly_chart(
        draw_confusion(
            report.confusion,
            as_shares=view.as_shares,
            hide_diagonal=view.hide_diagonal,
            dark=st.context.theme.type == "dark",
            highest_share=highest_share,
        ),
        key=f"confusion_{report.model_id}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {report.title}: {describe_confusion(report.confusion)}",
    )
    for point in event.selection.points:
        true, predicted, _ = point["customdata"]
        open_explorer(view.dataset_id, report.title, true, predicted)
    offer_cells(view.dataset_id, report.title, report.confusion, key=f"cells_{report.model_id}")
    show_class_report(report.confusion, key=f"figures_{report.model_id}")


def show_accuracies(report: AccuracyReport) -> None:
    """Show the accuracy and the top-3 accuracy, with their intervals as help."""
    estimates = {"Accuracy": report.accuracy, "Top-3 accuracy": report.top_3_accuracy}
    with st.container(horizontal=True):
        for name, estimate in estimates.items():
            interval = f"95 % interval: {format_interval(estimate)}"
            st.metric(name, f"{estimate.value:.2%}", help=interval)


if __name__ == "__main__":
    main()
