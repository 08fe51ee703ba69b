"""Error rates side by side: of every model on every data set, and of one model on every digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.style import DATASET_COLOURS, PEN_COLOURS, escape_label, lay_out
from core.models.card import Estimate

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "star", "cross", "triangle-down")
# A log axis has no 0: a model without any error is drawn here.
MIN_ERROR_RATE = 1e-4
TICKS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
ROW_HEIGHT = 46
# As shares of a row: between two data sets, and all of them together.
STEP, SPREAD = 0.16, 0.8


@dataclass(frozen=True)
class AccuracyRow:
    """One model's accuracies, by the title of the data set."""

    title: str
    accuracies: Mapping[str, Estimate]


def draw_error_rates(rows: Sequence[AccuracyRow], datasets: Sequence[str]) -> go.Figure:
    """One row for each model, with a marker and a 95% interval for each data set.

    The axis is logarithmic, so that error rates of 0.5% and 30% can both be compared. A data set
    on which a model was not measured is left out of its row.

    Args:
        rows: the models, from the top.
        datasets: titles of the data sets, in the order of the legend.
    """
    figure = go.Figure()
    step = min(STEP, SPREAD / max(len(datasets), 1))
    for place, dataset in enumerate(datasets):
        offset = step * (place - (len(datasets) - 1) / 2)
        figure.add_trace(_draw_dataset(rows, dataset, place=place, offset=offset))
    figure.update_xaxes(
        title="Error rate, log scale",
        type="log",
        tickvals=TICKS,
        tickformat="~%",
        fixedrange=True,
    )
    figure.update_yaxes(
        tickvals=[*range(len(rows))],
        ticktext=[escape_label(row.title) for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    for border in range(1, len(rows)):
        figure.add_hline(y=border - 0.5, line={"width": 1, "color": "rgba(127,127,127,0.25)"})
    return lay_out(figure, height=110 + ROW_HEIGHT * len(rows))


def describe_error_rates(rows: Sequence[AccuracyRow]) -> str:
    """The same in words."""
    sentences = []
    for row in rows:
        rates = (f"{name} {1 - accuracy.value:.1%}" for name, accuracy in row.accuracies.items())
        sentences.append(f"{row.title}: {', '.join(rates)}.")
    return " ".join(sentences)


def draw_error_rates_by_digit(accuracies: Mapping[str, Sequence[float]]) -> go.Figure:
    """Ten groups of bars: the error rate on each digit.

    Args:
        accuracies: ten accuracies, 0…1, for the digits 0…9, by the title of the data set.
    """
    figure = go.Figure()
    colours = PEN_COLOURS[-len(accuracies) :]
    for (dataset, shares), colour in zip(accuracies.items(), colours, strict=True):
        figure.add_bar(
            x=[*range(10)],
            y=[1 - share for share in shares],
            name=dataset,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{x}: %{y:.1%}",
        )
    figure.update_xaxes(title="Digit", dtick=1, fixedrange=True)
    figure.update_yaxes(title="Error rate", tickformat="~%", rangemode="tozero", fixedrange=True)
    return lay_out(figure, height=280, barmode="group", bargap=0.25, hovermode="x", showlegend=True)


def describe_error_rates_by_digit(accuracies: Mapping[str, Sequence[float]]) -> str:
    """The same in words."""
    sentences = []
    for dataset, shares in accuracies.items():
        rates = (f"{digit} {1 - share:.1%}" for digit, share in enumerate(shares))
        sentences.append(f"{dataset}: {', '.join(rates)}.")
    return " ".join(sentences)


def _draw_dataset(
    rows: Sequence[AccuracyRow], dataset: str, *, place: int, offset: float
) -> go.Scatter:
    """The markers of one data set, each shifted by the offset from the middle of its row."""
    measured = [
        (number, escape_label(row.title), row.accuracies[dataset])
        for number, row in enumerate(rows)
        if dataset in row.accuracies
    ]
    rates = [max(1 - accuracy.value, MIN_ERROR_RATE) for _, _, accuracy in measured]
    lows = [max(1 - accuracy.high, MIN_ERROR_RATE) for _, _, accuracy in measured]
    highs = [max(1 - accuracy.low, MIN_ERROR_RATE) for _, _, accuracy in measured]
    colour = DATASET_COLOURS[place % len(DATASET_COLOURS)]
    return go.Scatter(
        x=rates,
        y=[number + offset for number, _, _ in measured],
        name=dataset,
        mode="markers",
        marker={"color": colour, "size": 9, "symbol": SYMBOLS[place % len(SYMBOLS)]},
        error_x={
            "array": [high - rate for high, rate in zip(highs, rates, strict=True)],
            "arrayminus": [rate - low for low, rate in zip(lows, rates, strict=True)],
            "color": colour,
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[
            [title, accuracy.value, accuracy.low, accuracy.high] for _, title, accuracy in measured
        ],
        hovertemplate="%{customdata[0]}: accuracy %{customdata[1]:.2%} "
        "(%{customdata[2]:.2%} to %{customdata[3]:.2%})<extra>%{fullData.name}</extra>",
    )
