"""Feedback: whether a prediction was correct. An answer saves each digit with its label."""

from collections.abc import Sequence

import streamlit as st

from core.drawings.drawing import (
    Drawing,
    StorageUnavailableError,
    TooManyDrawingsError,
    UnknownDrawingError,
)
from core.drawings.labels import read_labels
from core.inference.inputs import NumberInput, StrokeInput
from core.inference.number_prediction import NumberPrediction
from core.inference.vote import NO_DIGIT
from core.models.files import is_run
from pages.widgets.data import get_store
from pages.widgets.saving import LabelledDigit, make_drawings
from pages.widgets.wording import to_sentence, with_article

# A longer number does not fit on a button.
MAX_LENGTH_ON_BUTTON = 12


def ask_if_correct(given: NumberInput, number: NumberPrediction) -> list[Drawing]:
    """Ask whether the predicted number is the one that was drawn.

    Returns:
        The digits to save, with their labels, once the visitor has answered; before that, none.
    """
    question = "Is it a digit?" if number.text == NO_DIGIT else "Is this correct?"
    st.markdown(question, help="Your answer saves the drawing.", width="content")
    confirmed = _confirm(number)
    correct = _correct_digit if len(number.digits) == 1 else _correct_number
    corrected = correct(number)
    labels = corrected if confirmed is None else confirmed
    return [] if labels is None else _label(given, number, labels)


def label_digits(
    given: NumberInput, number: NumberPrediction, text: str
) -> tuple[list[Drawing], str]:
    """The digits of a number, labelled by what a visitor has typed.

    Args:
        given: what was drawn.
        number: what is predicted for it.
        text: as ``read_labels`` takes it.

    Returns:
        What is to be saved, and why it is nothing; one of the two is empty.
    """
    try:
        return _label(given, number, read_labels(text, len(number.digits))), ""
    except ValueError as error:
        return [], to_sentence(error)


def _label(
    given: NumberInput, number: NumberPrediction, labels: Sequence[int | None]
) -> list[Drawing]:
    models = (one.model_id for one in number.digits[0].predictions)
    digits = _list_labelled(given, number, labels)
    return make_drawings(digits, run_ids={model_id for model_id in models if is_run(model_id)})


def save_drawings(drawings: Sequence[Drawing]) -> None:
    """Save drawings, or correct their labels where they are saved already; report the labels."""
    if not drawings:
        return
    try:
        store = get_store()
        if store.save(*drawings) < len(drawings):
            for drawing in drawings:
                store.relabel(drawing.owner, drawing.id, drawing.label)
    except (StorageUnavailableError, TooManyDrawingsError, UnknownDrawingError) as error:
        st.error(to_sentence(error), icon=":material/database_off:")
    else:
        single = len(drawings) == 1
        saved = f"as {with_article(drawings[0].label)}" if single else f"{len(drawings)} digits"
        st.toast(f"Saved {saved}.", icon=":material/collections:")


def _confirm(number: NumberPrediction) -> Sequence[int | None] | None:
    """The predicted digits, if the visitor says that all are correct."""
    text = number.text
    if NO_DIGIT in text:
        return None
    labels = [digit.vote.digit for digit in number.digits]
    # The number is in the key: a click meant for an earlier prediction has no effect.
    confirmed = st.button(f"Yes, {_name(text)}", icon=":material/check:", key=f"yes_{text}")
    return labels if confirmed else None


def _name(text: str) -> str:
    if len(text) == 1:
        return with_article(int(text))
    return text if len(text) <= MAX_LENGTH_ON_BUTTON and "\n" not in text else "all digits"


def _correct_digit(number: NumberPrediction) -> Sequence[int | None] | None:
    (digit,) = number.digits
    character = digit.vote.character
    label = st.menu_button(
        "Yes, it is" if character == NO_DIGIT else "No, it is",
        [label for label in range(10) if str(label) != character],
        format_func=with_article,
        icon=":material/close:",
        key="no",
    )
    return None if label is None else [label]


def _correct_number(number: NumberPrediction) -> Sequence[int | None] | None:
    with (
        st.popover("No, it is", icon=":material/close:", key="no_number"),
        st.form("typed_number", border=False),
    ):
        show_field = st.text_area if "\n" in number.text else st.text_input
        typed = show_field("The correct number", number.text, key=f"typed_{number.text}")
        st.caption("A digit for each box, in reading order; ? for what should not be saved.")
        if not st.form_submit_button("Save"):
            return None
        try:
            return read_labels(typed, len(number.digits))
        except ValueError as error:
            st.warning(to_sentence(error), icon=":material/edit:")
            return None


def _list_labelled(
    given: NumberInput, number: NumberPrediction, labels: Sequence[int | None]
) -> list[LabelledDigit]:
    """The digits that have a label, each with its own strokes where it was drawn on the pad."""
    return [
        LabelledDigit(
            digit.found.frame,
            given.take_strokes(digit.found) if isinstance(given, StrokeInput) else None,
            label,
        )
        for digit, label in zip(number.digits, labels, strict=True)
        if label is not None
    ]
