"""Weights and feature maps as pictures."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.figures.style import diverging_scale, text_colour

# Opacity of ink whose value is 0.
FAINT_INK = 0.25

Picture = npt.NDArray[np.uint8]


def tint_weights(weights: npt.NDArray[Any], *, limit: float, dark: bool) -> Picture:
    """Weights in two hues that fade to the background colour of the page at 0.

    Args:
        weights: ``(H, W)``, positive or negative.
        limit: the magnitude, above 0, from which weights have the full colour.
        dark: whether the page is dark.

    Returns:
        ``(H, W, 3)`` red, green and blue.
    """
    negative, zero, positive = (_read_colour(name) for name in diverging_scale(dark=dark))
    share = np.clip(np.asarray(weights, np.float64) / limit, -1, 1)[..., None]
    end = np.where(share < 0, negative, positive)
    return np.round(zero + np.abs(share) * (end - zero)).astype(np.uint8)


def tint_ink(frame: npt.NDArray[np.float32], values: npt.NDArray[Any], *, dark: bool) -> Picture:
    """A digit as a pale shape, tinted where its values are positive or negative.

    Args:
        frame: ``(28, 28)`` of 0 paper … 1 ink.
        values: ``(28, 28)``, positive or negative; the largest magnitude has the full colour.
        dark: whether the page is dark.

    Returns:
        ``(28, 28, 3)`` red, green and blue.
    """
    limit = max(float(np.abs(values).max()), 1e-6)
    tint = tint_weights(values, limit=limit, dark=dark).astype(np.float64)
    ink = _read_colour(text_colour(dark=dark))
    share = (FAINT_INK * frame * (1 - np.abs(values) / limit))[..., None]
    return np.round(tint + share * (ink - tint)).astype(np.uint8)


def grey_maps(values: npt.NDArray[Any]) -> Picture:
    """Feature maps ``(H, W, C)`` as grey pictures ``(C, H, W)`` with a common scale.

    Black is 0, or the lowest value if that is negative; white is the highest value.
    """
    low = min(float(values.min()), 0.0)
    extent = max(float(values.max()) - low, 1e-9)
    return np.round(np.moveaxis(values - low, 2, 0) / extent * 255).astype(np.uint8)


def grey_strip(values: npt.NDArray[Any], *, columns: int) -> Picture:
    """The outputs of a dense layer, ``(U,)``, as grey pixels in rows of ``columns``."""
    rows = -(-len(values) // columns)
    width = min(columns, len(values))
    squares = np.zeros(rows * width)
    squares[: len(values)] = grey_maps(values[None, :, None])[0, 0]
    return squares.reshape(rows, width).astype(np.uint8)


def _read_colour(name: str) -> npt.NDArray[np.float64]:
    return np.array([int(name[start : start + 2], 16) for start in (1, 3, 5)], np.float64)
