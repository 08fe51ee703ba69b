"""The live answer: what the browser predicts for the drawing, and what the visitor says it is."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.digits.frame import EmptyDrawingError
from core.drawings.drawing import Drawing
from core.inference.number_prediction import predict_number
from core.models.card import ModelCard
from core.server.model_cache import get_classifier
from core.server.turns import serialised
from pages.parts.draw.agreement import report_difference
from pages.parts.draw.feedback import label_digits, save_drawings
from pages.parts.draw.inputs import ReadInput
from pages.parts.draw.reader import find_confirmed, show_reader
from pages.parts.draw.tabs import ANSWER, Tabs
from pages.widgets.pad import Pad


def show_live_answer(
    tabs: Tabs, pad: Pad, read_input: ReadInput, cards: Sequence[ModelCard]
) -> None:
    """Show what models predict in the browser, and save the drawing if the visitor has labelled it.

    The browser predicts in a tab that is closed too: it draws the boxes on the pad.
    """
    drawings, refusal = _label_confirmed(read_input, cards)
    with tabs[ANSWER]:
        with st.container():  # the place of the server's answer
            show_reader(pad, cards, refusal=refusal)
        save_drawings(drawings)  # no other visitor waits for the database


def _label_confirmed(
    read_input: ReadInput, cards: Sequence[ModelCard]
) -> tuple[list[Drawing], str]:
    """The digits that the visitor has just labelled, or why they are none."""
    confirmed, given = find_confirmed(), None
    if confirmed:
        with suppress(EmptyDrawingError):
            given = read_input()
    if not (confirmed and given):
        return [], ""
    with serialised():
        number = predict_number(given.rows, [get_classifier(card) for card in cards])
        report_difference(confirmed, number)
        return label_digits(given, number, confirmed.text)
