"""Runs: the models that the visitor trained, to compare, rename, take along and delete."""

import streamlit as st

from core.digits.datasets import MnistUnavailableError
from core.runs.finished import list_finished
from pages.parts.runs.exchange import offer_export, offer_import
from pages.parts.runs.reference import pick_rival, show_accuracies, show_difference, show_settings
from pages.parts.runs.table import (
    offer_changes,
    offer_undo,
    pick_run,
    show_damaged_runs,
    show_table,
)
from pages.widgets.cache import get_cards
from pages.widgets.empty_states import offer_download
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import to_sentence

owner = get_owner()
st.title("Runs")
st.markdown("See the models you trained, compare them with others, and take them along.")
warn_without_cookie()
with st.container(horizontal=True, vertical_alignment="center"):
    offer_import(owner)
    offer_undo(owner)
    st.page_link("sweeps.py")
# Their own first: a sweep leaves many that are everybody's.
finished = sorted(list_finished(owner), key=lambda one: one.run.owner != owner)
cards = get_cards()
show_damaged_runs([one for one in finished if one.damage], owner)
runs = {one.run.id: one.run for one in finished if one.run.id in cards}
if not runs:
    st.info(
        "You have no run yet. Train a model, or import one that somebody exported.",
        icon=":material/experiment:",
    )
else:
    show_table(runs, cards)
    run = runs[pick_run(runs, cards)]
    with st.container(horizontal=True, vertical_alignment="center"):
        offer_changes(run, owner)
        offer_export(run)
    if run.description:
        st.markdown(run.description)
    st.subheader("Compared with another model")
    rival = pick_rival(run.id, runs, cards)
    show_accuracies(cards[run.id], cards[rival])
    show_settings(run.id, rival, runs, cards)
    try:
        show_difference(cards[run.id], cards[rival])
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
