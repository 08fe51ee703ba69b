"""The map of a data set: a point for each digit, which a lasso or a box can select."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.analysis.digit_map import DigitMap
from core.analysis.evaluation import Evaluation
from core.analysis.selection import Area, Areas
from core.figures.style import DIGIT_COLOURS, diverging_scale, list_layout, text_colour

TRUE, PREDICTED, CORRECT, CONFIDENCE, WEAK_SPOT = (
    "True digit",
    "Predicted digit",
    "Correct or not",
    "Confidence",
    "Weak spot",
)
COLOURINGS = (TRUE, PREDICTED, CORRECT, CONFIDENCE, WEAK_SPOT)
GREY = "#8C96A0"
# Of digits that are classified correctly, and of the others; sizes are diameters in pixels.
DOT, CROSS = {"size": 4, "opacity": 0.8}, {"size": 7, "symbol": "x"}
# On a map of few digits there is room for larger ones, and small ones would be lost.
FEW, ENLARGEMENT = 200, 2.5
DRAWING_SIZE = 18
# Of points outside the lasso, and of digits that were not chosen.
FAINT = 0.15
# Classes with fewer points have no label on the map.
MIN_LABELLED = 10
# The confidence at the low end of the colours: few predictions have less.
MIN_CONFIDENCE = 0.4
COLOUR_BAR = {
    "orientation": "h",
    "thickness": 8,
    "len": 0.6,
    "y": 0,
    "yanchor": "top",
    "outlinewidth": 0,
    "ticklen": 3,
    "tickformat": ".0%",
}
LEGEND = {
    "orientation": "h",
    "y": 0,
    "yanchor": "top",
    "x": 0.5,
    "xanchor": "center",
    "itemsizing": "constant",
    "itemclick": False,
    "itemdoubleclick": False,
}
HOVER = "Number %{customdata[0]}: labelled %{customdata[1]}, predicted %{customdata[2]}"

Chosen = npt.NDArray[np.bool_]
# The lowest and highest x, and the lowest and highest y, that are in sight.
View = tuple[float, float, float, float]


def draw_map(
    digit_map: DigitMap,
    evaluation: Evaluation,
    chosen: Chosen,
    *,
    colouring: str,
    areas: Areas,
    dark: bool,
) -> go.Figure:
    """A small point for each digit that is classified correctly, a cross for each other one.

    Args:
        digit_map: of the ``N`` digits.
        evaluation: of the same digits.
        chosen: ``(N,)``, which digits have colours and can be selected; the others are grey.
        colouring: one of ``COLOURINGS``.
        areas: are outlined, and the digits in them stand out.
        dark: whether the page is dark.
    """
    others = [] if chosen.all() else [_draw_others(digit_map, ~chosen)]
    points = _draw_chosen(digit_map, evaluation, chosen, colouring, dark=dark)
    classes = evaluation.predicted if colouring == PREDICTED else evaluation.labels
    axis = {"visible": False, "range": [-1.05, 1.05]}
    layout = list_layout(
        height=500,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},  # the buttons are above the points
        dragmode="lasso",
        hovermode="closest",
        xaxis=axis,
        yaxis={**axis, "scaleanchor": "x"},
        coloraxis=_describe_confidence(dark=dark),
        annotations=_label_classes(digit_map, classes, dark=dark),
        legend=LEGEND,
        selections=[{"type": "path", "path": _trace_path(area)} for area in areas],
    )
    return go.Figure([*others, *points], layout)


def zoom_in(figure: go.Figure, view: View) -> None:
    """Show a part of a map.

    Args:
        figure: the map, which is changed.
        view: the part that is in sight.
    """
    figure.update_layout(xaxis_range=view[:2], yaxis_range=view[2:])


def highlight_digits(figure: go.Figure, digits: Chosen) -> None:
    """Have some digits of a map stand out as if a lasso had selected them.

    Args:
        figure: the map, which is changed.
        digits: ``(N,)``, which of its digits.
    """
    for trace in figure.data:
        if trace.customdata is not None:
            trace.selectedpoints = np.flatnonzero(digits[trace.customdata[:, 0]]).tolist()


def add_drawings(
    figure: go.Figure, places: Sequence[tuple[float, float]], digits: Sequence[str], *, dark: bool
) -> None:
    """Add a star for each digit of a drawing to a map.

    Args:
        figure: the map, which is changed.
        places: where the digits are.
        digits: what they are predicted as.
        dark: whether the page is dark.
    """
    figure.add_trace(
        go.Scattergl(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            text=list(digits),
            mode="markers",
            name="Your drawing",
            showlegend=False,
            marker={
                "symbol": "star",
                "size": DRAWING_SIZE,
                "color": text_colour(dark=dark),
                "line": {"width": 2, "color": text_colour(dark=not dark)},
            },
            hovertemplate="Your drawing, predicted %{text}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )


def describe_map(digit_map: DigitMap, evaluation: Evaluation, *, colouring: str) -> str:
    """A map in words."""
    errors = int((evaluation.predicted != evaluation.labels).sum())
    return (
        f"Map of {len(evaluation.labels):,} digits for {evaluation.title} by {digit_map.method}, "
        f"coloured by {colouring.lower()}; {errors:,} of them are misclassified."
    )


def _draw_others(digit_map: DigitMap, where: Chosen) -> go.Scattergl:
    """The digits that were not chosen, as a background."""
    x, y = digit_map.positions[where].T
    dot = _scale(DOT, len(where))
    return go.Scattergl(
        x=x,
        y=y,
        mode="markers",
        marker={**dot, "color": GREY, "opacity": FAINT},
        hoverinfo="skip",
        showlegend=False,
        selected={"marker": {"opacity": FAINT}},
        unselected={"marker": {"opacity": FAINT}},
    )


def _draw_chosen(
    digit_map: DigitMap, evaluation: Evaluation, chosen: Chosen, colouring: str, *, dark: bool
) -> Iterator[go.Scattergl]:
    """The points of the chosen digits, those of misclassified ones above the others.

    Points of one colour are a trace of their own: Plotly draws them faster than points that each
    have a colour.
    """
    predicted = evaluation.predicted
    about = np.stack([np.arange(len(predicted)), evaluation.labels, predicted], 1).astype(np.int32)
    is_correct = predicted == evaluation.labels
    named = set()
    shapes = (_scale(shape, len(chosen)) for shape in (DOT, CROSS))
    for those, shape in zip((is_correct, ~is_correct), shapes, strict=True):
        for name, colour, group in _list_groups(evaluation, colouring, dark=dark):
            where = chosen & those & group
            if where.any():
                yield go.Scattergl(
                    x=digit_map.positions[where, 0],
                    y=digit_map.positions[where, 1],
                    mode="markers",
                    name=name,
                    marker={
                        **_scale(shape, len(where)),
                        **_colour_points(evaluation, where, colour),
                    },
                    customdata=about[where],
                    hovertemplate=HOVER + "<extra></extra>",
                    selected={"marker": {"opacity": 1}},
                    unselected={"marker": {"opacity": FAINT}},
                    showlegend=bool(colour) and name not in named,
                )
                named.add(name)


def _scale(shape: Mapping[str, Any], count: int) -> dict[str, Any]:
    """A point of a map of so many digits."""
    return {**shape, "size": shape["size"] * (ENLARGEMENT if count <= FEW else 1)}


def _colour_points(evaluation: Evaluation, where: Chosen, colour: str | None) -> dict[str, Any]:
    if colour:
        return {"color": colour}
    return {"color": evaluation.confidence[where], "coloraxis": "coloraxis"}


def _list_groups(
    evaluation: Evaluation, colouring: str, *, dark: bool
) -> Iterator[tuple[str, str | None, Chosen]]:
    """Groups of digits with their name and colour; None for colours by confidence."""
    is_correct = evaluation.predicted == evaluation.labels
    if colouring == CONFIDENCE:
        yield CONFIDENCE, None, np.ones(len(is_correct), bool)
    elif colouring in {CORRECT, WEAK_SPOT}:
        low, _, high = diverging_scale(dark=dark)
        yield "Correct", GREY if colouring == CORRECT else high, is_correct
        yield "Misclassified", low, ~is_correct
    else:
        classes = evaluation.labels if colouring == TRUE else evaluation.predicted
        for digit, colour in enumerate(DIGIT_COLOURS):
            yield str(digit), colour, classes == digit


def _describe_confidence(*, dark: bool) -> dict[str, Any]:
    """The scale of the confidence, and what it says below the map."""
    low, _, high = diverging_scale(dark=dark)
    return {
        "colorscale": [(0.0, low), (0.6, GREY), (1.0, high)],
        "cmin": MIN_CONFIDENCE,
        "cmax": 1,
        "colorbar": {**COLOUR_BAR, "title": {"text": CONFIDENCE, "side": "bottom"}},
    }


def _label_classes(
    digit_map: DigitMap, classes: npt.NDArray[np.integer], *, dark: bool
) -> list[dict[str, Any]]:
    """The digit of each class, in the middle of its points: colours alone are hard to tell.

    A class with few points has none: it would cover them.
    """
    labels = []
    for digit, count in zip(*np.unique(classes, return_counts=True), strict=True):
        if count < MIN_LABELLED:
            continue
        points = digit_map.positions[classes == digit]
        # The point nearest to the middle: a class may be in two groups with nothing in between.
        distances = np.linalg.norm(points - np.median(points, axis=0), axis=1)
        x, y = points[distances.argmin()].tolist()
        labels.append(
            {
                "x": x,
                "y": y,
                "text": f"<b>{digit}</b>",
                "showarrow": False,
                "font": {"size": 18, "color": text_colour(dark=dark)},
                "bgcolor": text_colour(dark=not dark),
                "opacity": 0.8,
                "borderpad": 1,
            }
        )
    return labels


def _trace_path(area: Area) -> str:
    """The outline of an area as an SVG path."""
    return "M" + "L".join(f"{x},{y}" for x, y in area.corners) + "Z"
