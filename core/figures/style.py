"""The style that all figures share: layout, and one colour a model on every page.

Colours of text come from the page. Colours of models after M. Okabe and K. Ito, "Color Universal
Design" (2008), https://jfly.uni-koeln.de/color/, without the hues too light for white paper; the
colours beyond theirs are chosen to differ from them under simulated colour blindness too.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.models.files import is_run


def lay_out(figure: go.Figure, *, height: int, **options: Any) -> go.Figure:
    """Apply the common layout to a figure and return it.

    Args:
        figure: the figure, changed in place.
        height: in pixels.
        options: anything else that ``go.Figure.update_layout`` takes.
    """
    return figure.update_layout(list_layout(height=height, **options))


def list_layout(*, height: int, **options: Any) -> dict[str, Any]:
    """The common layout as ``go.Figure`` takes it, where time matters more than form.

    A figure made from all of its parts at once takes a fifth of the time of one that is updated.
    """
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None},
        "dragmode": False,
        **options,
    }


# The card's three models have colours of their own; others take the rest in order.
MODEL_COLOURS = {"lenet5": "#0072B2", "logistic_regression": "#D55E00", "mlp": "#009E73"}
OTHER_COLOURS = ("#3D3DF5", "#33CC66", "#A33D29", "#56B4E9", "#CC79A7", "#1F6B7A", "#75BDBD")
# Runs: as far from all of the above as can be found, and from each other, to every kind of sight.
RUN_COLOURS = (
    "#A569FF", "#D2B400", "#693CC3", "#A5C3A5", "#E12D5A", "#F0874B", "#9687F0", "#D20FB4",
)  # fmt: skip
# Data sets, where they stand side by side, in the order in which they are listed.
DATASET_COLOURS = ("#7F7F7F", "#56B4E9", "#D55E00", "#CC79A7")
# Kinds of layers in the drawing of a network.
LAYER_COLOURS = {
    "input": "#7F7F7F",
    "convolution": "#0072B2",
    "pooling": "#56B4E9",
    "dense": "#D55E00",
    "other": "#7F7F7F",
}


def colour_models(model_ids: Sequence[str]) -> dict[str, str]:
    """A colour for each of all the models there are; the same set gives the same colours.

    Args:
        model_ids: built-in models and runs, older runs before newer ones: a new one does not
            change the colour of any other.
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
    """The colour that a run's id chooses, or while others have that, the next one that is free.

    So a run keeps its colour when others come, and mostly when others go.
    """
    count, places = len(RUN_COLOURS), dict[str, int]()
    for run_id in run_ids:
        first = int(run_id[-6:], 16) % count
        taken = {*places.values()}
        wheel = [place % count for place in range(first, first + count)]
        places[run_id] = next((place for place in wheel if place not in taken), first)
    return {run_id: RUN_COLOURS[place] for run_id, place in places.items()}


def sequential_scale(*, dark: bool) -> list[tuple[float, str]]:
    """A one-hue scale that starts at the page's own background, so that zero looks empty."""
    if dark:
        return [(0.0, "#141B24"), (0.5, "#1F5F8B"), (1.0, "#7CC4F0")]
    return [(0.0, "#F7F9FB"), (0.5, "#6FA8CF"), (1.0, "#0A4A75")]


def diverging_scale(*, dark: bool) -> tuple[str, str, str]:
    """Least, zero and greatest: orange, the page's own background, blue."""
    if dark:
        return "#F08A3C", "#141B24", "#5EB3EE"
    return "#C04A00", "#F7F9FB", "#0A5C99"


def text_colour(*, dark: bool) -> str:
    """The page's own, for text that Plotly would draw fainter."""
    return "#E6ECF2" if dark else "#17212B"
