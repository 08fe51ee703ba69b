"""Weak spots: where a model fails more often than elsewhere, in sentences with pictures."""

import streamlit as st

from core.analysis.findings.registry import KINDS
from core.analysis.findings.weak_slices import WEAK_SLICES
from core.digits.datasets import Dataset, MnistUnavailableError
from core.models.card import ModelCard
from pages.widgets.cache import get_cards, get_evaluation, get_findings
from pages.widgets.data import NoDrawingsError, choose_dataset, get_dataset
from pages.widgets.empty_states import (
    ask_for_two_models,
    explain_bundled_digits,
    invite_to_draw,
    offer_download,
)
from pages.widgets.findings import explain_nothing_found, show_differences, show_findings
from pages.widgets.pickers import open_choices, pick_dataset, pick_model, pick_other
from pages.widgets.test_sets import warn_of_training_digits
from pages.widgets.wording import to_sentence


def main() -> None:
    """Show what was found in one model, or where one of two models beats the other."""
    cards = get_cards()
    st.title("Weak spots")
    st.markdown("Read which digits a model misclassifies more often than others, and see them.")
    with open_choices():
        dataset_id = pick_dataset(key="dataset", default=choose_dataset())
        card = cards[pick_model(cards)]
        other = cards.get(pick_other(cards))
    explain_bundled_digits(dataset_id)
    try:
        show_view(card, other, get_dataset(dataset_id))
    except MnistUnavailableError as error:
        offer_download(to_sentence(error))
    except NoDrawingsError:
        invite_to_draw()


def show_view(card: ModelCard, other: ModelCard | None, dataset: Dataset) -> None:
    """Show the findings of one model, or the differences of two."""
    warn_of_training_digits([card, other] if other else [card], dataset.id)
    if not other:
        show_kinds(card, dataset)
    elif other.id == card.id:
        ask_for_two_models()
    else:
        for worse, better in ((card, other), (other, card)):
            show_differences(worse, better, dataset, get_evaluation(worse, dataset))


def show_kinds(card: ModelCard, dataset: Dataset) -> None:
    """Show what was found, kind by kind, weak slices first."""
    findings = get_findings(card, dataset)
    evaluation = get_evaluation(card, dataset)
    for kind in KINDS.values():
        found = [finding for finding in findings if finding.kind == kind.id]
        if found or kind is WEAK_SLICES:
            st.subheader(kind.title, help=kind.explanation)
        if not found and kind is WEAK_SLICES:
            explain_nothing_found(evaluation)
        show_findings(found, dataset, evaluation, card)


if __name__ == "__main__":
    main()
