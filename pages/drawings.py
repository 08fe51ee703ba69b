"""My drawings: the digits that the visitor saved, to correct, delete, export and import."""

from collections.abc import Mapping

import streamlit as st

from core.drawings.drawing import DamagedDrawing, Drawing
from core.models.card import ModelCard
from pages.parts.drawings.collection import (
    Filter,
    pick_filter,
    show_damaged,
    show_drawing,
    show_drawings,
)
from pages.parts.drawings.exchange import offer_export, offer_import
from pages.widgets.cache import get_cards
from pages.widgets.data import DATASET_TITLES, MY_DRAWINGS, get_store
from pages.widgets.empty_states import invite_to_draw
from pages.widgets.gallery import pick_page
from pages.widgets.pickers import open_choices
from pages.widgets.visitor import get_owner, warn_without_cookie


def main() -> None:
    """Show the page."""
    cards, owner = get_cards(), get_owner()
    st.title("My drawings")
    st.markdown("Correct, delete or export the digits you saved. Other visitors cannot see them.")
    warn_without_cookie()
    saved = get_store().count(owner)
    with open_choices():
        chosen = pick_filter(cards) if saved else Filter()
        count = get_store().count(owner, **vars(chosen))
        offer_import(owner)
        if saved:
            offer_export(owner, count, chosen)
        st.page_link("collect.py", label="Collect digits")
        if saved:
            mine = {"data": DATASET_TITLES[MY_DRAWINGS]}
            st.page_link("confusion.py", label="Which are misclassified", query_params=mine)
            mine = {"dataset": DATASET_TITLES[MY_DRAWINGS]}
            st.page_link("weak_spots.py", label="Where models are weak", query_params=mine)
    if saved:
        show_collection(owner, count, chosen, cards)
    else:
        invite_to_draw()


def show_collection(owner: str, count: int, chosen: Filter, cards: Mapping[str, ModelCard]) -> None:
    """A page of the drawings, and the picked one beside them."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        gallery = st.container()  # above the choice of the page that it shows
        page = pick_page(count)
        found = get_store().read(
            owner, **vars(chosen), limit=page.stop - page.start, offset=page.start
        )
        show_damaged([drawing for drawing in found if isinstance(drawing, DamagedDrawing)], owner)
        if not found:
            st.info("None of your drawings matches these filters.", icon=":material/filter_alt:")
        drawings = [drawing for drawing in found if isinstance(drawing, Drawing)]
        if not drawings:
            return
        with gallery:
            picked = show_drawings(drawings, chosen)
    with right:
        show_drawing(picked, cards)


if __name__ == "__main__":
    main()
