"""Drawings: strokes as a picture that a page can show behind the boxes of their digits."""

from collections.abc import Sequence

import numpy as np

from core.digits.found_digits import Box
from core.digits.strokes import Stroke
from core.figures.digit import encode_address

# Paper around the digits, as a share of the longer side.
MARGIN = 0.06


def frame_boxes(boxes: Sequence[Box], pen_width: float) -> Box:
    """The part of a drawing that shows all boxes, with some paper around them."""
    sides = np.array(boxes)
    corner, end = sides[:, :2].min(axis=0) - pen_width / 2, sides[:, 2:].max(axis=0) + pen_width / 2
    margin = MARGIN * float((end - corner).max())
    (left, top), (right, bottom) = (corner - margin).tolist(), (end + margin).tolist()
    return left, top, right, bottom


def draw_strokes(strokes: Sequence[Stroke], part: Box, *, pen_width: float) -> str:
    """A part of a drawing, white ink on black, as a ``data:`` URL of an SVG.

    Args:
        strokes: ``(n, 2)`` each, x rightwards and y downwards.
        part: what to show, in the unit of the strokes.
        pen_width: in the unit of the strokes.
    """
    left, top, right, bottom = part
    lines = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in stroke)}"/>'
        for stroke in strokes
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}">'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="100%" height="100%"/>'
        f'<g fill="none" stroke="#fff" stroke-width="{pen_width:g}" stroke-linecap="round" '
        f'stroke-linejoin="round">{lines}</g></svg>'
    )
    return encode_address(svg.encode(), "image/svg+xml")
