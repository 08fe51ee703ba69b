"""A running training: loss and accuracy after batches and after epochs."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import MODEL_COLOURS, lay_out
from core.runs.progress import Progress

TRAINING_COLOUR, VALIDATION_COLOUR = MODEL_COLOURS["lenet5"], MODEL_COLOURS["logistic_regression"]


def draw_learning(progress: Progress) -> go.Figure:
    """Loss above accuracy; the horizontal axis has room for all epochs of the training."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    epochs = [*range(1, len(progress.validations) + 1)]
    for row, metric in enumerate(("loss", "accuracy"), start=1):
        figure.add_scatter(
            x=[point.at for point in progress.points],
            y=[getattr(point, metric) for point in progress.points],
            name="Training",
            mode="lines",
            line={"color": TRAINING_COLOUR, "width": 1.5},
            showlegend=row == 1,
            row=row,
            col=1,
        )
        figure.add_scatter(
            x=epochs,
            y=[getattr(validation, metric) for validation in progress.validations],
            name="Validation, after each epoch",
            mode="lines+markers",
            line={"color": VALIDATION_COLOUR, "width": 2},
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
