"""The preprocessing ladder as a table: each step's frame, and what each model reads in it."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from core.digits.preprocessing_steps import PreprocessingStep
from core.figures.digit import picture_from_frame, png_address
from core.inference.classifier import Classifier

RUNG_SIDE = 48


def show_preprocessing_steps(
    steps: Sequence[PreprocessingStep], classifiers: Sequence[Classifier]
) -> None:
    """A row a step: the frame, and what each model would read in it."""
    final = steps[-2].frame
    answers = {one.model_id: one.predict(final).digit for one in classifiers}
    rows = []
    for step in steps:
        picture = png_address(np.asarray(picture_from_frame(step.frame, side=2 * RUNG_SIDE)))
        cells = []
        for classifier in classifiers:
            said = classifier.predict(step.frame)
            same = said.digit == answers[classifier.model_id]
            mark, word = ("✓", "as in the end") if same else ("✗", "otherwise than in the end")
            cells.append(
                f'<td title="{word}"><span aria-label="{word}">{mark}</span> '
                f"<b>{said.digit}</b> {said.confidence:.0%}</td>"
            )
        rows.append(
            f'<tr><td><img src="{picture}" width="{RUNG_SIDE}" height="{RUNG_SIDE}" alt=""></td>'
            f'<th scope="row">{escape(step.title)}<div class="faint">'
            f"{escape(step.explanation)}</div></th>{''.join(cells)}</tr>"
        )
    head = "".join(f'<th scope="col">{escape(one.title)}</th>' for one in classifiers)
    st.html(
        '<div class="ladder"><table><thead><tr><td></td><th scope="col">Step</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
    st.caption("✗ marks a model that would read another digit if preprocessing stopped there.")
