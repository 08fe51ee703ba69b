"""Collect: each digit written a few times by dictation, and how the models read one's hand."""

import streamlit as st

from core.drawings.drawing import StorageUnavailableError
from pages.parts.collect import prompts
from pages.widgets.cache import get_cards, get_reports
from pages.widgets.data import DATASET_TITLES, MY_DRAWINGS, get_store
from pages.widgets.pickers import choose_defaults
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import to_sentence


def show_outcome() -> None:
    """How the default models read all that the visitor has kept, and the way to the details."""
    reports = get_reports([cards[one] for one in choose_defaults(cards)], MY_DRAWINGS)
    total = reports[0].confusion.total
    st.markdown(f"That is all. This is how your **{total:,} kept drawings** are read:")
    with st.container(horizontal=True):
        for report in reports:
            share = report.accuracy
            interval = f"95 % interval: {share.low:.1%} to {share.high:.1%}"
            st.metric(report.title, f"{share.value:.1%}", help=interval, width="content")
    mine = DATASET_TITLES[MY_DRAWINGS]
    with st.container(horizontal=True):
        st.page_link("confusion.py", query_params={"data": mine})
        st.page_link("errors.py", query_params={"dataset": mine, "pair": "all"})
        st.page_link("drawings.py")
    prompts.show_undo()


@st.fragment
def show_desk() -> None:
    """The digit, the pad and the counts; a stroke reruns only this."""
    desk, below = st.container(), st.container()
    with below:
        each = prompts.pick_how_many()
    try:
        kept = get_store().count_by_label(get_owner())
    except StorageUnavailableError as error:
        st.error(to_sentence(error), icon=":material/database_off:")
        return
    order = prompts.choose_order(kept, each)
    with below:
        prompts.show_progress(kept, each)
    with desk:
        if not order:
            show_outcome()
            return
        left, right = st.columns([1, 2])
        with left:
            prompts.show_digit(order[0])
        with right:
            prompts.show_pad(order[0])


cards = get_cards()
st.title("Collect your handwriting")
st.markdown("Write the digit that is asked for; at the end you see how the models read your hand.")
show_desk()
warn_without_cookie()
