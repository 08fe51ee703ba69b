"""Training curves: loss or accuracy after each epoch, for several models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from core.figures.style import escape_label, lay_out
from core.models.card import TrainingHistory

Metric = Literal["loss", "accuracy"]


@dataclass(frozen=True, eq=False)
class Curve:
    """The training history of a model; ``best_epoch`` counts from 1."""

    model_id: str
    title: str
    history: TrainingHistory
    best_epoch: int


def draw_curves(
    curves: Sequence[Curve], colours: Mapping[str, str], *, metric: Metric, log_axis: bool
) -> go.Figure:
    """Training as a dotted line, validation as a solid one, the kept epoch as a star.

    Training on unchanged images is a dashed line where it was measured.

    On a log axis, accuracy is replaced by the error rate, 1 - accuracy: accuracies close to 1 would
    all look the same.

    Args:
        curves: histories of the models.
        colours: of the models, by id.
        metric: which series of the histories to draw.
        log_axis: whether the vertical axis is logarithmic.
    """
    figure = go.Figure()
    for curve in curves:
        figure.add_traces(_draw_curve(curve, colours[curve.model_id], metric, log_axis=log_axis))
    figure.update_xaxes(title="Epoch", rangemode="tozero")
    figure.update_yaxes(
        title=_name_axis(metric, log_axis=log_axis),
        type="log" if log_axis else "linear",
        dtick="D2" if log_axis else None,  # 1, 2 and 5 of every decade
        tickformat=".2~%" if metric == "accuracy" else ".2~g",
    )
    return lay_out(figure, height=420, hovermode="x unified")


def describe_curves(curves: Sequence[Curve], *, metric: Metric) -> str:
    """The same in words: the validation loss or accuracy of each model at its kept epoch."""
    sentences = []
    for curve in curves:
        history = curve.history
        series = history.validation_loss if metric == "loss" else history.validation_accuracy
        value = series[curve.best_epoch - 1]
        formatted = f"{value:.3g}" if metric == "loss" else f"{value:.2%}"
        sentences.append(
            f"{curve.title}: validation {metric} {formatted} at the kept epoch, "
            f"{curve.best_epoch} of {history.epochs}."
        )
    return " ".join(sentences)


def _draw_curve(curve: Curve, colour: str, metric: Metric, *, log_axis: bool) -> list[go.Scatter]:
    """The lines and the star of a model, which share an entry of the legend."""
    training, unchanged, validation = _select_series(curve.history, metric, log_axis=log_axis)
    epochs = np.arange(1, curve.history.epochs + 1)
    line = {"color": colour, "width": 2}
    kept = curve.best_epoch
    dashed = {"training": (training, "dot")}
    if curve.history.has_unchanged:
        dashed["training, unchanged images"] = (unchanged, "dash")
    return [
        *(
            go.Scatter(
                x=epochs,
                y=values,
                name=f"{escape_label(curve.title)}, {name}",
                mode="lines",
                line={**line, "dash": dash},
                legendgroup=curve.model_id,
                showlegend=False,
            )
            for name, (values, dash) in dashed.items()
        ),
        go.Scatter(
            x=epochs,
            y=validation,
            name=escape_label(curve.title),
            mode="lines",
            line=line,
            legendgroup=curve.model_id,
        ),
        go.Scatter(
            x=[kept],
            y=[validation[kept - 1]],
            name=f"{escape_label(curve.title)}, kept epoch",
            mode="markers",
            marker={"symbol": "star", "size": 13, "color": colour},
            legendgroup=curve.model_id,
            showlegend=False,
        ),
    ]


def _select_series(
    history: TrainingHistory, metric: Metric, *, log_axis: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of training, also on unchanged images, and of validation, ``(E,)`` each."""
    if metric == "loss":
        return history.loss, history.unchanged_loss, history.validation_loss
    series = (history.accuracy, history.unchanged_accuracy, history.validation_accuracy)
    training, unchanged, validation = (1 - one if log_axis else one for one in series)
    return training, unchanged, validation


def _name_axis(metric: Metric, *, log_axis: bool) -> str:
    if metric == "loss":
        return "Cross-entropy loss"
    return "Error rate (1 - accuracy)" if log_axis else "Accuracy"
