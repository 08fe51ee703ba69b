"""Measurements: accuracy of models under a corruption, stored beside them or measured now."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.robustness import COMMAND, RobustnessCounts, take_sample
from core.digits.datasets import Dataset, MnistUnavailableError
from core.figures.robustness import SeverityCurve
from core.models.card import ModelCard
from core.synthesis.corruptions import Corruption
from pages.widgets.cache import estimate_corrupted, get_robustness
from pages.widgets.data import get_dataset
from pages.widgets.empty_states import offer_download
from pages.widgets.wording import escape_markdown, to_sentence

# All models there are classify so many digits within a second, at every move of the slider.
SAMPLE_SIZE = 1000


def find_measured(dataset_id: str, cards: Sequence[ModelCard]) -> dict[str, RobustnessCounts]:
    """The stored counts of the models on a data set, by model; models without any are left out."""
    stored = {card.id: get_robustness(card) for card in cards}
    return {
        model_id: robustness.counts[dataset_id]
        for model_id, robustness in stored.items()
        if robustness and dataset_id in robustness.counts
    }


def measure_curve(card: ModelCard, dataset: Dataset, corruption: Corruption) -> SeverityCurve:
    """Measure a model on a data set, without the corruption and at its five severities."""
    amounts = (None, *corruption.amounts)
    return SeverityCurve(
        card.id,
        card.title,
        [estimate_corrupted(card, dataset, corruption.id, amount) for amount in amounts],
    )


def offer_measurement(
    runs: Sequence[ModelCard], dataset_id: str, corruption: Corruption
) -> list[SeverityCurve]:
    """Name the runs that were not measured, and measure them on a sample if the visitor wants it.

    Returns:
        The curves that were measured; none for no runs.
    """
    if not runs:
        return []
    names = escape_markdown(", ".join(card.title for card in runs))
    st.info(f"Not measured yet: {names}.", icon=":material/info:")
    if not st.toggle(f"Measure on {SAMPLE_SIZE:,} digits", key="measure", bind="query-params"):
        return []
    try:
        sample = take_sample(get_dataset(dataset_id), SAMPLE_SIZE)
    except MnistUnavailableError as error:
        offer_download(to_sentence(error), key="measure_download")
        return []
    return [measure_curve(card, sample, corruption) for card in runs]


def show_unmeasured(cards: Sequence[ModelCard]) -> None:
    """Name the built-in models that were not measured, and the command that measures them."""
    if cards:
        names = ", ".join(card.title for card in cards)
        st.info(f"Not measured yet: {names}. Run `{COMMAND}` to measure.", icon=":material/info:")
