"""Probability of a digit against a perturbation of its frame."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from core.analysis.sensitivity import PerturbationCurve
from core.figures.style import escape_label, lay_out


def draw_sensitivity(
    curve: PerturbationCurve,
    digit: int,
    titles: Mapping[str, str],
    colours: Mapping[str, str],
) -> go.Figure:
    """One line for each model: the probability of a digit against the amount of the perturbation.

    A diamond marks where a model's prediction changes; the number beside it is the predicted digit
    beyond that amount. The dotted line is the unchanged frame.

    Args:
        curve: probabilities of each model at each amount.
        digit: the digit whose probability is drawn, 0…9.
        titles: of the models, by id.
        colours: of the models, by id.
    """
    figure = go.Figure()
    for model_id, probabilities in curve.probabilities.items():
        of_digit = probabilities[:, digit]
        figure.add_scatter(
            x=curve.amounts,
            y=of_digit,
            mode="lines",
            name=escape_label(titles[model_id]),
            legendgroup=model_id,
            line={"color": colours[model_id], "width": 2},
            hovertemplate="%{x:.3~g}: %{y:.1%}",
        )
        flips = curve.list_flips(model_id)
        if flips:
            amounts = [amount for amount, _ in flips]
            figure.add_scatter(
                x=amounts,
                y=np.interp(amounts, curve.amounts, of_digit),
                mode="markers+text",
                name=escape_label(titles[model_id]),
                legendgroup=model_id,
                showlegend=False,
                marker={"color": colours[model_id], "size": 9, "symbol": "diamond"},
                text=[str(predicted) for _, predicted in flips],
                textposition="top center",
                hovertemplate="predicts %{text} beyond %{x:.3~g}",
            )
    perturbation = curve.perturbation
    figure.add_vline(x=perturbation.neutral, line={"dash": "dot", "width": 1, "color": "#7F7F7F"})
    figure.update_xaxes(
        title=f"{perturbation.title}, {perturbation.unit}",
        range=[perturbation.minimum, perturbation.maximum],
        fixedrange=True,
    )
    figure.update_yaxes(
        title=f"Probability of {digit}", range=[-0.02, 1.12], tickformat=".0%", fixedrange=True
    )
    return lay_out(figure, height=320, hovermode="x", showlegend=True)
