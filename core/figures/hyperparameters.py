"""Hyperparameters of a sweep: one line for each trial, from its settings to its accuracy."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.style import lay_out, sequential_scale, text_colour
from core.runs.sweeps import VariedSetting

HEIGHT = 380
# Room for the titles above the axes, and for the labels left and right of them.
MARGIN = {"l": 64, "r": 64, "t": 72, "b": 32}
# Keeps the lines of the first and the last choice away from the ends of the axis.
OVERHANG = 0.25


def draw_hyperparameters(
    settings: Sequence[VariedSetting], accuracies: Sequence[float], *, dark: bool
) -> go.Figure:
    """Parallel coordinates: one axis for each setting, the last one for the accuracy.

    The accuracy is also the colour of the line.

    Args:
        settings: the settings in which the trials differ.
        accuracies: validation accuracy of each trial, 0…1.
        dark: whether the page is dark.
    """
    lowest, highest = min(accuracies), max(accuracies)
    # The low end of the scale is the background colour, which would hide the worst trials.
    (_, faint), (_, strong) = sequential_scale(dark=dark)[1:]
    text = text_colour(dark=dark)
    axes = [
        {
            "label": setting.title.capitalize().replace(" ", "<br>"),  # narrow enough for a phone
            "values": setting.chosen,
            "tickvals": [*range(len(setting.choices))],
            "ticktext": setting.choices,
            "range": [-OVERHANG, len(setting.choices) - 1 + OVERHANG],
        }
        for setting in settings
    ]
    figure = go.Figure(
        go.Parcoords(
            line={
                "color": accuracies,
                "colorscale": [(0.0, faint), (1.0, strong)],
                "cmin": lowest,
                "cmax": max(highest, lowest + 1e-6),
            },
            dimensions=[*axes, {"label": "Accuracy", "values": accuracies, "tickformat": ".1%"}],
            labelfont={"color": text, "size": 14},
            tickfont={"color": text, "size": 12},
            rangefont={"color": text, "size": 12},
        )
    )
    return lay_out(figure, height=HEIGHT, margin=MARGIN)
