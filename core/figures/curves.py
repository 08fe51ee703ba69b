"""The training curves: loss or accuracy, epoch by epoch, models overlaid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from core.figures.style import lay_out
from core.models.card import TrainingHistory

Metric = Literal["loss", "accuracy"]


@dataclass(frozen=True, eq=False)
class Curve:
    """One model's history, as the figure needs it; ``best_epoch`` counts from 1."""

    model_id: str
    title: str
    history: TrainingHistory
    best_epoch: int


def draw_curves(
    curves: Sequence[Curve], colours: Mapping[str, str], *, metric: Metric, log_axis: bool
) -> go.Figure:
    """Training as a dotted line, validation as a solid one, the epoch that was kept as a star.

    On a log axis accuracy becomes the error rate, 1 - accuracy, because a logarithm of numbers
    close to 1 shows nothing.
    """
    figure = go.Figure()
    for curve in curves:
        training, validation = _select_series(curve.history, metric, log_axis=log_axis)
        epochs = np.arange(1, curve.history.epochs + 1)
        style = {"color": colours[curve.model_id], "width": 2}
        common = {"x": epochs, "mode": "lines", "legendgroup": curve.model_id}
        figure.add_scatter(
            **common,
            y=training,
            name=f"{curve.title}, training",
            showlegend=False,
            line={**style, "dash": "dot"},
        )
        figure.add_scatter(**common, y=validation, name=curve.title, line=style)
        figure.add_scatter(
            x=[curve.best_epoch],
            y=[validation[curve.best_epoch - 1]],
            name=f"{curve.title}, kept epoch",
            mode="markers",
            legendgroup=curve.model_id,
            showlegend=False,
            marker={"symbol": "star", "size": 13, "color": colours[curve.model_id]},
        )
    figure.update_xaxes(title="Epoch", rangemode="tozero", fixedrange=True)
    figure.update_yaxes(
        title=_name_axis(metric, log_axis=log_axis),
        type="log" if log_axis else "linear",
        dtick="D2" if log_axis else None,  # 1, 2 and 5 of every decade
        tickformat=".2~%" if metric == "accuracy" else ".2~g",
        fixedrange=True,
    )
    return lay_out(figure, height=420, hovermode="x unified")


def describe_curves(curves: Sequence[Curve], *, metric: Metric) -> str:
    """The same in words: how far each model had come in validation at the epoch that was kept."""
    sentences = []
    for curve in curves:
        history = curve.history
        series = history.validation_loss if metric == "loss" else history.validation_accuracy
        value = series[curve.best_epoch - 1]
        said = f"{value:.3g}" if metric == "loss" else f"{value:.2%}"
        sentences.append(
            f"{curve.title}: {said} in validation at epoch {curve.best_epoch} "
            f"of {history.epochs}, which was kept."
        )
    return " ".join(sentences)


def _select_series(
    history: TrainingHistory, metric: Metric, *, log_axis: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Training and validation values, ``(E,)`` each."""
    if metric == "loss":
        return history.loss, history.validation_loss
    if log_axis:
        return 1 - history.accuracy, 1 - history.validation_accuracy
    return history.accuracy, history.validation_accuracy


def _name_axis(metric: Metric, *, log_axis: bool) -> str:
    if metric == "loss":
        return "Cross-entropy loss"
    return "Error rate (1 - accuracy)" if log_axis else "Accuracy"
