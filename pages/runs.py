"""Runs: the models that the visitor trained, to compare, rename, export and delete."""

from collections.abc import Mapping

import streamlit as st

from core.digits.datasets import MnistUnavailableError
from core.models.card import ModelCard
from core.runs.finished import FinishedRun, list_finished
from core.runs.run import Run
from pages.parts.runs.access_keys import offer_access_keys
from pages.parts.runs.changes import offer_changes, offer_undo, show_damaged_runs
from pages.parts.runs.exchange import offer_run_export, offer_run_import
from pages.parts.runs.reference import (
    pick_reference,
    show_accuracies,
    show_paired_comparison,
    show_recipe_differences,
)
from pages.parts.runs.table import pick_run, show_table
from pages.widgets.cache import get_cards
from pages.widgets.empty_states import offer_download
from pages.widgets.pickers import link_to_comparison
from pages.widgets.visitor import get_owner, warn_without_cookie
from pages.widgets.wording import to_sentence


def main() -> None:
    """Show the visitor's runs, and compare one of them with another model."""
    owner = get_owner()
    st.title("Runs")
    st.markdown("See the models you trained, compare them with others, export or delete them.")
    warn_without_cookie()
    show_toolbar(owner)
    finished = list_own_first(owner)
    cards = get_cards()
    runs = {found.run.id: found.run for found in finished if found.run.id in cards}
    if runs:
        show_table(runs, cards)
    show_damaged_runs([found for found in finished if found.damage], owner)
    if not runs:
        st.info(
            "You have no run yet. Train a model, or import a run that was exported.",
            icon=":material/experiment:",
        )
        return
    run = runs[pick_run(runs, cards)]
    show_run(run, cards, owner)
    show_comparison(run, runs, cards)


def show_toolbar(owner: str) -> None:
    """Offer what concerns no single run: import, undo of a deletion, keys and the sweeps."""
    with st.container(horizontal=True, vertical_alignment="center"):
        offer_run_import(owner)
        offer_undo(owner)
        offer_access_keys(owner)
        st.page_link("sweeps.py")


def list_own_first(owner: str) -> list[FinishedRun]:
    """The owner's runs before the shared ones, which may be many; newest first in each part."""
    return sorted(list_finished(owner), key=lambda found: found.run.owner != owner)


def show_run(run: Run, cards: Mapping[str, ModelCard], owner: str) -> None:
    """Describe a run, and offer to change, export and compare it."""
    card = cards[run.id]
    with st.container(horizontal=True, vertical_alignment="center"):
        offer_changes(run, owner)
        offer_run_export(run, card)
        link_to_comparison(card, run.plan, cards)
    st.markdown(card.description)


def show_comparison(run: Run, runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> None:
    """Compare a run with another model: accuracy, recipe, and whether one is better."""
    st.subheader("Comparison with another model")
    reference = pick_reference(run.id, runs, cards)
    show_accuracies(cards[run.id], cards[reference])
    show_recipe_differences(run.id, reference, runs, cards)
    try:
        show_paired_comparison(cards[run.id], cards[reference])
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))


if __name__ == "__main__":
    main()
