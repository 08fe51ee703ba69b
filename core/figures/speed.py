"""Accuracy of models against the time of a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.analysis.speed import Speed
from core.figures.style import escape_label, lay_out
from core.models.card import Estimate

# A log axis has no 0: a model without any error is drawn here.
MIN_ERROR_RATE = 1e-4
TICKS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
LATENCY_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # ms
HEIGHT = 440


@dataclass(frozen=True)
class SpeedRow:
    """One model: its title, its colour, its accuracy on the MNIST test set, and its speed.

    The accuracy is 0…1, and None where it was not measured.
    """

    title: str
    colour: str
    accuracy: Estimate | None
    speed: Speed


def draw_speeds(rows: Sequence[SpeedRow]) -> go.Figure:
    """A marker for each model: its accuracy against its latency, with lines to the bounds.

    The horizontal line goes from the median to the 95th percentile, the vertical one over the 95 %
    interval. Both axes are logarithmic, the vertical one in the error rate, so that 99 % and 99.5 %
    are as far apart as 98 % and 99 %. Models without an accuracy are left out.
    """
    figure = go.Figure([_draw_model(row, row.accuracy) for row in rows if row.accuracy])
    figure.update_xaxes(
        title="Median latency in ms, log scale",
        type="log",
        tickvals=LATENCY_TICKS,
    )
    figure.update_yaxes(
        title="Accuracy on the MNIST test set",
        type="log",
        autorange="reversed",
        tickvals=TICKS,
        ticktext=[f"{100 * (1 - tick):g}%" for tick in TICKS],
    )
    return lay_out(figure, height=HEIGHT, showlegend=True)


def describe_speeds(rows: Sequence[SpeedRow]) -> str:
    """The same in words."""
    return " ".join(
        f"{row.title}: accuracy {row.accuracy.value:.2%}, {1000 * row.speed.median:.2f} ms."
        for row in rows
        if row.accuracy
    )


def _draw_model(row: SpeedRow, accuracy: Estimate) -> go.Scatter:
    median, percentile_95 = 1000 * row.speed.median, 1000 * row.speed.percentile_95
    error_rate, lowest, highest = (
        max(1 - share, MIN_ERROR_RATE) for share in (accuracy.value, accuracy.high, accuracy.low)
    )
    line = {"color": row.colour, "thickness": 1.5, "width": 3, "symmetric": False}
    return go.Scatter(
        x=[median],
        y=[error_rate],
        name=escape_label(row.title),
        mode="markers",
        marker={"color": row.colour, "size": 11},
        error_x={"array": [percentile_95 - median], "arrayminus": [0], **line},
        error_y={"array": [highest - error_rate], "arrayminus": [error_rate - lowest], **line},
        hovertemplate=f"accuracy {accuracy.value:.2%}<br>p50 {median:.2f} ms<br>"
        f"p95 {percentile_95:.2f} ms<br>{row.speed.file_size / 1000:,.0f} kB",
    )
