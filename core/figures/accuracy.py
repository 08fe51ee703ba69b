"""Accuracy side by side: how much of each data set every model misreads, and of each digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.style import DATASET_COLOURS, lay_out
from core.models.card import Estimate

SYMBOLS = ("circle", "diamond", "square", "triangle-up")
# A log axis has no 0: a model without any error stands here.
MIN_SHARE = 1e-4
TICKS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
ROW_HEIGHT = 40


@dataclass(frozen=True)
class AccuracyRow:
    """One model's accuracies, by the title of the data set."""

    title: str
    accuracies: Mapping[str, Estimate]


def draw_misread_shares(rows: Sequence[AccuracyRow], datasets: Sequence[str]) -> go.Figure:
    """A row a model, from the first on top; a dot with its 95 % interval for each data set.

    The axis is the share misread on a log scale: it shows 0.5 % and 30 % alike. A data set on
    which a model was not measured is left out of its row.

    Args:
        rows: the models.
        datasets: titles of the data sets, in the order of the legend.
    """
    figure = go.Figure()
    for place, dataset in enumerate(datasets):
        found = [
            (row, one.accuracies[dataset], one.title)
            for row, one in enumerate(rows)
            if dataset in one.accuracies
        ]
        shares = [max(1 - accuracy.value, MIN_SHARE) for _, accuracy, _ in found]
        lows = [max(1 - accuracy.high, MIN_SHARE) for _, accuracy, _ in found]
        highs = [max(1 - accuracy.low, MIN_SHARE) for _, accuracy, _ in found]
        colour = DATASET_COLOURS[place % len(DATASET_COLOURS)]
        figure.add_scatter(
            x=shares,
            y=[row + 0.18 * (place - (len(datasets) - 1) / 2) for row, _, _ in found],
            name=dataset,
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": SYMBOLS[place % len(SYMBOLS)]},
            error_x={
                "array": [high - share for high, share in zip(highs, shares, strict=True)],
                "arrayminus": [share - low for low, share in zip(lows, shares, strict=True)],
                "color": colour,
                "thickness": 1.5,
                "width": 3,
            },
            customdata=[
                [title, accuracy.value, accuracy.low, accuracy.high] for _, accuracy, title in found
            ],
            hovertemplate="%{customdata[0]}: %{customdata[1]:.2%} right "
            "(%{customdata[2]:.2%} to %{customdata[3]:.2%})<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(
        title="Share misread, log scale",
        type="log",
        tickvals=TICKS,
        tickformat="~%",
        fixedrange=True,
    )
    figure.update_yaxes(
        tickvals=[*range(len(rows))],
        ticktext=[row.title for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    for row in range(1, len(rows)):
        figure.add_hline(y=row - 0.5, line={"width": 1, "color": "rgba(127,127,127,0.25)"})
    return lay_out(figure, height=110 + ROW_HEIGHT * len(rows))


def draw_misread_digits(accuracies: Mapping[str, Sequence[float]]) -> go.Figure:
    """Ten groups of bars: the share of each digit that is misread.

    Args:
        accuracies: ten shares read right, for the digits 0…9, by the title of the data set.
    """
    figure = go.Figure()
    for (dataset, shares), colour in zip(
        accuracies.items(), DATASET_COLOURS[-len(accuracies) :], strict=True
    ):
        figure.add_bar(
            x=[*range(10)],
            y=[1 - share for share in shares],
            name=dataset,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{x}: %{y:.1%}",
        )
    figure.update_xaxes(title="Digit", dtick=1, fixedrange=True)
    figure.update_yaxes(title="Misread", tickformat="~%", rangemode="tozero", fixedrange=True)
    return lay_out(figure, height=280, barmode="group", bargap=0.25, hovermode="x", showlegend=True)
