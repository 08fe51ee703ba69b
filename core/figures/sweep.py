"""A sweep: a line a trial, through the values of its settings to its validation accuracy."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.style import lay_out, sequential_scale, text_colour
from core.runs.sweeps import Setting

HEIGHT = 380
# Room for titles above the axes, and for the labels of the first and the last one beside them.
MARGIN = {"l": 64, "r": 64, "t": 72, "b": 32}
# So that the trials of one choice do not all meet in the corner of the axis.
OVERHANG = 0.25


def draw_sweep(
    settings: Sequence[Setting], accuracies: Sequence[float], *, dark: bool
) -> go.Figure:
    """Parallel coordinates, the last axis the accuracy, which colours the lines as well.

    Args:
        settings: what the trials differ in.
        accuracies: of each trial on the validation set, 0…1.
        dark: whether the page is dark.
    """
    least, most = min(accuracies), max(accuracies)
    # Paper colour at the low end of the scale would hide the worst trials.
    (_, faint), (_, strong) = sequential_scale(dark=dark)[1:]
    text = text_colour(dark=dark)
    axes = [
        {
            "label": one.title.capitalize().replace(" ", "<br>"),  # for phones
            "values": one.chosen,
            "tickvals": [*range(len(one.choices))],
            "ticktext": one.choices,
            "range": [-OVERHANG, len(one.choices) - 1 + OVERHANG],
        }
        for one in settings
    ]
    figure = go.Figure(
        go.Parcoords(
            line={
                "color": accuracies,
                "colorscale": [(0.0, faint), (1.0, strong)],
                "cmin": least,
                "cmax": max(most, least + 1e-6),
            },
            dimensions=[*axes, {"label": "Accuracy", "values": accuracies, "tickformat": ".1%"}],
            labelfont={"color": text, "size": 14},
            tickfont={"color": text, "size": 12},
            rangefont={"color": text, "size": 12},
        )
    )
    return lay_out(figure, height=HEIGHT, margin=MARGIN)
