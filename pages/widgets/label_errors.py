"""Labels in doubt: how the gallery flags them, and the accuracy without those known to be wrong."""

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.label_errors import (
    KNOWN_MNIST_TEST_ERRORS,
    Suspect,
    estimate_accuracy_without,
)
from core.analysis.metrics import estimate_accuracy
from core.analysis.misreadings import Misreading
from core.digits.datasets import Dataset
from pages.widgets.loaders import MNIST_TEST

FLAG = "⚑"


def describe_misreading(one: Misreading, dataset: Dataset) -> tuple[str, str]:
    """A misreading's caption in the gallery, and the same as a sentence."""
    sentence = f"Number {one.index}: a {one.true} read as {one.predicted} with {one.confidence:.1%}"
    return _flag(f"{one.true} → {one.predicted}", sentence, one.index, dataset)


def describe_suspect(one: Suspect, dataset: Dataset) -> tuple[str, str]:
    """A suspect's caption in the gallery, and the same as a sentence."""
    sentence = (
        f"Number {one.index}: labelled {one.label}, which the models believe with "
        f"{one.self_confidence:.1%}; rather a {one.suggested}"
    )
    return _flag(f"{one.label} → {one.suggested}", sentence, one.index, dataset)


def show_accuracy_without_known_errors(evaluation: Evaluation, dataset: Dataset) -> None:
    """The accuracy with and without the labels that people have found to be wrong."""
    if dataset.id != MNIST_TEST:
        return
    before = estimate_accuracy(evaluation.labels, evaluation.probabilities)
    after = estimate_accuracy_without(evaluation, KNOWN_MNIST_TEST_ERRORS)
    st.caption(
        f"{evaluation.title} reads {before.value:.2%} of this data set as labelled, and "
        f"{after.value:.2%} without the {len(KNOWN_MNIST_TEST_ERRORS)} labels that people found "
        f"to be wrong ({FLAG}; Northcutt, Athalye and Mueller, 2021)."
    )


def _flag(caption: str, sentence: str, index: int, dataset: Dataset) -> tuple[str, str]:
    suggested = KNOWN_MNIST_TEST_ERRORS.get(index) if dataset.id == MNIST_TEST else None
    if suggested is None:
        return caption, sentence
    return f"{caption} {FLAG}", f"{sentence}. Its label is known to be wrong; it is a {suggested}"
