"""Accuracy of models against a cost, and the Pareto front of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import plotly.graph_objects as go

from core.analysis.cost import TIME, Cost, CostKind
from core.analysis.pareto import find_front
from core.figures.style import escape_label, lay_out
from core.models.card import Estimate

# A log axis has no 0: a model without any error is drawn here.
MIN_ERROR_RATE = 1e-4
TICKS = (0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001)
COST_TICKS = tuple(float(f"{digit}e{exponent}") for exponent in range(-3, 6) for digit in (1, 2, 5))
# The cost axis reaches this factor beyond the models: at least one tick is on it.
PADDING = 1.6
FRONT_COLOUR = "#7F7F7F"
HEIGHT = 440
# The names of more models would lie on each other on a phone; a legend has them.
MAX_NAMES = 4


@dataclass(frozen=True)
class CostRow:
    """One model: its title, its colour, its accuracy on a test set, and its cost.

    The accuracy is 0…1, and None where it was not measured.
    """

    title: str
    colour: str
    accuracy: Estimate | None
    cost: Cost


@dataclass(frozen=True)
class _Point:
    """The place of a model on the chart: its cost, and its accuracy, which was measured."""

    row: CostRow
    cost: float
    accuracy: Estimate

    @property
    def error_rate(self) -> float:
        return max(1 - self.accuracy.value, MIN_ERROR_RATE)


def draw_costs(rows: Sequence[CostRow], kind: CostKind, dataset: str) -> go.Figure:
    """A marker for each model: its accuracy against its cost, with lines to the bounds.

    The vertical line goes over the 95% interval, the horizontal one from the median of the latency
    to its 95th percentile. Both axes are logarithmic, the vertical one in the error rate, so that
    99% and 99.5% are as far apart as 98% and 99%. Filled markers are on the Pareto front, which
    a dotted line connects. Few models have their names beside them, more have a legend. Models
    without an accuracy are left out.

    Args:
        rows: of the models.
        kind: of the cost.
        dataset: the title of the test set.
    """
    points = _list_points(rows, kind)
    figure = go.Figure([_draw_front(_list_front(points)), *_draw_models(points, kind)])
    figure.update_xaxes(
        title=f"{kind.axis}, log scale",
        type="log",
        tickvals=COST_TICKS,
        ticktext=[f"{tick:,g}" for tick in COST_TICKS],
        range=_find_range(points, kind),
    )
    figure.update_yaxes(
        title=f"Accuracy, {escape_label(dataset)}",
        type="log",
        autorange="reversed",
        tickvals=TICKS,
        ticktext=[f"{100 * (1 - tick):g}%" for tick in TICKS],
    )
    return lay_out(figure, height=HEIGHT, showlegend=len(points) > MAX_NAMES)


def describe_costs(rows: Sequence[CostRow], kind: CostKind) -> str:
    """The same in words."""
    return " ".join(
        f"{point.row.title}: accuracy {point.accuracy.value:.2%}, {point.cost:,.2f} {kind.unit}."
        for point in _list_points(rows, kind)
    )


def describe_front(rows: Sequence[CostRow], kind: CostKind) -> str:
    """A sentence that names the models on the Pareto front; empty without any accuracy."""
    titles = [point.row.title for point in _list_front(_list_points(rows, kind))]
    if not titles:
        return ""
    names = " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))
    return f"{names}: no other model is more accurate and also {kind.advantage}."


def _list_points(rows: Sequence[CostRow], kind: CostKind) -> list[_Point]:
    return [_Point(row, kind.read(row.cost), row.accuracy) for row in rows if row.accuracy]


def _list_front(points: Sequence[_Point]) -> list[_Point]:
    costs = [point.cost for point in points]
    return [points[index] for index in find_front(costs, [one.accuracy.value for one in points])]


def _find_range(points: Sequence[_Point], kind: CostKind) -> tuple[float, float]:
    """The powers of ten between which the models and the lines to their 95th percentiles are."""
    costs = [point.cost for point in points] or [1.0]
    tails = [1000 * point.row.cost.percentile_95 for point in points] if kind is TIME else []
    return log10(min(costs) / PADDING), log10(max(costs + tails) * PADDING)


def _draw_front(front: Sequence[_Point]) -> go.Scatter:
    """Steps: below them and to the right, a model on the front beats every other."""
    return go.Scatter(
        x=[point.cost for point in front],
        y=[point.error_rate for point in front],
        mode="lines",
        line={"color": FRONT_COLOUR, "dash": "dot", "width": 1.5, "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
    )


def _draw_models(points: Sequence[_Point], kind: CostKind) -> list[go.Scatter]:
    """The models, each with its name on the side where the chart has more room."""
    front, middle = _list_front(points), sum(_find_range(points, kind)) / 2
    models = []
    for point in points:
        on_front = point in front
        model = _draw_marker(point, kind, symbol="circle" if on_front else "circle-open")
        if len(points) <= MAX_NAMES:
            side = "right" if log10(point.cost) < middle else "left"
            place = f"{'top' if on_front else 'bottom'} {side}"
            model.update(mode="markers+text", text=[model.name], textposition=place)
        models.append(model)
    return models


def _draw_marker(point: _Point, kind: CostKind, *, symbol: str) -> go.Scatter:
    """A marker at the place of a model, with the lines to its bounds."""
    row, error_rate = point.row, point.error_rate
    lowest, highest = (
        max(1 - share, MIN_ERROR_RATE) for share in (point.accuracy.high, point.accuracy.low)
    )
    tail = 1000 * row.cost.percentile_95 - point.cost if kind is TIME else 0
    line = {"color": row.colour, "thickness": 1.5, "width": 3, "symmetric": False}
    return go.Scatter(
        x=[point.cost],
        y=[error_rate],
        name=escape_label(row.title),
        mode="markers",
        marker={
            "color": row.colour,
            "size": 11,
            "symbol": symbol,
            "line": {"width": 2, "color": row.colour},
        },
        error_x={"array": [tail], "arrayminus": [0], "visible": kind is TIME, **line},
        error_y={"array": [highest - error_rate], "arrayminus": [error_rate - lowest], **line},
        hovertemplate=f"accuracy {point.accuracy.value:.2%}<br>"
        f"p50 {1000 * row.cost.median:.2f} ms<br>p95 {1000 * row.cost.percentile_95:.2f} ms<br>"
        f"{row.cost.file_size / 1000:,.0f} kB<br>"
        f"{row.cost.multiplications:,} multiplications",
    )
