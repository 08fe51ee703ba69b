"""The closer look: details of a digit, of which the visitor picks one; none is computed before."""

from collections.abc import Sequence

import streamlit as st

from core.inference.classifier import Classifier
from core.inference.inputs import NumberInput
from core.inference.number_prediction import DigitPrediction
from pages.parts.draw.preprocessing import show_preprocessing_steps
from pages.parts.draw.provenance import show_details_to_cite
from pages.parts.draw.sensitivity import show_sensitivity
from pages.parts.draw.similar_errors import show_similar_errors

DETAIL = "closer"  # the key of the picked one in the session and in the URL
DETAILS = STEPS, SENSITIVITY, SIMILAR_ERRORS, DETAILS_TO_CITE = (
    "Preprocessing steps",
    "Sensitivity",
    "Similar errors",
    "Details to cite",
)


def pick_detail() -> str | None:
    """Let the visitor pick one."""
    return st.pills("Look closer", DETAILS, key=DETAIL, wrap=True, bind="query-params")


def show_detail(
    detail: str | None,
    given: NumberInput,
    picked: DigitPrediction,
    classifiers: Sequence[Classifier],
) -> None:
    """Show the picked detail of a digit; nothing if none is picked."""
    frame = picked.found.frame
    if detail == STEPS:
        show_preprocessing_steps(given.list_steps(picked.found), classifiers)
    elif detail == SENSITIVITY:
        show_sensitivity(frame, classifiers)
    elif detail == SIMILAR_ERRORS:
        show_similar_errors(frame, classifiers)
    elif detail == DETAILS_TO_CITE:
        show_details_to_cite(frame, picked.predictions)
