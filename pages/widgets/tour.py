"""The tour: a few steps through the pages, each a page with its choices made and a note on it.

A step is an address: ``?tour=3`` beside those choices shows its note above the page, however one
came there. What somebody changes on the page leaves the note where it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.synthesis.glyphs import draw_sample
from pages.widgets import pad
from pages.widgets.data import DATASET_TITLES, choose_dataset

PARAMETER = "tour"
# With longer ones the banner would fill a phone.
MAX_NOTE_LENGTH = 130
LENET5, THREE = "LeNet-5", ("LeNet-5", "Logistic regression", "MLP")
# What the first step puts on the pad: small, and in a corner, as samples lie on their canvas.
SAMPLE_DIGIT, SAMPLE_HABIT, SAMPLE_SIDE, SAMPLE_SEED = 0, "slashed", 130, 3


@dataclass(frozen=True)
class Step:
    """One stop of the tour.

    Attributes:
        page: its file in ``pages/``.
        title: the question that it answers.
        note: what to look at, in a sentence or two.
        choices: the page's parameters, as its URL has them. Neighbours share none: at a change of
            page Streamlit drops the parameters whose names the page before has bound, too.
    """

    page: str
    title: str
    note: str
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
            "All that models see of a drawing: 28×28 numbers. See the steps that lead there from a "
            "small zero in a corner.",
            {"source": "Draw", "predict": "The three", "closer": "Steps to the frame"},
        ),
        Step(
            "robustness.py",
            "Why does preprocessing decide?",
            "Both networks misread digits a few pixels off. Logistic regression, which centres "
            "them by itself, hardly notices.",
            {"dataset": dataset, "corruption": "Shift", "models": THREE},
        ),
        Step(
            "models.py",
            "Why does convolution help?",
            "Small filters slide over the frame; each map shows where one found its stroke. "
            "LeNet-5 needs a tenth of the MLP's weights.",
            {"model": LENET5, "view": "Feature maps"},
        ),
        Step(
            "compare.py",
            "Better, or by chance?",
            "Only digits that one alone reads right tell two models apart. Further down, p says "
            "how often chance would part them as far.",
            {"digits": dataset, "models": THREE},
        ),
        Step(
            "models.py",
            "What does calibration mean?",
            "Of the digits of which a calibrated model is 90 % sure, it reads 90 % right: its "
            "points lie on the diagonal.",
            {"model": LENET5, "view": "Calibration", "calibration": dataset},
        ),
        Step(
            "confusion.py",
            "Which digits are confused?",
            "A row is what was written, a column what was read; what is right is hidden. Logistic "
            "regression confuses most.",
            {"data": dataset, "models": THREE, "cells": "Counts", "errors_only": "true"},
        ),
        Step(
            "errors.py",
            "Why 4 and 9?",
            "Little but the top tells them apart. Look-alikes shows which 4s and 9s are like the "
            "picked one, and where the two differ.",
            {
                "dataset": dataset,
                "show": "Misclassified digits",
                "model": LENET5,
                "pair": "4/9",
                "way": "both",
                "detail": "Look-alikes",
            },
        ),
    ]


def offer_tour() -> None:
    """Lead to the first step; nothing to who is under way."""
    if PARAMETER not in st.query_params:
        steps = list_steps(choose_dataset())
        _link(steps, 1, "Take the tour", icon=":material/tour:")


def show_tour() -> None:
    """Show the note of the step that the URL names, and the way on; called before the page runs."""
    steps = list_steps(choose_dataset()) if PARAMETER in st.query_params else []
    if st.query_params.get(PARAMETER) not in map(str, range(1, len(steps) + 1)):
        st.session_state.pop(PARAMETER, None)
        return
    number = int(st.query_params[PARAMETER])
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
                    "Put it on the pad", key="tour_sample", type="tertiary", on_click=_put_sample
                )


def _enter(step: Step) -> None:
    """Forget what the visitor chose before, which Streamlit would prefer to the URL's defaults."""
    for key in step.choices:
        st.session_state.pop(key, None)
    if step.page == "draw.py" and not (st.session_state.get("pad_drawing") or {}).get("objects"):
        _put_sample()


def _put_sample() -> None:
    random = np.random.default_rng(SAMPLE_SEED)
    pad.put_on_pad(
        draw_sample(SAMPLE_DIGIT, style=SAMPLE_HABIT, canvas_size=SAMPLE_SIDE, random=random)
    )


def _link(steps: list[Step], number: int, label: str, *, icon: str) -> None:
    step = steps[number - 1]
    st.page_link(
        step.page,
        label=label,
        icon=icon,
        query_params={PARAMETER: str(number), **step.choices},
    )
