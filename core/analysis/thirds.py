"""Measures of parts: how wide the upper and the lower third of a digit are.

They tell digits apart whose strokes are alike as a whole, such as 1 and 7. This module does not
know labels or models.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.analysis.measures import Measure, Measures

Masks = npt.NDArray[np.bool_]

# What counts as ink, of 255.
MIN_INK = 128
THIRDS: Mapping[str, Measure] = {
    "upper_width": Measure("Upper width", "px", "The width of the upper third of the digit."),
    "lower_width": Measure("Lower width", "px", "The width of the lower third of the digit."),
}


def measure_thirds(images: npt.NDArray[np.uint8]) -> Measures:
    """Measure the upper and the lower third of digits.

    Args:
        images: ``(N, 28, 28)``, 0 paper … 255 ink.

    Returns:
        ``(N,)`` float32 for each of ``THIRDS``, in pixels; 0 for digits without ink.
    """
    masks: Masks = images >= MIN_INK
    rows: Masks = masks.max(axis=2)  # (N, 28)
    tops = rows.argmax(axis=1)[:, None]
    bottoms = rows.shape[1] - rows[:, ::-1].argmax(axis=1)[:, None]  # the row after the last
    # Middles of rows, as shares of the height of the digit.
    places = (np.arange(rows.shape[1]) + 0.5 - tops) / (bottoms - tops)
    return {
        "upper_width": _measure_widths(masks & (places < 1 / 3)[:, :, None]),
        "lower_width": _measure_widths(masks & (places > 2 / 3)[:, :, None]),
    }


def _measure_widths(masks: Masks) -> npt.NDArray[np.float32]:
    """From the first column with ink to the last one."""
    columns: Masks = masks.max(axis=1)
    ends = columns.shape[1] - columns[:, ::-1].argmax(axis=1) - columns.argmax(axis=1)
    return np.where(columns.any(axis=1), ends, 0).astype(np.float32)
