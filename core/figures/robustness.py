"""Robustness: accuracy against severity, and all corruptions and models in one figure."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.style import escape_label, lay_out, sequential_scale
from core.models.card import Estimate
from core.synthesis.corruptions import Corruption

# Models differ in colour and in shape: ten colours are too many for some readers to tell apart.
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "triangle-down", "cross", "x", "star",
           "pentagon", "hourglass")  # fmt: skip
BAND_OPACITY = 0.15
ROW_HEIGHT = 26
# In a cell of the overview where a model was not measured yet.
NOT_MEASURED = "–"
# The accuracy above which text needs the other colour, by whether the page is dark.
TEXT_TURNS = {False: 0.74, True: 0.64}


@dataclass(frozen=True)
class SeverityCurve:
    """One model's accuracy at the severities 0 (not corrupted) to 5."""

    model_id: str
    title: str
    estimates: Sequence[Estimate]


def find_scale(corruption: Corruption) -> tuple[float, str]:
    """What amounts are multiplied by where they are shown, and their unit: angles in degrees."""
    return (math.degrees(1), "degrees") if corruption.unit == "rad" else (1.0, corruption.unit)


def draw_severity_curves(
    curves: Sequence[SeverityCurve], colours: Mapping[str, str], corruption: Corruption
) -> go.Figure:
    """One line for each model, with a band for the 95% intervals.

    Args:
        curves: accuracies of the models that are shown.
        colours: colours of all models by id, always in the same order: the order chooses the shape
            of a model's markers.
        corruption: the corruption that the severities belong to.
    """
    severities = [*range(len(corruption.amounts) + 1)]
    figure = go.Figure()
    symbols = dict(zip(colours, itertools.cycle(SYMBOLS), strict=False))
    for curve in curves:
        colour, symbol = colours[curve.model_id], symbols[curve.model_id]
        figure.add_trace(_draw_band(curve, severities, colour))
        figure.add_trace(_draw_line(curve, severities, colour, symbol))
    scale, unit = find_scale(corruption)
    figure.update_xaxes(
        title=f"Severity and {corruption.title.lower()}" + (f" ({unit})" if unit else ""),
        tickvals=severities,
        ticktext=[
            "0<br>none",
            *(f"{i}<br>{scale * a:.3g}" for i, a in enumerate(corruption.amounts, 1)),
        ],
        range=[-0.15, len(corruption.amounts) + 0.15],
    )
    figure.update_yaxes(title="Accuracy", tickformat="~%", range=[0, 1.02])
    return lay_out(figure, height=400, hovermode="x unified")


def describe_severity_curves(curves: Sequence[SeverityCurve]) -> str:
    """The same in words: each model's accuracies from severity 0 to 5."""
    return " ".join(
        f"{curve.title}: {', '.join(f'{estimate.value:.1%}' for estimate in curve.estimates)}."
        for curve in curves
    )


def draw_overview(
    rows: Sequence[str], columns: Sequence[str], accuracies: np.ndarray, *, dark: bool
) -> go.Figure:
    """Every corruption by every model, with the accuracy in per cent in each cell.

    Args:
        rows: titles of the mean, which is shown in bold, and of the corruptions, from the top.
        columns: titles of the models.
        accuracies: ``(rows, columns)``, 0…1; NaN where a model was not measured yet.
        dark: whether the page is dark.
    """
    names = [f"<b>{rows[0]}</b>", *rows[1:]]
    columns = [*map(escape_label, columns)]
    figure = go.Figure(
        go.Heatmap(
            z=accuracies,
            x=columns,
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
    figure.add_trace(_write_cells(names, columns, accuracies, dark=dark))
    common = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticks": ""}
    figure.update_xaxes(**common, side="top", automargin=True)
    figure.update_yaxes(**common, autorange="reversed", automargin=True)
    return lay_out(figure, height=130 + ROW_HEIGHT * len(rows))


def describe_overview(rows: Sequence[str], columns: Sequence[str], accuracies: np.ndarray) -> str:
    """The same in words, with the arguments of ``draw_overview``."""
    sentences = []
    for name, row in zip(rows, accuracies, strict=True):
        cells = (
            f"{title} {'not measured yet' if np.isnan(value) else f'{value:.0%}'}"
            for title, value in zip(columns, row, strict=True)
        )
        sentences.append(f"{name}: {', '.join(cells)}.")
    return " ".join(sentences)


def _draw_band(curve: SeverityCurve, severities: Sequence[int], colour: str) -> go.Scatter:
    return go.Scatter(
        x=[*severities, *severities[::-1]],
        y=[
            *(estimate.high for estimate in curve.estimates),
            *(estimate.low for estimate in reversed(curve.estimates)),
        ],
        fill="toself",
        fillcolor=_make_translucent(colour),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        legendgroup=curve.model_id,
        showlegend=False,
    )


def _draw_line(
    curve: SeverityCurve, severities: Sequence[int], colour: str, symbol: str
) -> go.Scatter:
    return go.Scatter(
        x=[*severities],
        y=[estimate.value for estimate in curve.estimates],
        name=escape_label(curve.title),
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"symbol": symbol, "size": 8},
        legendgroup=curve.model_id,
        customdata=[[estimate.low, estimate.high] for estimate in curve.estimates],
        hovertemplate="%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
    )


def _write_cells(
    names: Sequence[str], columns: Sequence[str], accuracies: np.ndarray, *, dark: bool
) -> go.Scatter:
    """Text for all cells, as a trace of its own: a heatmap writes grey on medium blue."""
    below, above = ("white", "black") if dark else ("black", "white")
    values = accuracies.ravel()
    return go.Scatter(
        x=[*columns] * len(names),
        y=[name for name in names for _ in columns],
        text=[NOT_MEASURED if np.isnan(value) else f"{100 * value:.0f}" for value in values],
        mode="text",
        textfont={
            "size": 12,
            "color": [above if value > TEXT_TURNS[dark] else below for value in values],
        },
        hoverinfo="skip",
        showlegend=False,
    )


def _make_translucent(colour: str) -> str:
    """``#RRGGBB`` as a translucent colour."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND_OPACITY})"
