"""My drawings: the digits that the visitor kept, to correct, delete, export and import."""

import streamlit as st

from pages.parts.drawings.collection import find_picked, pick_filter, show_picked, show_thumbnails
from pages.parts.drawings.exchange import offer_export, offer_import
from pages.widgets.cache import get_cards
from pages.widgets.data import get_store
from pages.widgets.empty_states import invite_to_draw
from pages.widgets.gallery import pick_page
from pages.widgets.visitor import get_owner, warn_without_cookie


def show_drawings(count: int, label: int | None, misread_by: str | None) -> None:
    """A page of the drawings and the picked one side by side."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        page = pick_page(count)
        drawings = store.find(
            owner,
            label=label,
            misread_by=misread_by,
            limit=page.stop - page.start,
            offset=page.start,
        )
        if not drawings:
            st.info("None of your drawings is like that.", icon=":material/filter_alt:")
            return
        picked = find_picked(drawings)
        show_thumbnails(drawings, picked, misread_by)
    with right:
        show_picked(picked, cards)


cards = get_cards()
owner = get_owner()
st.title("My drawings")
st.markdown(
    "See the digits you kept, correct their labels, or take them along. No other visitor can."
)
warn_without_cookie()
store = get_store()
filters = st.container(horizontal=True, vertical_alignment="bottom")
exchange = st.container(horizontal=True, vertical_alignment="center")
with exchange:
    offer_import(owner)
    st.page_link("collect.py", label="Collect digits")
if not store.count(owner):
    invite_to_draw()
else:
    with filters:
        label, misread_by = pick_filter(cards)
    count = store.count(owner, label=label, misread_by=misread_by)
    with exchange:
        offer_export(owner, count, label=label, misread_by=misread_by)
    show_drawings(count, label, misread_by)
