"""The digits of a pair that are closest to the border between both classes."""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from core.analysis.evaluation import Evaluation
from core.analysis.label_errors import find_suspected_labels, list_known_errors
from core.analysis.pairs import BorderlineDigit, Side, list_borderline
from core.digits.datasets import Dataset
from core.models.card import ModelCard
from pages.parts.errors.gallery import show_error
from pages.widgets.cache import get_built_in_cards, get_evaluation
from pages.widgets.digit_detail import find_picked_digit, show_digit_thumbnails
from pages.widgets.label_errors import FLAG, SOURCE, describe_known_error, flag_label
from pages.widgets.wording import with_article

DOUBT = "?"


def show_borderline(
    sides: tuple[Side, Side],
    evaluations: Sequence[Evaluation],
    dataset: Dataset,
    cards: Mapping[str, ModelCard],
) -> None:
    """Show the borderline digits of both classes, and the picked one with explanations."""
    st.subheader("Borderline digits")
    suspected = find_suspects(dataset)
    digits = {
        digit.index: digit
        for side in sides
        for digit in list_borderline(evaluations, side, suspected=suspected)
    }
    if not digits:
        st.info("This data set has no such digits.", icon=":material/check:")
        return
    picked = find_picked_digit([*digits])
    left, right = st.columns([3, 2], gap="large")
    with left:
        for side in sides:
            show_side(side, digits, picked, dataset)
        st.caption(
            "Below each digit: the probability of its label minus that of the other class, as a "
            "share of both, mean of the models. Last: labels that may be wrong "
            f"({DOUBT} by the models, {FLAG} by reviewers; {SOURCE})."
        )
    with right:
        label = digits[picked].label
        (rival,) = (side.other for side in sides if side.label == label)
        model_id = evaluations[0].model_id if len(evaluations) == 1 else None
        show_error(picked, dataset, cards, rival=rival, model_id=model_id)


def find_suspects(dataset: Dataset) -> Collection[int]:
    """The digits whose labels may be wrong, by all built-in models or known to reviewers."""
    evaluations = [get_evaluation(card, dataset) for card in get_built_in_cards().values()]
    suspects = find_suspected_labels(evaluations)
    found = {suspect.index for suspect in suspects if suspect.is_confident}
    return found | {*list_known_errors(dataset.id)}


def show_side(
    side: Side, digits: Mapping[int, BorderlineDigit], picked: int, dataset: Dataset
) -> None:
    """Show the digits of one class, those closest to the border first."""
    own = [index for index, digit in digits.items() if digit.label == side.label]
    if own:
        st.markdown(f"**{side.label}s** between {side.label} and {side.other}")
        show_digit_thumbnails(
            own,
            picked,
            dataset,
            lambda index: describe_borderline(digits[index], side.other, dataset),
            key=f"borderline_{side.label}",
        )


def describe_borderline(digit: BorderlineDigit, other: int, dataset: Dataset) -> tuple[str, str]:
    """The caption of a borderline digit, and a sentence for screen readers."""
    caption = f"{digit.margin:+.0%}"
    sentence = (
        f"Number {digit.index}, {with_article(digit.label)}: the probability of {digit.label} "
        f"minus that of {other} is {digit.margin:+.1%} of both"
    )
    if digit.is_suspected and not describe_known_error(digit.index, dataset):
        return f"{caption} {DOUBT}", f"{sentence}. Its label may be wrong"
    return flag_label(caption, sentence, digit.index, dataset)
