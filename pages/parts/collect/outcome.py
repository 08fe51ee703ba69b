"""The outcome: which of the visitor's drawings the models misclassify, and what to do next."""

from collections.abc import Mapping

import streamlit as st

from core.analysis.evaluation import report_from_evaluation
from core.analysis.misclassifications import Misclassification, list_misclassifications
from core.digits.datasets import Dataset
from core.figures.digit import png_address
from core.models.card import ModelCard
from pages.widgets.cache import get_evaluation
from pages.widgets.data import DATASET_TITLES, MY_DRAWINGS, get_dataset
from pages.widgets.images import Picture, show_pictures
from pages.widgets.pickers import choose_defaults, order_models
from pages.widgets.wording import escape_markdown, format_interval

MINE = DATASET_TITLES[MY_DRAWINGS]
# The parameters of the Train page.
FINE_TUNING = {"base": "LeNet-5", "tune": "true"}
MAX_PICTURES, PICTURE_SIDE = 24, 52


def show_outcome(cards: Mapping[str, ModelCard]) -> None:
    """The accuracy of the default models, next steps, and what each model misclassifies.

    Args:
        cards: of the built-in models.
    """
    dataset = get_dataset(MY_DRAWINGS)
    show_accuracies(cards, dataset)
    offer_next_steps()
    show_misclassified(cards, dataset)


def show_accuracies(cards: Mapping[str, ModelCard], dataset: Dataset) -> None:
    """The accuracy of the default models on the drawings."""
    st.markdown(f"All digits are written. Accuracy on your **{len(dataset):,} saved drawings**:")
    with st.container(horizontal=True):
        for model_id in choose_defaults(cards):
            report = report_from_evaluation(get_evaluation(cards[model_id], dataset))
            accuracy = report.accuracy
            interval = f"95% interval: {format_interval(accuracy, decimals=1)}"
            title = escape_markdown(report.title)
            st.metric(title, f"{accuracy.value:.1%}", help=interval, width="content")


def offer_next_steps() -> None:
    """Links to fine-tuning on the drawings, and to pages that explain the errors."""
    with st.container(horizontal=True):
        st.page_link(
            "train.py",
            label="Teach a model these",
            icon=":material/school:",
            query_params=FINE_TUNING,
        )
        st.page_link("confusion.py", query_params={"data": MINE})
        st.page_link("drawings.py")


def show_misclassified(cards: Mapping[str, ModelCard], dataset: Dataset) -> None:
    """The drawings that each model misclassifies, with links to look closer at them."""
    st.subheader("Misclassified drawings")
    errors = {
        model_id: list_misclassifications(get_evaluation(cards[model_id], dataset))
        for model_id in order_models(cards)
    }
    for model_id, found in errors.items():
        if found:
            _show_errors(cards[model_id], found, dataset)
    sound = [cards[model_id].title for model_id, found in errors.items() if not found]
    if sound:
        st.caption(f"All drawings are classified correctly by: {escape_markdown(', '.join(sound))}")


def _show_errors(card: ModelCard, errors: list[Misclassification], dataset: Dataset) -> None:
    title = escape_markdown(card.title)
    with st.container(key=f"misclassified_{card.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}** · {len(errors):,} of {len(dataset):,}", width="content")
            st.page_link(
                "errors.py",
                label="Explain",
                help=f"The errors of {title} in the error explorer",
                query_params={"dataset": MINE, "model": title, "pair": "all"},
            )
            st.page_link(
                "drawings.py",
                label="In My drawings",
                query_params={"misread": card.title},
            )
        pictures = [_describe(error, dataset, card.title) for error in errors[:MAX_PICTURES]]
        show_pictures(pictures, width=PICTURE_SIDE)
        if len(errors) > MAX_PICTURES:
            st.caption(f"The first {MAX_PICTURES}, most confident first.")


def _describe(error: Misclassification, dataset: Dataset, title: str) -> Picture:
    return Picture(
        png_address(dataset.images[error.index]),
        f"Your {error.true}, which {title} predicts as {error.predicted}",
        f"{error.true} → {error.predicted}",
    )
