"""The probabilities figure: what each model gives each digit."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.style import list_layout
from core.inference.prediction import Prediction


def draw_probabilities(
    predictions: Sequence[Prediction], colours: Mapping[str, str], *, height: int = 240
) -> go.Figure:
    """Ten groups of bars, one bar a model.

    Args:
        predictions: what the models said of one frame.
        colours: a colour for each model id.
        height: in pixels.
    """
    bars = [
        {
            "type": "bar",
            "x": [*range(10)],
            "y": prediction.probabilities,
            "name": prediction.title,
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
        template="none",  # Plotly's own is three quarters of a small figure, and never seen
        xaxis={"dtick": 1, "fixedrange": True},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "dtick": 0.25, "fixedrange": True},
    )
    return go.Figure(bars, layout)
