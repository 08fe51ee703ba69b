"""The chosen digits of a map: how many, how many of them are misclassified, and their images."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.analysis.evaluation import AccuracyReport, Evaluation, report_from_evaluation
from core.analysis.selection import take_digits
from core.counts import describe_count
from core.digits.datasets import Dataset
from core.figures.confusion import describe_confusion
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from pages.widgets.digit_detail import find_picked_digit, show_digit_thumbnails, show_picked_digit
from pages.widgets.label_errors import flag_label
from pages.widgets.pairs import offer_cells
from pages.widgets.pickers import order_models
from pages.widgets.wording import escape_markdown, format_interval, with_article


def show_summaries(
    evaluations: Sequence[Evaluation],
    indices: npt.NDArray[np.int64],
    dataset_id: str,
    *,
    is_cell: bool,
) -> None:
    """Show how many digits are chosen, the accuracy on them, and the most frequent errors.

    Args:
        evaluations: of the one or two models whose maps are shown.
        indices: the chosen digits, at least one.
        dataset_id: of all digits.
        is_cell: whether nothing but their label and prediction chooses them: the Error explorer
            knows no areas.
    """
    reports = [report_from_evaluation(take_digits(one, indices)) for one in evaluations]
    for column, report in zip(st.columns(len(reports), gap="large"), reports, strict=True):
        with column:
            _show_summary(report)
    first = reports[0]
    if is_cell and first.confusion.correct < first.confusion.total:
        offer_cells(
            dataset_id,
            first.title,
            first.confusion,
            key=f"cells_{first.model_id}",
            placeholder="See an error in the Error explorer",
        )


def show_images(
    evaluations: Sequence[Evaluation],
    indices: npt.NDArray[np.int64],
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
) -> None:
    """Show the images of the chosen digits, and the predictions of all models for the picked one.

    Args:
        evaluations: of the models whose maps are shown; the captions are about the first.
        indices: the chosen digits in order, at least one.
        dataset: all digits.
        cards: all models.
    """
    evaluation = evaluations[0]
    picked = find_picked_digit(indices)
    if len(evaluations) > 1:
        st.caption(f"Below each image: label → prediction of {escape_markdown(evaluation.title)}.")
    with st.container(key="chosen_images"):  # a long gallery scrolls: the picked digit stays near
        show_digit_thumbnails(
            indices, picked, dataset, lambda index: _describe_digit(index, evaluation, dataset)
        )
    shown = [one.model_id for one in evaluations]
    show_picked_digit(
        picked,
        dataset,
        [get_classifier(cards[name]) for name in shown],
        [get_classifier(cards[name]) for name in order_models(cards) if name not in shown],
        rival=_find_rival(evaluation, picked),
    )


def _show_summary(report: AccuracyReport) -> None:
    count = describe_count(report.confusion.total, "digit")
    st.markdown(
        f"**{count}**, accuracy {report.accuracy.value:.1%}",
        help=f"95% interval {format_interval(report.accuracy)}",
    )
    st.caption(f"{escape_markdown(report.title)}: {describe_confusion(report.confusion)}")


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
