"""Outlines: polygons with fewer corners and nearly the same shape.

The method is that of M. Visvalingam and J. D. Whyatt, "Line generalisation by repeated elimination
of points", The Cartographic Journal 30 (1993), doi:10.1179/000870493786962263. Leaving out a corner
adds or takes away the triangle of the corner and its two neighbours: the corner with the smallest
triangle is left out first. This module does not know what the polygons are.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

MIN_CORNERS = 3

Polygon = npt.NDArray[np.float64]  # (N, 2), the corners in order


def simplify_polygons(polygons: Sequence[Polygon], count: int) -> list[Polygon]:
    """The polygons with at most ``count`` corners in all, each with ``MIN_CORNERS`` or more.

    The more a corner changes a shape, the longer it is kept, in whatever polygon it is.

    Args:
        polygons: with any number of corners each.
        count: at least ``MIN_CORNERS`` for each polygon.
    """
    losses = [measure_losses(polygon) for polygon in polygons]
    pooled = np.concatenate([*losses, np.zeros(0)])
    if len(pooled) <= count:
        return list(polygons)
    limit = np.sort(pooled)[-count - 1]
    return [polygon[loss > limit] for polygon, loss in zip(polygons, losses, strict=True)]


def measure_losses(polygon: Polygon) -> npt.NDArray[np.float64]:
    """By how large a triangle the shape changes when each corner is left out; ``(N,)``.

    The corners are left out in the order of these values; infinite for the last ``MIN_CORNERS``.
    """
    losses = np.full(len(polygon), np.inf)
    left = np.arange(len(polygon))
    largest = 0.0
    while len(left) > MIN_CORNERS:
        triangles = _measure_triangles(polygon[left])
        place = triangles.argmin()
        largest = max(largest, triangles[place])
        losses[left[place]] = largest
        left = np.delete(left, place)
    return losses


def _measure_triangles(polygon: Polygon) -> npt.NDArray[np.float64]:
    """The area of the triangle of each corner and its two neighbours; ``(N,)``."""
    before, after = (np.roll(polygon, step, axis=0) - polygon for step in (1, -1))
    doubled: npt.NDArray[np.float64] = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.abs(doubled) / 2
