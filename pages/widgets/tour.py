"""The tour: a few steps through the pages. Each step is a page with choices made and a note.

A step is a URL: ``?tour=3`` beside the page's own parameters shows the note above the page. The
note stays when the visitor changes something on the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.synthesis.glyphs import draw_sample
from pages.widgets.data import DATASET_TITLES, choose_dataset
from pages.widgets.pad import Pad
from pages.widgets.pickers import DEFAULT_MODELS
from pages.widgets.tour_subject import point_to

PARAMETER = "tour"
# A longer note would fill the screen of a phone.
MAX_NOTE_LENGTH = 130
LENET5 = "LeNet-5"
MODELS = (LENET5, "Logistic regression", "MLP")
# What the first step puts on the pad: a small digit in a corner, because a sample fills its canvas
# and this canvas is smaller than the pad.
SAMPLE_DIGIT, SAMPLE_STYLE, SAMPLE_SIDE, SAMPLE_SEED = 0, "slashed", 130, 3


@dataclass(frozen=True)
class Step:
    """One step of the tour.

    Attributes:
        page: its file in ``pages/``.
        title: the question that it answers.
        note: what to look at, in a sentence or two.
        subject: the CSS selector of what to look at.
        choices: the page's parameters in the URL. Neighbouring steps share no parameter, because
            Streamlit drops the parameters of the previous page when the page changes.

    Raises:
        ValueError: the note is longer than ``MAX_NOTE_LENGTH``.
    """

    page: str
    title: str
    note: str
    subject: str
    choices: Mapping[str, str | tuple[str, ...]]

    def __post_init__(self) -> None:
        if len(self.note) > MAX_NOTE_LENGTH:
            raise ValueError(
                f"expected a note of at most {MAX_NOTE_LENGTH} characters, got {len(self.note)}"
            )


def list_steps(dataset_id: str) -> list[Step]:
    """The tour on a data set of digits."""
    dataset = DATASET_TITLES[dataset_id]
    return [
        Step(
            "draw.py",
            "What is a frame?",
            "28×28 numbers, the only input of the models. The table shows how preprocessing turns "
            "a small zero in a corner into a frame.",
            ".preprocessing",
            {"source": "Draw", "predict": DEFAULT_MODELS, "tab": "Steps"},
        ),
        Step(
            "robustness.py",
            "Why does preprocessing matter?",
            "LeNet-5 and the MLP lose accuracy when digits are shifted. Logistic regression "
            "centres its input and loses little.",
            ".st-key-severities",
            {"dataset": dataset, "corruption": "Shift", "models": MODELS},
        ),
        Step(
            "draw.py",
            "What would change the answer?",
            "Each place of the map is one dot of ink more. Its colour shows what the dot does to "
            "the probability of your digit.",
            ".st-key-changes",
            {
                "source": "Draw",
                "predict": DEFAULT_MODELS,
                "tab": "What would change it",
                "view": "Ink",
            },
        ),
        Step(
            "compare.py",
            "Better, or by chance?",
            "The test counts digits that only one of two models classifies correctly. A small "
            "p-value: chance hardly explains the gap.",
            ".st-key-paired_tests",
            {"digits": dataset, "models": MODELS},
        ),
        Step(
            "draw.py",
            "Why does convolution help?",
            "Each map shows where a small filter of LeNet-5 responds to your digit. Point at a "
            "cell to see its sum. Draw to see it live.",
            ".st-key-network",
            {"source": "Draw", "predict": DEFAULT_MODELS, "tab": "Network"},
        ),
        Step(
            "models.py",
            "What does calibration mean?",
            "When a calibrated model predicts with 90% confidence, 90% of its predictions are "
            "correct: its points lie on the diagonal.",
            ".st-key-reliability",
            {"model": LENET5, "view": "Calibration", "calibration": dataset},
        ),
        Step(
            "draw.py",
            "When does a model decide?",
            "The height is its confidence while you write. Draw another digit, then move the "
            "slider to go back in time.",
            ".st-key-replay",
            {"source": "Draw", "predict": DEFAULT_MODELS, "tab": "Replay"},
        ),
        Step(
            "confusion.py",
            "Which digits are confused?",
            "Rows are true digits, columns are predictions; correct ones are hidden. Logistic "
            "regression makes most errors.",
            '[class*="st-key-confusion_"]',
            {"data": dataset, "models": MODELS, "cells": "Counts", "errors_only": "true"},
        ),
        Step(
            "draw.py",
            "Can it learn my handwriting?",
            "Draw a digit that is predicted wrongly, say what it is, teach it. Watch the accuracy "
            "on other digits. Keep the model as a run.",
            ".st-key-teach",
            {"source": "Draw", "predict": DEFAULT_MODELS, "tab": "Teach"},
        ),
        Step(
            "errors.py",
            "Why 4 and 9?",
            "What the 4s and 9s that models confuse have in common, beyond chance. Below: their "
            "means, and the digits on the border.",
            ".st-key-reasons",
            {
                "dataset": dataset,
                "show": "Why this pair",
                "pool": "All built-in models",
                "pair": "4/9",
            },
        ),
    ]


def offer_tour() -> None:
    """Link to the first step, unless the visitor is on the tour already."""
    steps = list_steps(choose_dataset())
    if _find_number(steps) is None:
        _link(steps, 1, "Take the tour", icon=":material/tour:")


def show_tour() -> None:
    """Show the note and the links of the step that the URL names; call it before the page runs."""
    steps = list_steps(choose_dataset()) if PARAMETER in st.query_params else []
    number = _find_number(steps)
    if number is None:
        st.session_state.pop(PARAMETER, None)
        return
    step = steps[number - 1]
    if st.session_state.get(PARAMETER) != number:
        st.session_state[PARAMETER] = number
        _enter(step)
    with st.container(key="tour", gap="xxsmall"):
        st.markdown(f"**{number}/{len(steps)} {step.title}** {step.note}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if number < len(steps):
                _link(steps, number + 1, "Next", icon=":material/arrow_forward:")
            if number > 1:
                _link(steps, number - 1, "Back", icon=":material/arrow_back:")
            st.page_link("draw.py", label="End tour", icon=":material/close:")
            if step.page == "draw.py":
                st.button(
                    "Put the zero on the pad",
                    key="tour_sample",
                    type="tertiary",
                    on_click=_put_sample,
                )
        point_to(step.subject, step=number)


def _find_number(steps: list[Step]) -> int | None:
    """The number of the step that the URL names, from 1; None where it names none."""
    numbers = {str(number): number for number in range(1, len(steps) + 1)}
    return numbers.get(st.query_params.get(PARAMETER, ""))


def _enter(step: Step) -> None:
    """Forget earlier choices of the visitor, which Streamlit would prefer to those in the URL."""
    for key in step.choices:
        st.session_state.pop(key, None)
    if step.page == "draw.py" and Pad().is_empty():
        _put_sample()


def _put_sample() -> None:
    random = np.random.default_rng(SAMPLE_SEED)
    Pad().put(draw_sample(SAMPLE_DIGIT, style=SAMPLE_STYLE, canvas_size=SAMPLE_SIDE, random=random))


def _link(steps: list[Step], number: int, label: str, *, icon: str) -> None:
    step = steps[number - 1]
    st.page_link(
        step.page,
        label=label,
        icon=icon,
        query_params={PARAMETER: str(number), **step.choices},
    )
