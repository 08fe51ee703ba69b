"""The first findings about a model, and a link to all of its weak spots."""

import streamlit as st

from core.analysis.findings import weak_slices
from core.models.card import ModelCard
from pages.widgets.cache import get_evaluation, get_findings
from pages.widgets.data import DATASET_TITLES, choose_dataset, get_dataset
from pages.widgets.empty_states import explain_bundled_digits
from pages.widgets.findings import NOTHING_FOUND, explain_nothing_found, show_findings

# How many findings are shown.
SHOWN = 3


def show_weak_spots(card: ModelCard) -> None:
    """Show the first findings about a model on the MNIST test set, if it is there."""
    dataset = get_dataset(choose_dataset())
    explain_bundled_digits(dataset.id)
    findings, evaluation = get_findings(card, dataset), get_evaluation(card, dataset)
    if not any(finding.kind == weak_slices.ID for finding in findings):
        others = " Other findings follow." if findings else ""
        explain_nothing_found(evaluation, f"{NOTHING_FOUND}{others}")
    show_findings(findings[:SHOWN], dataset, evaluation, card)
    st.page_link(
        "weak_spots.py",
        label="All weak spots",
        query_params={"dataset": DATASET_TITLES[dataset.id], "model": card.title},
    )
