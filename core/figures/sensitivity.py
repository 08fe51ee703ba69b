"""Curves of the models' belief as a frame is changed."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from core.analysis.sensitivity import PerturbationCurve
from core.figures.style import lay_out


def draw_sweep(
    curve: PerturbationCurve,
    digit: int,
    titles: Mapping[str, str],
    colours: Mapping[str, str],
) -> go.Figure:
    """A line a model: the probability of the digit against the amount of change.

    A mark with a digit stands where a model's answer becomes that digit; a dotted line where
    nothing is changed.

    Args:
        curve: what the models said.
        digit: whose probability to draw, 0…9.
        titles: of the models, by id.
        colours: of the models, by id.
    """
    figure = go.Figure()
    for model_id, probabilities in curve.probabilities.items():
        own = probabilities[:, digit]
        figure.add_scatter(
            x=curve.amounts,
            y=own,
            mode="lines",
            name=titles[model_id],
            legendgroup=model_id,
            line={"color": colours[model_id], "width": 2},
            hovertemplate="%{x:.3~g}: %{y:.1%}",
        )
        flips = curve.list_flips(model_id)
        if flips:
            places = [place for place, _ in flips]
            figure.add_scatter(
                x=places,
                y=np.interp(places, curve.amounts, own),
                mode="markers+text",
                name=titles[model_id],
                legendgroup=model_id,
                showlegend=False,
                marker={"color": colours[model_id], "size": 9, "symbol": "diamond"},
                text=[str(answer) for _, answer in flips],
                textposition="top center",
                hovertemplate="reads %{text} from %{x:.3~g} on",
            )
    figure.add_vline(x=curve.change.neutral, line={"dash": "dot", "width": 1, "color": "#7F7F7F"})
    figure.update_xaxes(
        title=f"{curve.change.title}, {curve.change.unit}",
        range=[curve.change.least, curve.change.greatest],
        fixedrange=True,
    )
    figure.update_yaxes(
        title=f"Probability of {digit}", range=[-0.02, 1.12], tickformat=".0%", fixedrange=True
    )
    return lay_out(figure, height=320, hovermode="x", showlegend=True)
