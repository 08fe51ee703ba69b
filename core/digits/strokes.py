"""Strokes: what the pen did, as arrays of points, and how the canvas writes them down.

A stroke is an ``(n, 2)`` float64 array of x (rightwards) and y (downwards) in canvas pixels. The
canvas is streamlit-drawable-canvas, which speaks the JSON of Fabric.js 7.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# Points on each quadratic curve; the canvas writes one curve for every few pixels drawn.
CURVE_POINTS = 4

# Where an object's ``left`` and ``top`` lie between its edges, by Fabric's name for it.
ORIGIN_SHARE = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}

Stroke = npt.NDArray[np.float64]


def strokes_from_canvas(drawing: Mapping[str, Any] | None) -> list[Stroke]:
    """Read the strokes out of a canvas's ``json_data``, each where its ink really is.

    An object that was moved, scaled, turned or mirrored in the canvas's edit mode keeps its path
    as it was drawn, and its transform beside it; the transform is applied here.

    Raises:
        ValueError: a path holds something other than move, line and curve commands.
    """
    objects = (drawing or {}).get("objects", [])
    return [_stroke_from_object(item) for item in objects if item.get("type") == "Path"]


def canvas_from_strokes(
    strokes: Iterable[Stroke], *, pen_width: int, colour: str
) -> dict[str, list[dict[str, Any]]]:
    """Write strokes as the ``initial_drawing`` of a canvas."""
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


def _stroke_from_object(item: Mapping[str, Any]) -> Stroke:
    points = _flatten_path(item["path"])
    if "left" not in item or "top" not in item:
        return points  # one of our own, not touched yet
    return _transform(points, item)


def _flatten_path(path: Sequence[Sequence[Any]]) -> Stroke:
    for command, *_ in path:
        if command not in {"M", "L", "Q"}:
            raise ValueError(f"expected the path commands M, L and Q, got {command!r}")
    # All at once: a drawing holds hundreds of them.
    controls = np.array([step[1:3] for step in path], dtype=np.float64)[:, None]  # (n, 1, 2)
    ends = np.array([step[-2:] for step in path], dtype=np.float64)[:, None]
    starts = np.roll(ends, 1, axis=0)
    t = np.linspace(0, 1, CURVE_POINTS + 1)[1:, None]
    curves = (1 - t) ** 2 * starts + 2 * t * (1 - t) * controls + t**2 * ends  # (n, 4, 2)
    drawn = np.array([[command == "Q"] * (CURVE_POINTS - 1) + [True] for command, *_ in path])
    return curves[drawn]


def _transform(points: Stroke, item: Mapping[str, Any]) -> Stroke:
    """Apply a Fabric object's transform: about the middle of its path, then to its place."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = np.array(
        [
            item.get("scaleX", 1) * (-1 if item.get("flipX") else 1),
            item.get("scaleY", 1) * (-1 if item.get("flipY") else 1),
        ]
    )
    skew = np.tan(np.radians([item.get("skewX", 0), item.get("skewY", 0)]))
    angle = np.radians(item.get("angle", 0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, skew[0]], [0, 1]]) @ np.array([[1, 0], [skew[1], 1]])
    matrix = turn @ np.diag(scale) @ slant
    return (points - middle) @ matrix.T + _place(item, turn, np.abs(scale))


def _place(item: Mapping[str, Any], turn: Stroke, scale: Stroke) -> Stroke:
    """Where the middle of the object lies on the canvas."""
    corner = np.array([item["left"], item["top"]], dtype=np.float64)
    share = np.array(
        [ORIGIN_SHARE[item.get("originX", "center")], ORIGIN_SHARE[item.get("originY", "center")]]
    )
    pen = item.get("strokeWidth", 0)
    size = (np.array([item.get("width", 0), item.get("height", 0)]) + pen) * scale
    return corner + turn @ ((0.5 - share) * size)
