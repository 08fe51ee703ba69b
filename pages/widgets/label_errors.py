"""Labels in doubt: how the gallery flags them, and the accuracy without those known to be wrong."""

from collections.abc import Iterable

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.label_errors import (
    KNOWN_MNIST_TEST_ERRORS,
    SuspectedLabel,
    estimate_accuracy_without,
)
from core.analysis.metrics import estimate_accuracy
from core.analysis.misclassifications import Misclassification
from core.digits.datasets import Dataset
from pages.widgets.data import MNIST_TEST
from pages.widgets.wording import with_article

FLAG = "⚑"
SOURCE = "Northcutt, Athalye and Mueller, 2021"


def describe_misreading(one: Misclassification, dataset: Dataset) -> tuple[str, str]:
    """A misreading's caption in the gallery, and the same as a sentence."""
    sentence = f"Number {one.index}: a {one.true} read as {one.predicted} with {one.confidence:.1%}"
    return flag_label(f"{one.true} → {one.predicted}", sentence, one.index, dataset)


def describe_suspect(one: SuspectedLabel, dataset: Dataset) -> tuple[str, str]:
    """A suspect's caption in the gallery, and the same as a sentence."""
    sentence = (
        f"Number {one.index}: labelled {one.label}, which the models believe with "
        f"{one.self_confidence:.1%}; rather a {one.suggested}"
    )
    return flag_label(f"{one.label} → {one.suggested}", sentence, one.index, dataset)


def show_accuracy_without_known_errors(evaluation: Evaluation, dataset: Dataset) -> None:
    """The accuracy with and without the labels that people have found to be wrong."""
    if dataset.id != MNIST_TEST:
        return
    before = estimate_accuracy(evaluation.labels, evaluation.probabilities)
    after = estimate_accuracy_without(evaluation, KNOWN_MNIST_TEST_ERRORS)
    st.caption(
        f"{evaluation.title} reads {before.value:.2%} of this data set as labelled, and "
        f"{after.value:.2%} without the {len(KNOWN_MNIST_TEST_ERRORS)} labels that people found "
        f"to be wrong ({FLAG}; {SOURCE})."
    )


def explain_flag(indices: Iterable[int], dataset: Dataset) -> None:
    """Say what the flag means where one of the digits has it."""
    if any(describe_known_error(int(one), dataset) for one in indices):
        st.caption(f"{FLAG} People found this label to be wrong ({SOURCE}).")


def flag_label(caption: str, sentence: str, index: int, dataset: Dataset) -> tuple[str, str]:
    """The caption of a digit and the sentence that is read out, with a flag on a wrong label."""
    known = describe_known_error(index, dataset)
    return (f"{caption} {FLAG}", f"{sentence}. {known}") if known else (caption, sentence)


def describe_known_error(index: int, dataset: Dataset) -> str:
    """What people found a digit to be whose label is wrong; empty for all others."""
    if dataset.id != MNIST_TEST or index not in KNOWN_MNIST_TEST_ERRORS:
        return ""
    return f"Its label is known to be wrong; it is {with_article(KNOWN_MNIST_TEST_ERRORS[index])}"
