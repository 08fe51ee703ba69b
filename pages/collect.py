"""Collect: each digit written a few times, and how accurately the models classify them."""

from collections.abc import Mapping

import streamlit as st

from core.models.card import ModelCard
from pages.parts.collect import prompts
from pages.widgets.cache import get_cards, get_reports
from pages.widgets.data import DATASET_TITLES, MY_DRAWINGS, get_store
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pad import Pad
from pages.widgets.pickers import choose_defaults
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import escape_markdown, format_interval


def main() -> None:
    """Show the page."""
    cards = get_cards()
    st.title("Collect your handwriting")
    st.markdown(
        "Write the digits you are shown. At the end you see how accurately the models classify "
        "them."
    )
    show_prompt_and_pad(cards)
    warn_without_cookie()


@st.fragment
@show_known_errors()
def show_prompt_and_pad(cards: Mapping[str, ModelCard]) -> None:
    """The prompt, the pad and the counts; a stroke reruns only this."""
    above, below = st.container(), st.container()
    with below:
        each = prompts.pick_repetitions()
    saved = get_store().count_by_label(get_owner())
    pad = Pad(prompts.PAD)
    digit = prompts.choose_digit(pad, saved, each)
    with below:
        prompts.show_progress(saved, each)
    with above:
        if digit is None:
            show_outcome(cards)
            return
        left, right = st.columns([1, 2])
        with left:
            prompts.show_prompt(digit)
        with right:
            prompts.show_pad(pad, digit)


def show_outcome(cards: Mapping[str, ModelCard]) -> None:
    """The accuracy of the default models on the visitor's drawings, and links to details."""
    defaults = [cards[model_id] for model_id in choose_defaults(cards)]
    reports = get_reports(defaults, MY_DRAWINGS)
    total = reports[0].confusion.total
    st.markdown(f"All digits are written. Accuracy on your **{total:,} saved drawings**:")
    with st.container(horizontal=True):
        for report in reports:
            accuracy = report.accuracy
            interval = f"95 % interval: {format_interval(accuracy, decimals=1)}"
            title = escape_markdown(report.title)
            st.metric(title, f"{accuracy.value:.1%}", help=interval, width="content")
    mine = DATASET_TITLES[MY_DRAWINGS]
    with st.container(horizontal=True):
        st.page_link("confusion.py", query_params={"data": mine})
        st.page_link("errors.py", query_params={"dataset": mine, "pair": "all"})
        st.page_link("drawings.py")
    prompts.offer_undoing()


if __name__ == "__main__":
    main()
