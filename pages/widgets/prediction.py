"""Predictions of one frame: the answer in large type, a chart of probabilities and a table."""

from collections.abc import Sequence
from html import escape

import numpy as np
import pyarrow as pa
import streamlit as st

from core.digits.frame import FRAME_SIZE, Frame
from core.figures.digit import picture_from_frame, png_address
from core.figures.probabilities import draw_probabilities
from core.inference.prediction import Prediction
from core.inference.vote import combine_predictions
from core.server.turns import sleep_unless_waiting
from pages.widgets.cache import get_colours

# Of the picture of the frame, in pixels of the screen.
FRAME_SIDE = 112
# With this many models or more, the legend takes several lines.
MANY_MODELS = 5
# Pixels.
CHART_HEIGHT, TALL_CHART_HEIGHT = 240, 340
# Seconds between the answer and what comes after it. A browser that is drawing the chart paints
# nothing else: without a head start, the answer would appear only together with the chart.
HEAD_START = 0.08


def show_answer(predictions: Sequence[Prediction], frame: Frame) -> None:
    """The predicted digit in large type, or a question mark, beside the frame and a sentence.

    Returns when the browser has had the time to paint it, or when another visitor is waiting.
    """
    answer = combine_predictions(predictions).character
    picture = png_address(np.asarray(picture_from_frame(frame, side=FRAME_SIZE)))
    # One element, because the browser paints one element sooner than several. The picture is part
    # of it, because a file of its own would take another request.
    st.html(
        f'<div class="answer"><b role="status" aria-live="polite" data-testid="answer">{answer}</b>'
        f'<img class="digit-picture" src="{picture}" alt="The 28×28 frame the models classify" '
        f'width="{FRAME_SIDE}" height="{FRAME_SIDE}"><p>{escape(describe_agreement(predictions))}'
        "<small>Left: the 28×28 frame the models classify.</small></p></div>"
    )
    sleep_unless_waiting(HEAD_START)


def describe_agreement(predictions: Sequence[Prediction]) -> str:
    """One sentence on how far the models agree."""
    vote = combine_predictions(predictions)
    if not vote.is_digit:
        return f"Not sure: this may not be a digit. The most likely digit is {vote.digit}."
    if len(predictions) == 1:
        (single,) = predictions
        return f"{single.title} predicts {single.digit} with {single.confidence:.1%} confidence."
    others = [
        f"{prediction.title} predicts {prediction.digit}"
        for prediction in predictions
        if prediction.digit != vote.digit
    ]
    if not others:
        return f"All {len(predictions)} models predict {vote.digit}."
    return f"The models disagree: {' and '.join(others)}."


def show_probabilities(predictions: Sequence[Prediction], *, key: str) -> None:
    """Every model's ten probabilities in one chart."""
    st.plotly_chart(
        draw_probabilities(
            predictions,
            get_colours([prediction.model_id for prediction in predictions]),
            height=CHART_HEIGHT if len(predictions) < MANY_MODELS else TALL_CHART_HEIGHT,
        ),
        key=key,
        config={"displayModeBar": False},
        alt="Bar chart of the probability each model gives each digit. "
        + " ".join(
            f"{prediction.title}: {prediction.digit} with {prediction.confidence:.1%}."
            for prediction in predictions
        ),
    )


def show_ranking(predictions: Sequence[Prediction]) -> None:
    """Each model's three most probable digits and the time it took."""
    rows = [
        {
            "Model": prediction.title,
            **{
                place: f"**{digit}** {probability:.1%}"
                for place, (digit, probability) in zip(
                    ("First", "Second", "Third"), prediction.top(3), strict=True
                )
            },
            "Time": f"{prediction.seconds * 1000:.2f} ms",
        }
        for prediction in predictions
    ]
    # An Arrow table is what Streamlit sends. By way of pandas it would take ten times as long.
    st.table(
        pa.Table.from_pylist(rows),
        hide_index=True,
        alt="The three most probable digits of each model",
    )
