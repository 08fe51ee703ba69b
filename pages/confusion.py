"""Confusion matrices: which digit each model takes for which; a cell leads to its images."""

import streamlit as st

from core.analysis.evaluation import AccuracyReport
from core.figures.confusion import describe_confusion, draw_confusion
from pages.parts.confusion.class_report import show_class_report
from pages.widgets.cache import get_cards, get_reports
from pages.widgets.data import NoDrawingsError
from pages.widgets.empty_states import invite_to_draw
from pages.widgets.pairs import offer_cells, open_explorer
from pages.widgets.pickers import pick_dataset, pick_models

# More matrices side by side would have cells too small to read.
MAX_COLUMNS = 3


def pick_view() -> tuple[str, list[str], bool, bool]:
    """The data set, the models, per cent instead of counts, and whether to hide the diagonal."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset_id = pick_dataset(key="data")
        chosen = pick_models(cards)
        unit = st.segmented_control(
            "Cells",
            ["counts", "shares"],
            default="counts",
            required=True,
            format_func={"counts": "Counts", "shares": "% of true class"}.__getitem__,
            key="cells",
            bind="query-params",
        )
        hide_diagonal = st.toggle("Hide diagonal", key="errors_only", bind="query-params")
    return dataset_id, chosen, unit == "shares", hide_diagonal


def show_report(report: AccuracyReport) -> None:
    """One model's matrix and figures."""
    st.subheader(report.title)
    shares = {"Accuracy": report.accuracy, "Top-3 accuracy": report.top_3_accuracy}
    with st.container(horizontal=True):
        for name, share in shares.items():
            interval = f"95 % interval: {share.low:.2%} to {share.high:.2%}"
            st.metric(name, f"{share.value:.2%}", help=interval)
    event = st.plotly_chart(
        draw_confusion(
            report.confusion,
            as_shares=as_shares,
            hide_diagonal=hide_diagonal,
            dark=st.context.theme.type == "dark",
        ),
        key=f"confusion_{report.model_id}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {report.title}: {describe_confusion(report.confusion)}",
    )
    for point in event.selection.points:
        true, predicted, _ = point["customdata"]
        open_explorer(dataset_id, report.title, true, predicted)
    offer_cells(dataset_id, report.title, report.confusion, key=f"cells_{report.model_id}")
    show_class_report(report.confusion, key=f"figures_{report.model_id}")


cards = get_cards()
st.title("Confusion matrices")
st.markdown("See which digits each model takes for which. A cell leads to its images.")
dataset_id, model_ids, as_shares, hide_diagonal = pick_view()
if not model_ids:
    st.info("Choose at least one model.", icon=":material/touch_app:")
else:
    columns = st.columns(min(len(model_ids), MAX_COLUMNS))
    try:
        for place, report in enumerate(get_reports([cards[one] for one in model_ids], dataset_id)):
            with columns[place % MAX_COLUMNS]:
                show_report(report)
    except NoDrawingsError:
        invite_to_draw()
