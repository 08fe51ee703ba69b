"""Look-alikes: misclassified digits that look like one; each links to the Error explorer."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.neighbours import find_neighbours
from core.digits.datasets import Dataset
from core.digits.frame import Frame
from core.figures.digit import png_address
from core.models.card import ModelCard
from pages.widgets.address import open_page
from pages.widgets.cache import get_evaluation
from pages.widgets.data import choose_dataset, get_dataset
from pages.widgets.empty_states import explain_bundled_digits
from pages.widgets.gallery import Thumbnail, show_gallery
from pages.widgets.label_errors import flag_label
from pages.widgets.pairs import link_to_explorer
from pages.widgets.wording import escape_markdown, with_article

MAX_DIGITS = 8


def pick_misclassifier(cards: Sequence[ModelCard]) -> ModelCard:
    """Let the visitor pick whose misclassified digits are shown."""
    by_id = {card.id: card for card in cards}
    model_id = st.segmented_control(
        "Misclassified by",
        list(by_id),
        default=next(iter(by_id)),
        required=True,
        format_func=lambda model_id: escape_markdown(by_id[model_id].title),
        key="look_alikes_of",
        bind="query-params",
    )
    return by_id[model_id]


def show_look_alikes(frame: Frame, card: ModelCard) -> None:
    """The digits most like a frame that a model misclassified; a click opens the explorer."""
    dataset = get_dataset(choose_dataset())
    explain_bundled_digits(dataset.id)
    evaluation = get_evaluation(card, dataset)
    neighbours = find_neighbours(
        frame, dataset, evaluation.predicted != evaluation.labels, count=MAX_DIGITS
    )
    st.markdown(
        f"{escape_markdown(card.title)} misclassified these digits of {dataset.title}, which "
        "look most like yours. Pick one to see it in the Error explorer."
    )
    show_gallery(
        [_describe(neighbour.index, evaluation, dataset) for neighbour in neighbours],
        picked=-1,
        on_pick=lambda index: st.session_state.update(similar_error=index),
        key="similar_errors",
    )
    picked = st.session_state.pop("similar_error", None)
    if picked is not None:
        _open_explorer(picked, card, evaluation, dataset)


def _open_explorer(index: int, card: ModelCard, evaluation: Evaluation, dataset: Dataset) -> None:
    link = link_to_explorer(
        dataset.id,
        card.title,
        int(dataset.labels[index]),
        int(evaluation.predicted[index]),
    )
    open_page("errors.py", {**link, "image": str(index)})


def _describe(index: int, evaluation: Evaluation, dataset: Dataset) -> Thumbnail:
    label, predicted = int(dataset.labels[index]), int(evaluation.predicted[index])
    caption, description = flag_label(
        f"{label} → {predicted}",
        f"Number {index}: {with_article(label)} misclassified as {predicted}",
        index,
        dataset,
    )
    return Thumbnail(index, png_address(dataset.images[index]), caption, description)
