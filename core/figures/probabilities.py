"""The probabilities figure: what each model gives each digit."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.figures.layout import lay_out
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
    figure = go.Figure()
    for prediction in predictions:
        figure.add_bar(
            x=[*range(10)],
            y=prediction.probabilities,
            name=prediction.title,
            marker={"color": colours[prediction.model_id], "line": {"width": 0}},
            hovertemplate="%{x}: %{y:.1%}",
        )
    figure.update_xaxes(title=None, dtick=1, fixedrange=True)
    figure.update_yaxes(title=None, range=[0, 1.02], tickformat=".0%", dtick=0.25, fixedrange=True)
    return lay_out(
        figure, height=height, barmode="group", bargap=0.25, hovermode="x", showlegend=True
    )
