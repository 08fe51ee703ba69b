"""Label errors: the flag on known wrong labels, and the accuracy without them."""

from collections.abc import Iterable

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.label_errors import (
    SuspectedLabel,
    estimate_accuracy_without,
    list_known_errors,
)
from core.analysis.metrics import estimate_accuracy
from core.analysis.misclassifications import Misclassification
from core.digits.datasets import Dataset
from pages.widgets.wording import escape_markdown, with_article

FLAG = "⚑"
SOURCE = "Northcutt, Athalye and Mueller, 2021"


def describe_misclassification(error: Misclassification, dataset: Dataset) -> tuple[str, str]:
    """The caption of a misclassified digit in the gallery, and a sentence for screen readers."""
    sentence = (
        f"Number {error.index}: {with_article(error.true)} predicted as {error.predicted} "
        f"with a confidence of {error.confidence:.1%}"
    )
    return flag_label(f"{error.true} → {error.predicted}", sentence, error.index, dataset)


def describe_suspect(suspect: SuspectedLabel, dataset: Dataset) -> tuple[str, str]:
    """The caption of a suspected label error in the gallery, and a sentence for screen readers."""
    sentence = (
        f"Number {suspect.index}: labelled {suspect.label}, which has a probability of "
        f"{suspect.self_confidence:.1%}; the most probable other digit is {suspect.suggested}"
    )
    return flag_label(f"{suspect.label} → {suspect.suggested}", sentence, suspect.index, dataset)


def show_accuracy_without_known_errors(evaluation: Evaluation, dataset: Dataset) -> None:
    """Show the accuracy on the MNIST test set with and without the labels known to be wrong."""
    known_errors = list_known_errors(dataset.id)
    if not known_errors:
        return
    before = estimate_accuracy(evaluation.labels, evaluation.probabilities)
    after = estimate_accuracy_without(evaluation, known_errors)
    st.caption(
        f"The accuracy of {escape_markdown(evaluation.title)} on {dataset.title} is "
        f"{before.value:.2%}. Without the {len(known_errors)} labels that reviewers "
        f"found to be wrong ({FLAG}; {SOURCE}), it is {after.value:.2%}."
    )


def explain_flag(indices: Iterable[int], dataset: Dataset) -> None:
    """Explain the flag if one of the digits has it.

    The container is there in any case: what follows keeps its place on the page. Streamlit shows
    what moves to another place anew, removes the old one later, and forgets then that both belong
    to the address, so that a choice is not kept in it any more.
    """
    with st.container():
        if any(describe_known_error(int(index), dataset) for index in indices):
            st.caption(f"{FLAG} Reviewers found this label to be wrong ({SOURCE}).")


def flag_label(caption: str, sentence: str, index: int, dataset: Dataset) -> tuple[str, str]:
    """The caption and the sentence of a digit, with a flag if its label is known to be wrong."""
    known_error = describe_known_error(index, dataset)
    if not known_error:
        return caption, sentence
    return f"{caption} {FLAG}", f"{sentence}. {known_error}"


def describe_known_error(index: int, dataset: Dataset) -> str:
    """What reviewers say about a label that is known to be wrong; empty for all other digits."""
    right = list_known_errors(dataset.id).get(index)
    if right is None:
        return ""
    return f"Its label is known to be wrong: it should be {with_article(right)}"
