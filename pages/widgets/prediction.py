"""A reading: what the models say of one frame, as an answer, a chart and a table."""

from collections.abc import Sequence
from html import escape

import numpy as np
import pyarrow as pa
import streamlit as st

from core.digits.frame import FRAME_SIZE
from core.figures.digit import picture_from_frame, png_address
from core.figures.probabilities import draw_probabilities
from core.inference.prediction import Prediction, majority_vote
from core.server.turns import sleep_unless_waiting
from pages.widgets.cache import get_colours

# Of the picture of the frame, in pixels of the screen.
FRAME_SIDE = 112
# From so many on, the legend takes several lines.
MANY_MODELS = 5
# Seconds from the answer to whatever comes after it. A browser that is drawing the chart paints
# nothing else: without a head start, the answer would be seen only when all is there.
HEAD_START = 0.08


def show_answer(predictions: Sequence[Prediction], frame: np.ndarray) -> None:
    """The digit in large type, or a question mark when no model is sure; what they saw.

    Returns when the browser has had the time to paint it, or when somebody waits for their turn.
    """
    vote = majority_vote(predictions)
    answer = "?" if vote.not_sure else vote.digit
    picture = png_address(np.asarray(picture_from_frame(frame, side=FRAME_SIZE)))
    # One element, as what a page has to draw before the answer decides when it is seen; the picture
    # along with it, as a file of its own would take another request.
    st.html(
        f'<div class="answer"><b role="status" aria-live="polite" data-testid="answer">{answer}</b>'
        f'<img class="digit-picture" src="{picture}" alt="The 28×28 frame the models saw" '
        f'width="{FRAME_SIDE}" height="{FRAME_SIDE}"><p>{escape(describe_agreement(predictions))}'
        "<small>Left: the 28×28 frame they saw.</small></p></div>"
    )
    sleep_unless_waiting(HEAD_START)


def describe_agreement(predictions: Sequence[Prediction]) -> str:
    """One sentence on how far the models agree."""
    vote = majority_vote(predictions)
    answer = vote.digit
    if vote.not_sure:
        return f"Not sure: this may be no digit. If it is one, it is most like a {answer}."
    if len(predictions) == 1:
        return f"{predictions[0].title} is {predictions[0].confidence:.1%} sure."
    others = [f"{one.title} reads {one.digit}" for one in predictions if one.digit != answer]
    if not others:
        return f"All {len(predictions)} models agree."
    return f"The models disagree: {' and '.join(others)}."


def show_probabilities(predictions: Sequence[Prediction], *, key: str) -> None:
    """Every model's ten probabilities in one chart."""
    st.plotly_chart(
        draw_probabilities(
            predictions,
            get_colours([one.model_id for one in predictions]),
            height=240 if len(predictions) < MANY_MODELS else 340,
        ),
        key=key,
        config={"displayModeBar": False},
        alt="Bars: the probability each model gives each digit. "
        + " ".join(f"{one.title}: {one.digit} with {one.confidence:.1%}." for one in predictions),
    )


def show_ranking(predictions: Sequence[Prediction]) -> None:
    """Each model's three best digits and the time it took."""
    rows = [
        {
            "Model": one.title,
            **{
                place: f"**{digit}** {probability:.1%}"
                for place, (digit, probability) in zip(
                    ("First", "Second", "Third"), one.top(3), strict=True
                )
            },
            "Time": f"{one.seconds * 1000:.2f} ms",
        }
        for one in predictions
    ]
    # In the form that Streamlit sends: it gets there by way of pandas, in ten times the time.
    st.table(
        pa.Table.from_pylist(rows),
        hide_index=True,
        alt="Three best digits of each model",
    )
