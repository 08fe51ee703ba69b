"""The report of a comparison, to download: one HTML page for a lab notebook."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from core.digits.datasets import Dataset
from core.figures.report import Advantage, ReportedModel, write_report
from core.models.card import ModelCard
from core.models.files import is_run
from core.runs.comparison import describe_training
from core.runs.finished import list_finished
from pages.parts.compare.pair import Pair, name_pair
from pages.widgets.cache import (
    get_built_in_cards,
    get_colours,
    get_cost,
    get_differences,
    get_evaluation,
)
from pages.widgets.data import DATASET_TITLES
from pages.widgets.visitor import get_owner
from pages.widgets.wording import format_value


def offer_report(
    chosen: Sequence[ModelCard],
    pair: Pair,
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
    *,
    address: str,
) -> None:
    """Offer the report of the chosen models; the slices in it are those of a pair of them."""
    st.subheader("Report")
    st.caption(
        "One page with these figures, to print or to keep in a lab notebook. The file needs no "
        "network. The address of this page is a link to the same comparison."
    )
    models = _describe_models(chosen, dataset, cards)
    first, second = pair
    advantages = [
        Advantage(better.title, other.title, get_differences(other, better, dataset))
        for better, other in ((first, second), (second, first))
    ]

    def write() -> str:
        now = datetime.now(UTC)
        return write_report(models, dataset, advantages, address=address, created_at=now)

    st.download_button(
        "Report",
        write,
        file_name=f"comparison_{dataset.id}_{'_'.join(card.id for card in chosen)}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        key="report",
    )


def name_address(chosen: Sequence[ModelCard], pair: Pair, dataset_id: str) -> str:
    """The address of the page with these choices, those of the defaults too: these may change."""
    page = urlsplit(st.context.url or "")
    query = {
        "digits": DATASET_TITLES[dataset_id],
        "models": [card.title for card in chosen],
        "two": name_pair(pair),
    }
    return urlunsplit(page._replace(query=urlencode(query, doseq=True), fragment=""))


def _describe_models(
    chosen: Sequence[ModelCard], dataset: Dataset, cards: Mapping[str, ModelCard]
) -> list[ReportedModel]:
    colours = get_colours([card.id for card in chosen])
    return [
        ReportedModel(
            card,
            get_evaluation(card, dataset),
            get_cost(card),
            colours[card.id],
            _describe_settings(card, cards),
        )
        for card in chosen
    ]


def _describe_settings(card: ModelCard, cards: Mapping[str, ModelCard]) -> dict[str, str]:
    """How a run was trained, in words; empty for a built-in model."""
    if not is_run(card.id):
        return {}
    runs = {found.run.id: found.run for found in list_finished(get_owner())}
    settings = describe_training(card, runs.get(card.id), get_built_in_cards())
    return {name: format_value(value, cards) for name, value in settings.items()}
