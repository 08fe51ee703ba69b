"""Confusion matrices of the chosen models; a cell links to its images."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.analysis.evaluation import AccuracyReport
from core.digits.datasets import MnistUnavailableError
from core.figures.confusion import describe_confusion, draw_confusion, find_highest_error_share
from core.models.card import ModelCard
from pages.parts.confusion.class_report import show_class_report
from pages.parts.confusion.pairs_table import show_pairs_table
from pages.widgets.cache import get_cards, get_reports
from pages.widgets.data import NoDrawingsError
from pages.widgets.empty_states import invite_to_draw, offer_download
from pages.widgets.pairs import offer_cells, open_explorer
from pages.widgets.pickers import WIDTH, open_choices, pick_dataset, pick_models
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import escape_markdown, format_interval, to_sentence

# More matrices side by side would have cells too small to read.
MAX_COLUMNS = 3
COUNTS, SHARES, PAIRS = "Counts", "% of true class", "Table of errors"


@dataclass(frozen=True)
class View:
    """What the visitor chose.

    Attributes:
        cells: what the matrices show, or that a table stands in place of each.
        hide_diagonal: show the errors only.
    """

    dataset_id: str
    model_ids: list[str]
    cells: str
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
    chosen = [cards[model_id] for model_id in view.model_ids]
    warn_of_training_digits(chosen, view.dataset_id)
    try:
        show_reports(get_reports(chosen, view.dataset_id), view)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def pick_view(cards: Mapping[str, ModelCard]) -> View:
    """Let the visitor choose a data set, models and what the cells show."""
    with open_choices():
        dataset_id = pick_dataset(key="data")
        model_ids = pick_models(cards)
        cells = st.selectbox(
            "Cells", [COUNTS, SHARES, PAIRS], key="cells", bind="query-params", width=WIDTH
        )
        hide_diagonal = st.toggle("Hide diagonal", key="errors_only", bind="query-params")
    return View(dataset_id, model_ids, cells, hide_diagonal)


def show_reports(reports: list[AccuracyReport], view: View) -> None:
    """Show the models side by side."""
    matrices = [report.confusion for report in reports]
    highest_share = find_highest_error_share(matrices) if view.hide_diagonal else 1.0
    columns = st.columns(min(len(reports), MAX_COLUMNS))
    for place, report in enumerate(reports):
        with columns[place % MAX_COLUMNS]:
            show_report(report, view, highest_share)


def show_report(report: AccuracyReport, view: View, highest_share: float) -> None:
    """Show the accuracies and the errors of one model, and links to the images.

    Args:
        report: of the model.
        view: what the visitor chose.
        highest_share: the end of the colour scale, which all matrices share.
    """
    show_accuracies(report)
    if view.cells == PAIRS:
        show_pairs_table(view.dataset_id, report)
    else:
        show_matrix(report, view, highest_share)
        offer_cells(view.dataset_id, report.title, report.confusion, key=f"cells_{report.model_id}")
    show_class_report(report.confusion, key=f"figures_{report.model_id}")


def show_accuracies(report: AccuracyReport) -> None:
    """Show the accuracy and the top-3 accuracy in a line, with their intervals as help."""
    best, top_3 = report.accuracy, report.top_3_accuracy
    st.markdown(
        f"**{escape_markdown(report.title)}** {best.value:.2%}, top-3 {top_3.value:.2%}",
        help=f"95% intervals: accuracy {format_interval(best)}, top-3 {format_interval(top_3)}",
    )


def show_matrix(report: AccuracyReport, view: View, highest_share: float) -> None:
    """Show the matrix of one model; a click on a cell opens its images."""
    event = st.plotly_chart(
        draw_confusion(
            report.confusion,
            as_shares=view.cells == SHARES,
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


if __name__ == "__main__":
    main()
