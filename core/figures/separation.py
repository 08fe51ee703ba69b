"""Separation: how well measures tell the groups of a pair of digits apart."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.style import MODEL_COLOURS, lay_out
from core.models.card import Estimate

GREY = "#7F7F7F"
COLOURS = (GREY, MODEL_COLOURS["lenet5"], MODEL_COLOURS["logistic_regression"])
SYMBOLS = ("circle", "diamond", "square")
ROW_HEIGHT = 40

# For each measure an estimate for each comparison, or None where one cannot be made.
Areas = Mapping[str, Sequence[Estimate | None]]


def draw_separation(areas: Areas, comparisons: Sequence[str]) -> go.Figure:
    """One row for each measure, with a marker and a 95% interval for each comparison.

    Args:
        areas: areas under ROC curves, by the title of the measure, from the top.
        comparisons: names of at most three comparisons, in the order of the estimates.
    """
    figure = go.Figure()
    for place, name in enumerate(comparisons):
        offset = 0.2 * (place - (len(comparisons) - 1) / 2)
        figure.add_trace(_draw_comparison(areas, name, place=place, offset=offset))
    figure.add_vline(x=0.5, line={"width": 1, "color": GREY, "dash": "dot"})
    figure.update_xaxes(title="AUC", range=[-0.02, 1.02], fixedrange=True)
    figure.update_yaxes(
        tickvals=[*range(len(areas))],
        ticktext=list(areas),
        range=[len(areas) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    return lay_out(figure, height=110 + ROW_HEIGHT * len(areas))


def describe_separation(areas: Areas, comparisons: Sequence[str]) -> str:
    """The same in words."""
    sentences = []
    for title, estimates in areas.items():
        parts = (
            f"{name} {estimate.value:.2f}"
            for name, estimate in zip(comparisons, estimates, strict=True)
            if estimate
        )
        sentences.append(f"{title}: {', '.join(parts)}.")
    return " ".join(sentences)


def _draw_comparison(areas: Areas, name: str, *, place: int, offset: float) -> go.Scatter:
    """The markers of one comparison, each shifted by the offset from the middle of its row."""
    found = [
        (row + offset, title, estimates[place])
        for row, (title, estimates) in enumerate(areas.items())
    ]
    known = [(row, title, estimate) for row, title, estimate in found if estimate]
    return go.Scatter(
        x=[estimate.value for _, _, estimate in known],
        y=[row for row, _, _ in known],
        name=name,
        mode="markers",
        marker={"color": COLOURS[place], "size": 9, "symbol": SYMBOLS[place]},
        error_x={
            "array": [estimate.high - estimate.value for _, _, estimate in known],
            "arrayminus": [estimate.value - estimate.low for _, _, estimate in known],
            "color": COLOURS[place],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[[title, estimate.low, estimate.high] for _, title, estimate in known],
        hovertemplate="%{customdata[0]}: AUC %{x:.2f} "
        "(%{customdata[1]:.2f} to %{customdata[2]:.2f})<extra>%{fullData.name}</extra>",
    )
