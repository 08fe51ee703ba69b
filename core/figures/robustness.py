"""Robustness: accuracy against severity, and all corruptions at a glance."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.style import lay_out, sequential_scale
from core.models.card import Estimate
from core.synthesis.corruptions import Corruption

# Beside colours, for whom these are too many to tell apart; a model keeps its own, too.
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "triangle-down", "cross", "x", "star",
           "pentagon")  # fmt: skip
BAND_OPACITY = 0.15
ROW_HEIGHT = 26
# The accuracy from which text on the sequential scale has to turn, on a light and a dark page.
TEXT_TURNS = {False: 0.74, True: 0.64}


@dataclass(frozen=True)
class SeverityCurve:
    """One model's accuracy at the severities 0, untouched, to 5."""

    model_id: str
    title: str
    estimates: Sequence[Estimate]


def draw_severity_curves(
    curves: Sequence[SeverityCurve], colours: Mapping[str, str], corruption: Corruption
) -> go.Figure:
    """A line a model, with a band over the 95 % intervals.

    Args:
        curves: the models.
        colours: of all models there are, by id, in the same order every time.
        corruption: whose severities these are.
    """
    severities = [*range(len(corruption.amounts) + 1)]
    figure = go.Figure()
    symbols = dict(zip(colours, itertools.cycle(SYMBOLS), strict=False))
    for curve in curves:
        colour = colours[curve.model_id]
        figure.add_scatter(
            x=[*severities, *severities[::-1]],
            y=[
                *(one.high for one in curve.estimates),
                *(one.low for one in reversed(curve.estimates)),
            ],
            fill="toself",
            fillcolor=_make_translucent(colour),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            legendgroup=curve.model_id,
            showlegend=False,
        )
        figure.add_scatter(
            x=severities,
            y=[one.value for one in curve.estimates],
            name=curve.title,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": symbols[curve.model_id], "size": 8},
            legendgroup=curve.model_id,
            customdata=[[one.low, one.high] for one in curve.estimates],
            hovertemplate="%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
        )
    figure.update_xaxes(
        title=f"Severity, and {corruption.title.lower()}"
        + (f" ({corruption.unit})" if corruption.unit else ""),
        tickvals=severities,
        ticktext=["0<br>none", *(f"{i}<br>{a:g}" for i, a in enumerate(corruption.amounts, 1))],
        range=[-0.15, len(corruption.amounts) + 0.15],
        fixedrange=True,
    )
    figure.update_yaxes(title="Accuracy", tickformat="~%", range=[0, 1.02], fixedrange=True)
    return lay_out(figure, height=400, hovermode="x unified")


def draw_overview(
    rows: Sequence[str], columns: Sequence[str], accuracies: np.ndarray, *, dark: bool
) -> go.Figure:
    """Every corruption by every model, the accuracy in each cell in per cent.

    The first row sums the others up, and its name is bold.

    Args:
        rows: the mean's name and those of the corruptions, from the first on top.
        columns: titles of the models.
        accuracies: ``(rows, columns)``, 0…1.
        dark: whether the page is dark.
    """
    names = [f"<b>{rows[0]}</b>", *rows[1:]]
    figure = go.Figure(
        go.Heatmap(
            z=accuracies,
            x=[*columns],
            y=names,
            colorscale=sequential_scale(dark=dark),
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="%{x}, %{y}: %{z:.1%}<extra></extra>",
        )
    )
    # In a trace of its own: a heatmap writes grey on medium blue.
    below, above = ("white", "black") if dark else ("black", "white")
    figure.add_scatter(
        x=[*columns] * len(names),
        y=[name for name in names for _ in columns],
        text=[f"{100 * one:.0f}" for one in accuracies.ravel()],
        mode="text",
        textfont={
            "size": 12,
            "color": [above if one > TEXT_TURNS[dark] else below for one in accuracies.ravel()],
        },
        hoverinfo="skip",
        showlegend=False,
    )
    common = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(**common, side="top", automargin=True)
    figure.update_yaxes(**common, autorange="reversed", automargin=True)
    return lay_out(figure, height=130 + ROW_HEIGHT * len(rows))


def _make_translucent(colour: str) -> str:
    """``#RRGGBB`` as a colour that lets others through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND_OPACITY})"
