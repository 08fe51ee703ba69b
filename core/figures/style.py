"""The style of all figures: the layout, and the same colour for a model on every page.

The page sets the colours of text. The colours of models are those of M. Okabe and K. Ito, "Color
Universal Design" (2008), https://jfly.uni-koeln.de/color/, without the hues that are too light on
white. The other colours were chosen to differ from these under simulated colour blindness too.
"""

import html
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.models.files import is_run


def lay_out(figure: go.Figure, *, height: int, **options: Any) -> go.Figure:
    """Apply the common layout to a figure and return it.

    Args:
        figure: the figure, changed in place.
        height: in pixels.
        options: further arguments of ``go.Figure.update_layout``.
    """
    return figure.update_layout(list_layout(height=height, **options))


def list_layout(*, height: int, **options: Any) -> dict[str, Any]:
    """The common layout as an argument of ``go.Figure``, for figures that have to be fast.

    To create a figure with its layout takes a fifth of the time of updating it afterwards.
    """
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None},
        "dragmode": False,
        **options,
    }


# The default models have fixed colours; the other built-in models take the rest in order.
MODEL_COLOURS = {"lenet5": "#0072B2", "logistic_regression": "#D55E00", "mlp": "#009E73"}
OTHER_COLOURS = ("#3D3DF5", "#33CC66", "#A33D29", "#56B4E9", "#CC79A7", "#1F6B7A", "#75BDBD")
# Colours of runs: as different as possible from the others and from each other, also for
# colour-blind readers.
RUN_COLOURS = (
    "#A569FF", "#D2B400", "#693CC3", "#A5C3A5", "#E12D5A", "#F0874B", "#9687F0", "#D20FB4",
)  # fmt: skip
# Data sets side by side, in the order in which they are listed; the last two are of runs alone.
DATASET_COLOURS = ("#7F7F7F", "#56B4E9", "#D55E00", "#CC79A7", "#009E73", "#0072B2", "#693CC3")
# The two of them that are shown digit by digit: the pen digits as strokes and as pictures.
PEN_COLOURS = DATASET_COLOURS[2:4]
# The digits 0 to 9: the ten colours of M. A. Petroff, "Accessible Color Sequences for Data
# Visualization" (2021), arXiv:2107.02270, which stand out on a light and on a dark page.
DIGIT_COLOURS = (
    "#3F90DA", "#FFA90E", "#BD1F01", "#94A4A2", "#832DB6", "#A96B59", "#E76300", "#B9AC70",
    "#717581", "#92DADD",
)  # fmt: skip
# Kinds of layers in the drawing of a network.
LAYER_COLOURS = {
    "input": "#7F7F7F",
    "convolution": "#0072B2",
    "pooling": "#56B4E9",
    "dense": "#D55E00",
    "other": "#7F7F7F",
}


def colour_models(model_ids: Sequence[str]) -> dict[str, str]:
    """A colour for each model; the same models always get the same colours.

    Args:
        model_ids: ids of all built-in models and runs, with older runs before newer ones: a new run
            then does not change the colours of the others.
    """
    runs = [model_id for model_id in model_ids if is_run(model_id)]
    built_in = [model_id for model_id in model_ids if not is_run(model_id)]
    others = [model_id for model_id in built_in if model_id not in MODEL_COLOURS]
    return {
        model_id: MODEL_COLOURS.get(model_id)
        or OTHER_COLOURS[others.index(model_id) % len(OTHER_COLOURS)]
        for model_id in built_in
    } | _colour_runs(runs)


def _colour_runs(run_ids: Sequence[str]) -> dict[str, str]:
    """The colour that the id of a run selects, or the next one that no older run has.

    A run keeps its colour when others are added, and mostly when others are deleted.
    """
    count, places = len(RUN_COLOURS), dict[str, int]()
    for run_id in run_ids:
        first = int(run_id[-6:], 16) % count
        taken = {*places.values()}
        wheel = [place % count for place in range(first, first + count)]
        places[run_id] = next((place for place in wheel if place not in taken), first)
    return {run_id: RUN_COLOURS[place] for run_id, place in places.items()}


def sequential_scale(*, dark: bool) -> list[tuple[float, str]]:
    """A scale of one hue that starts at the background colour of the page."""
    if dark:
        return [(0.0, "#141B24"), (0.5, "#1F5F8B"), (1.0, "#7CC4F0")]
    return [(0.0, "#F7F9FB"), (0.5, "#6FA8CF"), (1.0, "#0A4A75")]


def diverging_scale(*, dark: bool) -> tuple[str, str, str]:
    """Colours of the lowest value, zero and the highest: orange, the page's background, blue."""
    if dark:
        return "#F08A3C", "#141B24", "#5EB3EE"
    return "#C04A00", "#F7F9FB", "#0A5C99"


def escape_label(name: str) -> str:
    """A name that a person chose, for a label or a legend: Plotly shows it as it was written."""
    return html.escape(name, quote=False)


def text_colour(*, dark: bool) -> str:
    """The text colour of the page, for text that Plotly would draw paler."""
    return "#E6ECF2" if dark else "#0E161E"
