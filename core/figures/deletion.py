"""Deletion curves of attributions, above those of pixels in random order."""

import numpy as np
import plotly.graph_objects as go

from core.analysis.deletion import DeletionRanking
from core.figures.style import MODEL_COLOURS, lay_out

# Of the attributions, in the order of their names.
COLOURS = (MODEL_COLOURS["lenet5"], MODEL_COLOURS["logistic_regression"])
GREY = "#7F7F7F"
BAND = "rgba(127,127,127,0.25)"


def draw_deletion(ranking: DeletionRanking, *, digit: int) -> go.Figure:
    """A curve for each attribution, and a band from the lowest to the highest random one.

    Args:
        ranking: of at most two attributions.
        digit: the class whose probability is followed, 0…9.
    """
    random = np.array([curve.probabilities for curve in ranking.random])
    figure = go.Figure()
    for values, fill in ((random.min(axis=0), None), (random.max(axis=0), "tonexty")):
        figure.add_scatter(
            x=ranking.random[0].erased,
            y=values,
            name="Random orders",
            mode="lines",
            line={"width": 0, "color": GREY},
            fill=fill,
            fillcolor=BAND,
            hoverinfo="skip",
            showlegend=fill is not None,
        )
    for (name, curve), colour in zip(sorted(ranking.curves.items()), COLOURS, strict=False):
        figure.add_scatter(
            x=curve.erased,
            y=curve.probabilities,
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate="%{x:.0%} erased: %{y:.1%}",
        )
    axis = {"tickformat": "~%", "fixedrange": True}
    figure.update_xaxes(**axis, title="Ink erased", range=[0, 1.02], dtick=0.25)
    figure.update_yaxes(**axis, title=f"Probability of {digit}", range=[0, 1.02])
    return lay_out(figure, height=260)


def describe_deletion(ranking: DeletionRanking) -> str:
    """The areas under the curves, in words."""
    areas = [f"{name} {curve.area:.2f}" for name, curve in ranking.curves.items()]
    random = [curve.area for curve in ranking.random]
    return f"Areas: {', '.join(areas)}, random orders {min(random):.2f} to {max(random):.2f}."
