"""Probabilities of the ten digits, by several models."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.style import escape_label, list_layout
from core.inference.prediction import Prediction


def draw_probabilities(
    predictions: Sequence[Prediction], colours: Mapping[str, str], *, height: int = 240
) -> go.Figure:
    """Ten groups of bars, with a bar for each model.

    Args:
        predictions: of the models for one frame.
        colours: of the models, by id.
        height: in pixels.
    """
    bars = [
        {
            "type": "bar",
            "x": [*range(10)],
            "y": prediction.probabilities,
            "name": escape_label(prediction.title),
            "marker": {"color": colours[prediction.model_id], "line": {"width": 0}},
            "hovertemplate": "%{x}: %{y:.1%}",
        }
        for prediction in predictions
    ]
    layout = list_layout(
        height=height,
        barmode="group",
        bargap=0.25,
        hovermode="x",
        showlegend=True,
        template="none",  # the default template is most of the figure's bytes, and not visible
        xaxis={"dtick": 1, "fixedrange": True},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "dtick": 0.25, "fixedrange": True},
    )
    return go.Figure(bars, layout)
