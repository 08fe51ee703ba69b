"""The chosen digits of a map: how many, how many of them are misclassified, and their images."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.analysis.evaluation import Evaluation, report_from_evaluation
from core.analysis.selection import take_digits
from core.digits.datasets import Dataset
from core.figures.confusion import describe_confusion
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from pages.widgets.digit_detail import find_picked_digit, show_digit_thumbnails, show_picked_digit
from pages.widgets.label_errors import flag_label
from pages.widgets.pairs import offer_cells
from pages.widgets.pickers import order_models
from pages.widgets.wording import format_interval, with_article

# Pixels. The gallery scrolls, so that the picked digit below it stays near.
GALLERY_HEIGHT = 330


def show_summary(
    evaluation: Evaluation, indices: npt.NDArray[np.int64], dataset_id: str, *, is_area: bool
) -> None:
    """Show how many digits are chosen, the accuracy on them, and the most frequent errors.

    Args:
        evaluation: of the model whose map it is.
        indices: the chosen digits, at least one.
        dataset_id: of all digits.
        is_area: whether they were chosen by an area: the Error explorer knows no areas.
    """
    report = report_from_evaluation(take_digits(evaluation, indices))
    st.markdown(
        f"**{len(indices):,} digit{'s' if len(indices) > 1 else ''}**, accuracy "
        f"{report.accuracy.value:.1%}",
        help=f"95 % interval {format_interval(report.accuracy)}",
    )
    st.caption(describe_confusion(report.confusion))
    if not is_area and report.confusion.correct < report.confusion.total:
        offer_cells(
            dataset_id,
            report.title,
            report.confusion,
            key=f"cells_{report.model_id}",
            placeholder="See an error in the Error explorer",
        )


def show_images(
    evaluation: Evaluation,
    indices: npt.NDArray[np.int64],
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
) -> None:
    """Show the images of the chosen digits, and the predictions of all models for the picked one.

    Args:
        evaluation: of the model whose map it is.
        indices: the chosen digits in order, at least one.
        dataset: all digits.
        cards: all models.
    """
    picked = find_picked_digit(indices)
    with st.container(height=GALLERY_HEIGHT, border=False):
        show_digit_thumbnails(
            indices, picked, dataset, lambda index: _describe_digit(index, evaluation, dataset)
        )
    model_id = evaluation.model_id
    show_picked_digit(
        picked,
        dataset,
        [get_classifier(cards[model_id])],
        [get_classifier(cards[name]) for name in order_models(cards) if name != model_id],
        rival=_find_rival(evaluation, picked),
    )


def _describe_digit(index: int, evaluation: Evaluation, dataset: Dataset) -> tuple[str, str]:
    """The caption of a digit in the gallery, and a sentence for screen readers."""
    label, predicted = int(evaluation.labels[index]), int(evaluation.predicted[index])
    caption = str(label) if label == predicted else f"{label} → {predicted}"
    sentence = (
        f"Number {index}: {with_article(label)} predicted as {predicted} with a confidence of "
        f"{evaluation.confidence[index]:.1%}"
    )
    return flag_label(caption, sentence, index, dataset)


def _find_rival(evaluation: Evaluation, index: int) -> int:
    """The most probable digit other than the label."""
    probabilities = evaluation.probabilities[index].copy()
    probabilities[evaluation.labels[index]] = -1
    return int(probabilities.argmax())
