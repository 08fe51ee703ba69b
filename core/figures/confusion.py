"""Confusion matrices as heatmaps whose cells can be clicked, and differences of two of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.analysis.confusion import ConfusionMatrix, list_confused_pairs
from core.digits.datasets import CLASSES
from core.figures.style import diverging_scale, lay_out, sequential_scale

# The colour follows this power of the share, so that an error of 1% stays visible beside a
# diagonal of 99%.
COLOUR_POWER = 0.4
# Labelled shares of the colour bar: those up to the largest, and the largest itself.
SHARE_TICKS = (0.0, 0.001, 0.005, 0.02, 0.1, 0.3, 1.0)
COLOUR_BAR = {
    "orientation": "h",
    "thickness": 10,
    "y": -0.18,
    "yanchor": "top",
    "outlinewidth": 0,
    "ticklen": 3,
    "tickangle": 0,
}
# A label that is closer to that of 0, as a share of the bar, would overlap it on a phone.
LEAST_GAP = 0.08
MAX_CELLS_IN_WORDS = 5


def draw_confusion(
    confusion: ConfusionMatrix,
    *,
    as_shares: bool,
    hide_diagonal: bool,
    dark: bool,
    highest_share: float = 1.0,
    height: int = 430,
) -> go.Figure:
    """Rows are true classes, columns predicted ones; the colour is the share of the true class.

    A click on a cell selects an invisible point over it, whose ``customdata`` is ``[true,
    predicted, count]``: Streamlit is not told of clicks on the cells of a heatmap.

    Args:
        confusion: the counts.
        as_shares: show per cent of the true class in the cells instead of counts.
        hide_diagonal: leave out the correct predictions.
        dark: whether the page is dark.
        highest_share: the end of the colour scale, 0…1: the same for matrices that are compared.
        height: in pixels.
    """
    shares = confusion.row_shares
    shown = np.where(np.eye(CLASSES, dtype=bool), np.nan, shares) if hide_diagonal else shares
    figure = go.Figure(
        _draw_heatmap(
            shown**COLOUR_POWER,
            _label_cells(confusion, shown, as_shares=as_shares),
            colorscale=sequential_scale(dark=dark),
            zmin=0,
            zmax=highest_share**COLOUR_POWER,
            hoverinfo="skip",
            colorbar=_label_shares(highest_share),
        )
    )
    figure.add_trace(_draw_click_targets(confusion))
    return _lay_out_matrix(figure, height=height).update_layout(clickmode="event+select")


def draw_confusion_difference(
    first: ConfusionMatrix, second: ConfusionMatrix, *, dark: bool, height: int = 430
) -> go.Figure:
    """The errors of one model minus those of another in each cell, on the same digits.

    Args:
        first: matrix of the model whose more frequent errors are blue.
        second: matrix of the model whose more frequent errors are orange.
        dark: whether the page is dark.
        height: in pixels.
    """
    difference = (first.counts - second.counts).astype(float)
    np.fill_diagonal(difference, np.nan)
    largest = max(float(np.nanmax(np.abs(difference))), 1.0)
    lowest, zero, highest = diverging_scale(dark=dark)
    figure = go.Figure(
        _draw_heatmap(
            # As in the matrices themselves, small differences stay visible beside large ones.
            np.sign(difference) * np.abs(difference / largest) ** COLOUR_POWER,
            [
                [f"{count:+.0f}" if count else "" for count in row]
                for row in np.nan_to_num(difference)
            ],
            colorscale=[(0.0, lowest), (0.5, zero), (1.0, highest)],
            zmin=-1,
            zmax=1,
            colorbar=_label_differences(largest),
            customdata=np.stack([first.counts, second.counts], axis=2),
            hovertemplate="true %{y}, predicted %{x}: %{customdata[0]} and %{customdata[1]}"
            "<extra></extra>",
        )
    )
    return _lay_out_matrix(figure, height=height)


def find_highest_error_share(confusions: Iterable[ConfusionMatrix]) -> float:
    """The largest share, 0…1, of a true class in one cell of errors; above 0 without errors too."""
    errors = ~np.eye(CLASSES, dtype=bool)
    shares = [float(confusion.row_shares[errors].max()) for confusion in confusions]
    return max([*shares, SHARE_TICKS[1]])


def describe_confusion(confusion: ConfusionMatrix) -> str:
    """A matrix in words: the number of correct predictions, and the most frequent errors."""
    errors = list_confused_pairs(confusion)[:MAX_CELLS_IN_WORDS]
    listed = ", ".join(
        f"{error.true} predicted as {error.predicted} ({error.count:,})" for error in errors
    )
    correct = f"{confusion.correct:,} of {confusion.total:,} digits classified correctly."
    return f"{correct} Most frequent errors: {listed}." if errors else correct


def describe_confusion_difference(first: ConfusionMatrix, second: ConfusionMatrix) -> str:
    """The errors in which two models differ most, in words."""
    difference = first.counts - second.counts
    np.fill_diagonal(difference, 0)
    order = np.argsort(-np.abs(difference), axis=None, kind="stable")[:MAX_CELLS_IN_WORDS]
    cells = [(*map(int, divmod(int(place), CLASSES)), difference.flat[place]) for place in order]
    listed = "; ".join(f"{true} predicted as {seen}: {by:+d}" for true, seen, by in cells if by)
    return f"{listed}." if listed else "none."


def _draw_heatmap(values: np.ndarray, texts: list[list[str]], **options: Any) -> go.Heatmap:
    digits = [*range(CLASSES)]
    return go.Heatmap(
        z=values,
        x=digits,
        y=digits,
        text=texts,
        texttemplate="%{text}",
        textfont={"size": 11},
        xgap=1,
        ygap=1,
        **options,
    )


def _label_shares(highest: float) -> dict[str, Any]:
    """A colour bar with shares of the true class, which are further apart than their colours."""
    # A label close to the last one would overlap it.
    labelled = [tick for tick in SHARE_TICKS if tick < highest / 2]
    ticks = [tick for tick in labelled if not 0 < (tick / highest) ** COLOUR_POWER < LEAST_GAP]
    ticks.append(highest)
    return {
        **COLOUR_BAR,
        "title": {"text": "% of true class", "side": "bottom"},
        "tickvals": [tick**COLOUR_POWER for tick in ticks],
        "ticktext": [f"{100 * tick:.3g}" for tick in ticks],
    }


def _label_differences(largest: float) -> dict[str, Any]:
    """A colour bar with numbers of errors, from minus the largest to the largest."""
    return {
        **COLOUR_BAR,
        "title": {"text": "Difference in errors", "side": "bottom"},
        "tickvals": [-1, 0, 1],
        "ticktext": [f"{-largest:+.0f}", "0", f"{largest:+.0f}"],
    }


def _draw_click_targets(confusion: ConfusionMatrix) -> go.Scatter:
    """Invisible squares over the cells, which report clicks and show the numbers on hover."""
    true, predicted = (axis.ravel() for axis in np.indices((CLASSES, CLASSES)))
    return go.Scatter(
        x=predicted,
        y=true,
        mode="markers",
        marker={"symbol": "square", "size": 26, "opacity": 0},
        customdata=np.stack([true, predicted, confusion.counts.ravel()], axis=1).tolist(),
        text=[f"{share:.1%}" for share in confusion.row_shares.ravel()],
        hovertemplate="true %{customdata[0]}, predicted %{customdata[1]}: "
        "%{customdata[2]} (%{text})<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )


def _lay_out_matrix(figure: go.Figure, *, height: int) -> go.Figure:
    axis = {
        "dtick": 1,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "constrain": "domain",
    }
    figure.update_xaxes(**axis, title="Predicted", range=[-0.5, CLASSES - 0.5])
    figure.update_yaxes(**axis, title="True", range=[CLASSES - 0.5, -0.5], scaleanchor="x")
    return lay_out(figure, height=height)


def _label_cells(
    confusion: ConfusionMatrix, shown: np.ndarray, *, as_shares: bool
) -> list[list[str]]:
    """The text of each cell; empty for a count of 0 and for a hidden cell."""
    return [
        [
            ""
            if not confusion.counts[true, predicted] or np.isnan(shown[true, predicted])
            else f"{100 * shown[true, predicted]:.1f}"
            if as_shares
            else str(confusion.counts[true, predicted])
            for predicted in range(CLASSES)
        ]
        for true in range(CLASSES)
    ]
