"""Strokes: pen movements as arrays of points, and their conversion from and to JSON.

A stroke is an ``(n, 2)`` float64 array of x (rightwards) and y (downwards) in canvas pixels. The
canvas is streamlit-drawable-canvas, which uses the JSON format of Fabric.js 7. This module does not
know about frames or models.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# Each quadratic curve is replaced by this many points. The canvas writes one curve for every few
# pixels drawn.
CURVE_POINTS = 4

# Fabric.js measures ``left`` and ``top`` to this share of an object's width and height, by the name
# of the origin.
ORIGIN_SHARES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}

Stroke = npt.NDArray[np.float64]

# As messages show them.
POINTS_FORM, COLUMNS_FORM = "[[x, y], [x, y], …]", "[[x, x, …], [y, y, …]]"


def strokes_from_canvas(drawing: Mapping[str, Any] | None) -> list[Stroke]:
    """Extract the strokes from a canvas's ``json_data``, at the places where the canvas shows them.

    An object that was moved, scaled, turned or mirrored in the canvas's edit mode keeps its
    original path and stores the transform beside it. The transform is applied here.

    Args:
        drawing: the canvas's ``json_data``; None and a drawing without objects are empty.

    Returns:
        One ``(n, 2)`` array a stroke, in canvas pixels. Objects other than paths are left out.

    Raises:
        ValueError: a path contains a command other than move, line and quadratic curve.
    """
    objects = (drawing or {}).get("objects", [])
    return [_stroke_from_object(item) for item in objects if item.get("type") == "Path"]


def strokes_from_lists(lists: Sequence[Sequence[Sequence[float]]]) -> list[Stroke]:
    """Convert strokes from JSON: lists of points, or lists of coordinates as in Quick Draw.

    Args:
        lists: each stroke ``[[x, y], …]`` or ``[[x, y, time], …]``, or else each stroke
            ``[[x, …], [y, …]]`` or ``[[x, …], [y, …], [time, …]]``. Times are ignored. A stroke may
            be empty.

    Returns:
        One ``(n, 2)`` array a stroke, in the unit of ``lists``.

    Raises:
        ValueError: the strokes have neither form, or may have both.
    """
    strokes = [stroke for stroke in lists if stroke]
    are_points = all(len(stroke[0]) in (2, 3) and _is_table(stroke) for stroke in strokes)
    are_columns = all(len(stroke) in (2, 3) and _is_table(stroke) for stroke in strokes)
    if not (are_points or are_columns):
        raise ValueError(
            f"Send each stroke as a list of points: {POINTS_FORM}. A time after x and y is "
            f"allowed. The form {COLUMNS_FORM} is allowed too, if all strokes have it."
        )
    tables = [np.array(stroke, np.float64) for stroke in strokes]
    columns = [table.T for table in tables]
    if are_points and are_columns and any(table.shape[1] == 3 for table in tables):
        # Small strokes, such as 3 × 3 numbers, fit both forms. Time never runs backwards.
        are_points, are_columns = _have_times_in_order(tables), _have_times_in_order(columns)
        if are_points == are_columns:
            raise ValueError(
                f"These strokes may have the form {POINTS_FORM} with times or the form "
                f"{COLUMNS_FORM}. Send points without times."
            )
    return [table[:, :2].copy() for table in (tables if are_points else columns)]


def _is_table(stroke: Sequence[Sequence[float]]) -> bool:
    """Whether all lists are equally long, and not empty."""
    length = len(stroke[0])
    return length > 0 and all(len(other) == length for other in stroke)


def _have_times_in_order(tables: Sequence[npt.NDArray[np.float64]]) -> bool:
    return all((np.diff(table[:, 2:], axis=0) >= 0).all() for table in tables)


def canvas_from_strokes(
    strokes: Iterable[Stroke], *, pen_width: int, colour: str
) -> dict[str, list[dict[str, Any]]]:
    """Convert strokes to the ``initial_drawing`` of a canvas.

    Args:
        strokes: one ``(n, 2)`` array a stroke, in canvas pixels.
        pen_width: in canvas pixels.
        colour: of the pen, as in CSS.
    """
    return {
        "objects": [
            {
                "type": "Path",
                "path": [
                    ["M" if index == 0 else "L", round(float(x), 2), round(float(y), 2)]
                    for index, (x, y) in enumerate(stroke)
                ],
                "stroke": colour,
                "strokeWidth": pen_width,
                "fill": None,
                "strokeLineCap": "round",
                "strokeLineJoin": "round",
            }
            for stroke in strokes
        ]
    }


def clip_strokes(strokes: Iterable[Stroke], side: float) -> list[Stroke]:
    """Cut off what lies outside a square canvas.

    Args:
        strokes: one ``(n, 2)`` array a stroke, in canvas pixels.
        side: of the canvas, in pixels.

    Returns:
        The parts inside, in order: a stroke that leaves the canvas and comes back is two.
    """
    return [part for stroke in strokes for part in _clip_stroke(stroke, side)]


def _clip_stroke(stroke: Stroke, side: float) -> list[Stroke]:
    if ((stroke >= 0) & (stroke <= side)).all():
        return [stroke]
    parts: list[list[Stroke]] = []
    for start, end in itertools.pairwise(stroke):
        first, last = _find_inside(start, end - start, side)
        if first >= last:
            continue
        if not parts or first > 0 or not np.array_equal(parts[-1][-1], start):
            parts.append([start + first * (end - start)])
        parts[-1].append(end if last == 1 else start + last * (end - start))
    return [np.array(part) for part in parts]


def _find_inside(start: Stroke, step: Stroke, side: float) -> tuple[float, float]:
    """The shares of a line at which it enters and leaves the square, by Liang and Barsky."""
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.sort((np.array([[0.0], [side]]) - start) / step, axis=0)  # (2, 2)
    parallel = step == 0
    outside = parallel & ((start < 0) | (start > side))
    bounds[:, parallel] = np.array([[-np.inf], [np.inf]])
    bounds[0, outside] = np.inf
    return max(0.0, *bounds[0]), min(1.0, *bounds[1])


def _stroke_from_object(item: Mapping[str, Any]) -> Stroke:
    points = _flatten_path(item["path"])
    if "left" not in item or "top" not in item:
        return points  # written by ``canvas_from_strokes`` and not edited since
    return _transform(points, item)


def _flatten_path(path: Sequence[Sequence[Any]]) -> Stroke:
    for command, *_ in path:
        if command not in {"M", "L", "Q"}:
            raise ValueError(f"expected the path commands M, L and Q, got {command!r}")
    starts, controls, ends = (points[:, None] for points in _split_path(path))  # each (n, 1, 2)
    t = np.linspace(0, 1, CURVE_POINTS + 1)[1:, None]
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * controls + t**2 * ends  # (n, 4, 2)
    # A move or a line contributes its end alone.
    kept = np.array([[command == "Q"] * (CURVE_POINTS - 1) + [True] for command, *_ in path])
    return curves[kept]


def _split_path(path: Sequence[Sequence[Any]]) -> tuple[Stroke, Stroke, Stroke]:
    """The start, the control point and the end of each command, ``(n, 2)`` each.

    They are computed for all commands at once, because a drawing has hundreds of them. The control
    point of a move or a line is its end, and the start of the first move has no meaning.
    """
    controls = np.array([step[1:3] for step in path], dtype=np.float64)
    ends = np.array([step[-2:] for step in path], dtype=np.float64)
    return np.roll(ends, 1, axis=0), controls, ends


def _find_box(path: Sequence[Sequence[Any]]) -> Stroke:
    """The box that Fabric.js gives a path: left, top and right, bottom, ``(2, 2)``.

    Follows ``Path._calcBoundsFromPath`` and ``getBoundsOfCurve`` of Fabric.js. They take a
    quadratic curve as a cubic one that has the control point twice. That curve turns nearer to the
    control point, so the box may be larger than that of the points. A path of moves alone has an
    empty box at 0.
    """
    is_drawn = np.array([command != "M" for command, *_ in path])
    if not is_drawn.any():
        return np.zeros((2, 2))
    starts, controls, ends = (points[is_drawn] for points in _split_path(path))
    before, after = starts - controls, ends - controls
    # Where the control point lies between the two ends, the curve does not turn. The control point
    # is inside the box then.
    turning = np.maximum(before * after, 0)
    widths = (np.sqrt(np.abs(before)) + np.sqrt(np.abs(after))) ** 2
    turns = controls + np.sign(before) * turning / np.where(widths == 0, 1, widths)
    corners = np.concatenate([starts, turns, ends])
    return np.array([corners.min(axis=0), corners.max(axis=0)])


def _transform(points: Stroke, item: Mapping[str, Any]) -> Stroke:
    """Apply a Fabric object's transform: about the centre of its path, then to its position."""
    centre = _find_box(item["path"]).mean(axis=0)
    scale = np.array(
        [
            item.get("scaleX", 1) * (-1 if item.get("flipX") else 1),
            item.get("scaleY", 1) * (-1 if item.get("flipY") else 1),
        ]
    )
    skew = np.tan(np.radians([item.get("skewX", 0), item.get("skewY", 0)]))
    angle = np.radians(item.get("angle", 0))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.array([[1, skew[0]], [0, 1]]) @ np.array([[1, 0], [skew[1], 1]])
    matrix = rotation @ np.diag(scale) @ shear
    return (points - centre) @ matrix.T + _find_centre(item, rotation, np.abs(scale))


def _find_centre(item: Mapping[str, Any], rotation: Stroke, scale: Stroke) -> Stroke:
    """The position of the object's centre on the canvas, ``(2,)``."""
    origin = np.array([item["left"], item["top"]], dtype=np.float64)
    share = np.array(
        [ORIGIN_SHARES[item.get("originX", "center")], ORIGIN_SHARES[item.get("originY", "center")]]
    )
    pen = item.get("strokeWidth", 0)
    size = (np.array([item.get("width", 0), item.get("height", 0)]) + pen) * scale
    return origin + rotation @ ((0.5 - share) * size)
