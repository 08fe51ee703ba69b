"""A running training: loss and accuracy after batches and after epochs."""

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import MODEL_COLOURS, lay_out
from core.runs.progress import Progress

TRAINING_COLOUR, VALIDATION_COLOUR = MODEL_COLOURS["lenet5"], MODEL_COLOURS["logistic_regression"]


def draw_learning(progress: Progress) -> go.Figure:
    """Loss above accuracy; the horizontal axis has room for all epochs of the training.

    The curve has a gap where nothing was trained. What was measured after an epoch that was stopped
    is where the gap begins.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    stopped = {end: start for start, end in progress.gaps}
    epochs = [stopped.get(epoch, epoch) for epoch in range(1, len(progress.validations) + 1)]
    for row, metric in enumerate(("loss", "accuracy"), start=1):
        figure.add_scatter(
            x=[at for at, _ in _list_vertices(progress, metric)],
            y=[value for _, value in _list_vertices(progress, metric)],
            name="Training",
            mode="lines",
            line={"color": TRAINING_COLOUR, "width": 1.5},
            showlegend=row == 1,
            row=row,
            col=1,
        )
        for name, measured, line in _list_measured(progress, metric):
            figure.add_scatter(
                x=epochs,
                y=measured,
                name=name,
                mode="lines+markers",
                line=line,
                marker={"size": 8},
                showlegend=row == 1,
                row=row,
                col=1,
            )
    figure.update_xaxes(range=[0, progress.epochs + 0.1], fixedrange=True)
    figure.update_xaxes(title="Epoch", row=2)
    figure.update_yaxes(title="Loss", rangemode="tozero", row=1, fixedrange=True)
    figure.update_yaxes(title="Accuracy", tickformat=".0%", range=[0, 1], row=2, fixedrange=True)
    return lay_out(figure, height=380)


def _list_measured(
    progress: Progress, metric: str
) -> Iterator[tuple[str, list[float | None], dict[str, Any]]]:
    """The curves of what is measured after each epoch: name, values and line."""
    values = [getattr(validation, f"unchanged_{metric}") for validation in progress.validations]
    if any(value is not None for value in values):
        line = {"color": TRAINING_COLOUR, "width": 2, "dash": "dot"}
        yield "Training, unchanged images", values, line
    values = [getattr(validation, metric) for validation in progress.validations]
    yield "Validation", values, {"color": VALIDATION_COLOUR, "width": 2}


def _list_vertices(progress: Progress, metric: str) -> list[tuple[float, float | None]]:
    """The points of the training curve; a value of None in a gap interrupts the line."""
    points = [(point.at, getattr(point, metric)) for point in progress.points]
    breaks = [((start + end) / 2, None) for start, end in progress.gaps]
    return sorted([*points, *breaks], key=lambda vertex: vertex[0])
