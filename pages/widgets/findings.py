"""Findings on a page: each a sentence, its evidence, pictures, and links to what can be done."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.findings import (
    model_differences,
    overconfident_errors,
    overlapping_classes,
    suspected_labels,
    unsure_slices,
    weak_slices,
)
from core.analysis.findings.finding import CONFIDENT, Finding
from core.analysis.findings.slice_search import MIN_DIGITS, MIN_EVENTS
from core.analysis.findings.weak_slices import WEAK_SLICES
from core.digits.datasets import Dataset
from core.figures.digit import png_address
from core.figures.map import WEAK_SPOT
from core.models.card import ModelCard
from core.runs.advice import find_distortion, label_training
from pages.widgets.cache import get_differences
from pages.widgets.data import DATASET_TITLES
from pages.widgets.images import Picture, show_pictures
from pages.widgets.label_errors import explain_flag, flag_label
from pages.widgets.wording import escape_markdown, with_article

NOTHING_FOUND = "No slice was found that is misclassified more often than chance explains."
# The parameter of the Error explorer and the map that names a slice.
SLICE = "where"
# Pixels; five stand side by side on a phone.
PICTURE_SIDE = 52


def explain_nothing_found(evaluation: Evaluation, message: str = NOTHING_FOUND) -> None:
    """Say that no slice was found, or that there are too few digits or errors to find any.

    Args:
        evaluation: the predictions in which nothing was found.
        message: what is said where there were enough.
    """
    total = len(evaluation.labels)
    errors = int((evaluation.predicted != evaluation.labels).sum())
    if total < MIN_DIGITS:
        st.info(
            f"{total} digit{'s are' if total > 1 else ' is'} too few to find a weak slice. "
            f"At least {MIN_DIGITS} are needed, better a few hundred.",
            icon=":material/info:",
        )
    elif errors < MIN_EVENTS:
        count = f"Only {errors}" if errors else "None"
        st.info(
            f"{count} of {total:,} digits {'is' if errors == 1 else 'are'} misclassified. "
            f"At least {MIN_EVENTS} are needed to find what they have in common.",
            icon=":material/info:",
        )
    else:
        st.info(message, icon=":material/check:")


def show_findings(
    findings: Sequence[Finding], dataset: Dataset, evaluation: Evaluation, card: ModelCard
) -> None:
    """Show findings in order.

    Args:
        findings: what was found.
        dataset: what it was found in.
        evaluation: the predictions of the model.
        card: of the model.
    """
    for place, finding in enumerate(findings):
        with st.container(border=True, key=f"{finding.kind}_{card.id}_{place}"):
            st.markdown(f"**{escape_markdown(finding.sentence)}.**")
            _show_digits(finding, dataset, evaluation)
            st.caption(escape_markdown(finding.evidence))
            with st.container(horizontal=True):
                _link(finding, dataset, card)


def show_differences(
    card: ModelCard,
    better: ModelCard,
    dataset: Dataset,
    evaluation: Evaluation,
    *,
    limit: int | None = None,
) -> None:
    """Show where another model beats the one of a card: all slices, or the first ones.

    Args:
        card: of the model that is wrong there.
        better: of the other model.
        dataset: the digits.
        evaluation: the predictions of the first model.
        limit: the number of slices that are shown.
    """
    st.subheader(
        f"Where {escape_markdown(better.title)} beats {escape_markdown(card.title)}",
        help=WEAK_SLICES.explanation,
    )
    found = get_differences(card, better, dataset)
    if not found:
        winner, loser = escape_markdown(better.title), escape_markdown(card.title)
        message = f"No slice was found where {winner} beats {loser} by more than chance explains."
        explain_nothing_found(evaluation, message)
    show_findings(found[:limit], dataset, evaluation, card)


def _show_digits(finding: Finding, dataset: Dataset, evaluation: Evaluation) -> None:
    pictures = []
    for index in finding.indices:
        label, predicted = int(dataset.labels[index]), int(evaluation.predicted[index])
        caption, sentence = _describe(index, label, predicted)
        caption, sentence = flag_label(caption, sentence, index, dataset)
        pictures.append(Picture(png_address(dataset.images[index]), sentence, caption))
    show_pictures(pictures, width=PICTURE_SIDE)
    explain_flag(finding.indices, dataset)


def _describe(index: int, label: int, predicted: int) -> tuple[str, str]:
    """The caption of a digit, and a sentence for screen readers."""
    start = f"Number {index}: {with_article(label)} predicted"
    if label == predicted:
        return str(label), f"{start} correctly"
    return f"{label} → {predicted}", f"{start} as {predicted}"


def _link(finding: Finding, dataset: Dataset, card: ModelCard) -> None:
    """Link to the errors, to the map, and to a training that may mend them."""
    link_to_errors(finding, dataset.id, card)
    _link_to_map(finding, dataset.id, card)
    distortion = _find_distortion(finding)
    if distortion:
        st.page_link(
            "train.py",
            label=label_training(distortion),
            icon=":material/model_training:",
            query_params={"base": card.title, "augmentation": "true", "doubled": distortion},
        )


def link_to_errors(finding: Finding, dataset_id: str, card: ModelCard) -> None:
    """Link to the errors of a finding, where the Error explorer has them."""
    errors = _name_errors(finding)
    if errors and dataset_id in DATASET_TITLES:
        st.page_link(
            "errors.py",
            label="Open in the Error explorer",
            icon=":material/troubleshoot:",
            query_params={
                "dataset": DATASET_TITLES[dataset_id],
                "model": card.title,
                **errors,
            },
        )


def _link_to_map(finding: Finding, dataset_id: str, card: ModelCard) -> None:
    """Link to the digits of a finding in colour among all others."""
    if dataset_id in DATASET_TITLES:
        st.page_link(
            "map.py",
            label="Show on the map",
            icon=":material/scatter_plot:",
            query_params={
                "points": DATASET_TITLES[dataset_id],
                "model": card.title,
                "colour": WEAK_SPOT,
                SLICE: finding.name,
            },
        )


def _name_errors(finding: Finding) -> dict[str, str | list[str]]:
    """The parameters of the Error explorer that show the errors of a finding, and no others.

    Empty where there are none.
    """
    if finding.kind in {weak_slices.ID, model_differences.ID}:
        return {"pair": "all", "capped": "false", SLICE: finding.scope}
    if finding.kind == overlapping_classes.ID:
        return {"pair": finding.scope}
    if finding.kind == overconfident_errors.ID:
        least = f"{100 * CONFIDENT:.0f}"
        return {"pair": "all", "capped": "false", "confidence": [least, "100"]}
    return {"show": suspected_labels.TITLE} if finding.kind == suspected_labels.ID else {}


def _find_distortion(finding: Finding) -> str | None:
    """The distortion of training images that may mend a slice, if any may."""
    slices = {weak_slices.ID, unsure_slices.ID, model_differences.ID}
    return find_distortion(finding.scope) if finding.kind in slices else None
