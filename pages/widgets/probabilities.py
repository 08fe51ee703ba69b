"""Probabilities: every model's ten of one frame, as bars and as a table.

They are HTML, which the browser paints at once; a chart of Plotly loads a megabyte of script first.
``pages/live/bars.js`` shows the same while somebody draws.
"""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from core.inference.prediction import Prediction
from pages.widgets.cache import get_colours

STYLE = Path(__file__).with_suffix(".css")
SHARES = ("100%", "50%", "0%")  # beside the lines of the chart
PLACES = ("First", "Second", "Third")
DESCRIPTION = (
    "Bar chart of the probability each model gives each digit. The table below has the values."
)


def show_probabilities(
    predictions: Sequence[Prediction], others: Sequence[Prediction] = ()
) -> None:
    """Show the probabilities of one frame.

    Args:
        predictions: of the models that have bars.
        others: of models that are in the table only.
    """
    ids = [prediction.model_id for prediction in predictions]
    known = get_colours(ids)
    colours = {model_id: known[model_id] for model_id in ids}
    st.html(
        f'<div class="probabilities">{_write_chart(predictions, colours)}'
        f"{_write_table([*predictions, *others], colours)}</div>"
    )


def _write_chart(predictions: Sequence[Prediction], colours: Mapping[str, str]) -> str:
    axis = "".join(f"<span>{share}</span>" for share in SHARES)
    groups = "".join(_write_group(digit, predictions, colours) for digit in range(10))
    return (
        f'<div class="chart" role="img" aria-label="{DESCRIPTION}">'
        f'<div class="axis">{axis}</div>{groups}</div>'
    )


def _write_group(digit: int, predictions: Sequence[Prediction], colours: Mapping[str, str]) -> str:
    bars = "".join(
        f'<i class="bar" style="background: {colours[prediction.model_id]}; '
        f'transform: scaleY({prediction.probabilities[digit]:.5f})"></i>'
        for prediction in predictions
    )
    return f'<div class="group"><div class="bars">{bars}</div><span>{digit}</span></div>'


def _write_table(predictions: Sequence[Prediction], colours: Mapping[str, str]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Model", *PLACES))
    rows = "".join(
        f'<tr><th scope="row">{_write_swatch(colours.get(prediction.model_id))}'
        f"{escape(prediction.title)}</th>{_write_ranking(prediction)}</tr>"
        for prediction in predictions
    )
    return (
        "<table><caption>The three most probable digits of each model</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _write_swatch(colour: str | None) -> str:
    return f'<i class="swatch" style="background: {colour}"></i>' if colour else ""


def _write_ranking(prediction: Prediction) -> str:
    return "".join(
        f"<td><b>{digit}</b><span> {probability:.1%}</span></td>"
        for digit, probability in prediction.top(len(PLACES))
    )
