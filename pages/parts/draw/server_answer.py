"""The server's answer: to a picture, and to a drawing where the browser cannot predict."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.drawings.drawing import Drawing
from core.inference.inputs import ImageInput, NumberInput
from core.inference.number_prediction import NumberPrediction, predict_number
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.announcement import announce
from pages.parts.draw.answer import describe_answer, show_answer
from pages.parts.draw.feedback import ask_if_correct, save_drawings
from pages.parts.draw.inputs import ReadInput
from pages.parts.draw.number_text import show_text_and_table
from pages.parts.draw.picked_digit import pick_digit
from pages.parts.draw.tabs import ANSWER, Tabs, read_or_explain
from pages.widgets.probabilities import show_probabilities

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show_server_answer(tabs: Tabs, read_input: ReadInput, cards: Sequence[ModelCard]) -> None:
    """Show what models predict for the input, or what the visitor can do, if the tab is open."""
    number = None
    if tabs[ANSWER].open:
        with tabs[ANSWER]:
            number = _show_open_answer(read_input, cards)
    announce(describe_answer(number) if number else "")


def _show_open_answer(read_input: ReadInput, cards: Sequence[ModelCard]) -> NumberPrediction | None:
    # The browser's answer has the same place, so that the browser takes one off as it shows the
    # other.
    answer = st.container()
    with answer:
        given = read_or_explain(read_input)
    if given is None:
        return None
    feedback = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with serialised():
        number, confirmed = _show_predictions(given, cards, answer, feedback)
    with feedback:  # no other visitor waits for the database
        save_drawings(confirmed)
    return number


def _show_predictions(
    given: NumberInput,
    cards: Sequence[ModelCard],
    answer: "DeltaGenerator",
    feedback: "DeltaGenerator",
) -> tuple[NumberPrediction, list[Drawing]]:
    """What the models predict for the input.

    Returns:
        The prediction, and what the visitor has just asked to be saved.
    """
    number = predict_number(given.rows, [get_classifier(card) for card in cards])
    with answer:
        show_answer(number)
    with feedback:
        confirmed = ask_if_correct(given, number)
    if isinstance(given, ImageInput) and len(number.digits) > 1:
        show_text_and_table(number)
    picked = pick_digit(given, number)
    show_probabilities(picked.predictions)
    return number, confirmed
