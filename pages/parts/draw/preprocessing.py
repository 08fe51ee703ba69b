"""The preprocessing steps as a table: the frame after each step, and what each model predicts."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import streamlit as st

from core.digits.preprocessing_steps import PreprocessingStep
from core.figures.digit import picture_from_frame, png_address
from core.inference.classifier import Classifier

FRAME_SIDE = 48


def show_preprocessing_steps(
    steps: Sequence[PreprocessingStep], classifiers: Sequence[Classifier]
) -> None:
    """A row per step: its frame, and each model's prediction for that frame."""
    final = steps[-2].frame
    digits = {classifier.model_id: classifier.predict(final).digit for classifier in classifiers}
    titles = "".join(
        f'<th scope="col">{escape(classifier.title)}</th>' for classifier in classifiers
    )
    rows = "".join(_write_row(step, classifiers, digits) for step in steps)
    st.html(
        '<div class="preprocessing"><table><thead><tr><td></td><th scope="col">Step</th>'
        f"{titles}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    st.caption(
        "✓: the model predicts the same digit as for the final frame. ✗: it predicts another one."
    )


def _write_row(
    step: PreprocessingStep, classifiers: Sequence[Classifier], digits: Mapping[str, int]
) -> str:
    """The row of a step; ``digits`` are the models' predictions for the final frame."""
    address = png_address(np.asarray(picture_from_frame(step.frame, side=2 * FRAME_SIDE)))
    cells = "".join(
        _write_cell(step, classifier, digits[classifier.model_id]) for classifier in classifiers
    )
    return (
        f'<tr><td><img src="{address}" width="{FRAME_SIDE}" height="{FRAME_SIDE}" alt=""></td>'
        f'<th scope="row">{escape(step.title)}<div class="faint">{escape(step.explanation)}</div>'
        f"</th>{cells}</tr>"
    )


def _write_cell(step: PreprocessingStep, classifier: Classifier, digit: int) -> str:
    predicted = classifier.predict(step.frame)
    mark, words = ("✓", "same digit as for the final frame")
    if predicted.digit != digit:
        mark, words = ("✗", "another digit than for the final frame")
    return (
        f'<td title="{words}"><span aria-label="{words}">{mark}</span> '
        f"<b>{predicted.digit}</b> {predicted.confidence:.0%}</td>"
    )
