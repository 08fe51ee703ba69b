"""Predictions of one frame: a sentence, a chart of probabilities and a table."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.figures.probabilities import draw_probabilities
from core.inference.prediction import Prediction
from core.inference.vote import Vote
from pages.widgets.cache import get_colours
from pages.widgets.wording import escape_markdown

# With this many models or more, the legend takes several lines.
MANY_MODELS = 5
# Pixels.
CHART_HEIGHT, TALL_CHART_HEIGHT = 240, 340


def describe_agreement(vote: Vote, predictions: Sequence[Prediction], *, question: str = "") -> str:
    """How far the models agree on a frame, how confident they are, and how many doubt.

    Args:
        vote: of the models.
        predictions: of the models for the frame.
        question: what the frame may be instead of a digit.
    """
    doubts = _describe_doubts(vote, len(predictions))
    if not vote.is_digit:
        likely = f"The most likely digit is {vote.digit}, with {vote.confidence:.1%} confidence."
        return _join_sentences(question, doubts, likely)
    return _join_sentences(_describe_digit(vote, predictions), doubts)


def _describe_digit(vote: Vote, predictions: Sequence[Prediction]) -> str:
    if len(predictions) == 1:
        return (
            f"{predictions[0].title} predicts {vote.digit} with {vote.confidence:.1%} confidence."
        )
    others = [
        f"{prediction.title} predicts {prediction.digit}"
        for prediction in predictions
        if prediction.digit != vote.digit
    ]
    agreement = f"All {len(predictions)} models predict {vote.digit}."
    if others:
        agreement = f"The models disagree: {' and '.join(others)}."
    return f"{agreement} Confidence in {vote.digit}: {vote.confidence:.1%}."


def _describe_doubts(vote: Vote, models: int) -> str:
    if not vote.doubts:
        return "" if vote.looks_like_digit else "This does not look like a digit."
    verb = "doubts" if vote.doubts == 1 else "doubt"
    who = "The model" if models == 1 else f"{vote.doubts} of {models} models"
    return f"{who} {verb} that this is a digit."


def _join_sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


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
            "Model": escape_markdown(prediction.title),
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
