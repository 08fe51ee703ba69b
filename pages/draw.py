"""Draw: digits from the pad, a file or the camera, and how each model classifies them."""

import streamlit as st

from pages.parts.draw.inputs import INPUTS, show_inputs
from pages.parts.draw.live_answer import show_live_answer
from pages.parts.draw.present import offer_presentation
from pages.parts.draw.server_answer import show_server_answer
from pages.parts.draw.tabs import needs_drawing, open_tabs, show_detail
from pages.widgets.cache import get_cards
from pages.widgets.known_errors import show_known_errors
from pages.widgets.live import predicts_in_browser
from pages.widgets.pad import Pad
from pages.widgets.pickers import pick_one_or_all
from pages.widgets.tour import offer_tour


def main() -> None:
    """Show the page."""
    get_cards()  # a damaged model is reported before anything is drawn
    with st.container(key="title"):
        st.title("Draw digits")
        st.markdown("See how each model classifies the digits you write and how confident it is.")
    show_pad_and_predictions()
    offer_tour()


@st.fragment
def show_pad_and_predictions() -> None:
    """The pad on the left, and on the right the predictions and what explains them."""
    left, right = st.columns([2, 3], gap="large")
    inputs = left.tabs(INPUTS, key="source", bind="query-params")
    answers = right.container(key="answers")
    tabs = open_tabs(answers)
    pad = Pad()
    is_live = bool(inputs[0].open) and predicts_in_browser()
    read_input = show_inputs(inputs, pad, alone=is_live and not needs_drawing(tabs))
    with answers, show_known_errors():
        cards = get_cards()  # a run may be new or deleted since the page was opened
        chosen = [cards[model_id] for model_id in pick_one_or_all(cards)]
        st.page_link("drawings.py", label="My drawings", icon=":material/collections:")
        if is_live:
            show_live_answer(tabs, pad, read_input, chosen)
        else:
            show_server_answer(tabs, read_input, chosen)
        show_detail(tabs, read_input, chosen, is_live=is_live)
    with inputs[0]:  # after the answer: the browser shows it sooner when less was sent before it
        pad.show_tools()
    with left:
        offer_presentation()


if __name__ == "__main__":
    main()
