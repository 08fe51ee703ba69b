"""The confusion matrix as a heatmap whose cells can be clicked."""

import numpy as np
import plotly.graph_objects as go

from core.analysis.confusion import ConfusionMatrix, list_confused_pairs
from core.digits.datasets import CLASSES
from core.figures.style import diverging_scale, lay_out, sequential_scale

# Colour grows with this power of the share, so that a confusion of 1 % can still be seen beside a
# diagonal of 99 %.
COLOUR_POWER = 0.4
MAX_CELLS_IN_WORDS = 5


def draw_confusion(
    confusion: ConfusionMatrix,
    *,
    as_shares: bool,
    hide_diagonal: bool,
    dark: bool,
    height: int = 390,
) -> go.Figure:
    """Rows are true classes, columns predicted ones; colour is the share of the true class.

    A click on a cell selects the point laid over it, whose ``customdata`` is ``[true, predicted,
    count]``: Plotly reports no clicks on a heatmap's own cells to Streamlit.

    Args:
        confusion: the counts.
        as_shares: write per cent of the true class into the cells instead of counts.
        hide_diagonal: leave the digits read right out, so that the errors take the whole scale.
        dark: whether the page is dark.
        height: in pixels.
    """
    shares = confusion.row_shares
    shown = np.where(np.eye(CLASSES, dtype=bool), np.nan, shares) if hide_diagonal else shares
    digits = [*range(CLASSES)]
    figure = go.Figure(
        go.Heatmap(
            z=shown**COLOUR_POWER,
            x=digits,
            y=digits,
            text=_label_cells(confusion, shown, as_shares=as_shares),
            texttemplate="%{text}",
            textfont={"size": 11},
            colorscale=sequential_scale(dark=dark),
            zmin=0,
            zmax=max(float(np.nanmax(shown)), 1e-9) ** COLOUR_POWER,
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )
    )
    true, predicted = (axis.ravel() for axis in np.indices((CLASSES, CLASSES)))
    figure.add_scatter(
        x=predicted,
        y=true,
        mode="markers",
        marker={"symbol": "square", "size": 26, "opacity": 0},
        customdata=np.stack([true, predicted, confusion.counts.ravel()], axis=1).tolist(),
        text=[f"{share:.1%}" for share in shares.ravel()],
        hovertemplate="true %{customdata[0]}, read as %{customdata[1]}: "
        "%{customdata[2]} (%{text})<extra></extra>",
        showlegend=False,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )
    return _lay_out_matrix(figure, height=height).update_layout(clickmode="event+select")


def draw_confusion_difference(
    first: ConfusionMatrix, second: ConfusionMatrix, *, dark: bool, height: int = 390
) -> go.Figure:
    """Cell by cell the errors of one model less those of another, on the same digits.

    Args:
        first: whose surplus is blue.
        second: whose surplus is orange.
        dark: whether the page is dark.
        height: in pixels.
    """
    difference = (first.counts - second.counts).astype(float)
    np.fill_diagonal(difference, np.nan)
    furthest = max(float(np.nanmax(np.abs(difference))), 1.0)
    least, zero, greatest = diverging_scale(dark=dark)
    digits = [*range(CLASSES)]
    figure = go.Figure(
        go.Heatmap(
            # As in the matrices themselves, small differences can be seen beside large ones.
            z=np.sign(difference) * np.abs(difference / furthest) ** COLOUR_POWER,
            x=digits,
            y=digits,
            text=[
                [f"{one:+.0f}" if one else "" for one in np.nan_to_num(row)] for row in difference
            ],
            texttemplate="%{text}",
            textfont={"size": 11},
            colorscale=[(0.0, least), (0.5, zero), (1.0, greatest)],
            zmin=-1,
            zmax=1,
            showscale=False,
            xgap=1,
            ygap=1,
            customdata=np.stack([first.counts, second.counts], axis=2),
            hovertemplate="true %{y}, read as %{x}: %{customdata[0]} and %{customdata[1]}"
            "<extra></extra>",
        )
    )
    return _lay_out_matrix(figure, height=height)


def describe_confusion(confusion: ConfusionMatrix) -> str:
    """A matrix in words: how many digits were read right, and the most frequent errors."""
    errors = list_confused_pairs(confusion)[:MAX_CELLS_IN_WORDS]
    listed = ", ".join(f"{one.true} read as {one.predicted} {one.count} times" for one in errors)
    right = f"{confusion.correct:,} of {confusion.total:,} digits read right."
    return f"{right} Most frequent errors: {listed}." if errors else right


def describe_confusion_difference(first: ConfusionMatrix, second: ConfusionMatrix) -> str:
    """The errors in words in which two models lie widest apart."""
    difference = first.counts - second.counts
    np.fill_diagonal(difference, 0)
    widest = np.argsort(-np.abs(difference), axis=None, kind="stable")[:MAX_CELLS_IN_WORDS]
    cells = [(*map(int, divmod(int(place), CLASSES)), difference.flat[place]) for place in widest]
    listed = ", ".join(f"{true} read as {seen} {by:+d}" for true, seen, by in cells if by)
    return f"{listed}." if listed else "none."


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
    """Text of each cell; empty where there is nothing to say."""
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
