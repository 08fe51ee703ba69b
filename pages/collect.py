"""Collect: each digit written a few times, and which of them the models misclassify."""

import streamlit as st

from pages.parts.collect import prompts
from pages.parts.collect.outcome import show_outcome
from pages.widgets.cache import get_built_in_cards
from pages.widgets.data import get_store
from pages.widgets.known_errors import show_known_errors
from pages.widgets.pad import Pad
from pages.widgets.visitor import get_owner, warn_without_cookie


def main() -> None:
    """Show the page."""
    st.title("Collect your handwriting")
    st.markdown(
        "Write the digits you are shown. At the end you see which of them the models misclassify."
    )
    show_prompt_and_pad()
    warn_without_cookie()


@st.fragment
@show_known_errors()
def show_prompt_and_pad() -> None:
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
            show_outcome(get_built_in_cards())
            prompts.offer_undoing()
            return
        left, right = st.columns([1, 2])
        with left:
            prompts.show_prompt(digit)
        with right:
            prompts.show_pad(pad, digit)


if __name__ == "__main__":
    main()
