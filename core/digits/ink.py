"""Ink: how much of each pixel is covered by a pen, 0 paper … 1 full ink.

This module does not know about pictures, frames, digits or models.
"""

import numpy as np
import numpy.typing as npt

# ``(height, width)`` float32.
Ink = npt.NDArray[np.float32]


class EmptyDrawingError(ValueError):
    """The input has no ink, or too little of it to be a digit."""


def normalise(strength: Ink) -> Ink:
    """Scale the strength of ink to 0…1. Normalising the result again does not change it.

    Args:
        strength: ``(height, width)`` of 0 or more, 0 on paper.

    Returns:
        ``(height, width)`` float32 in 0…1, with at least five pixels at 1.

    Raises:
        EmptyDrawingError: fewer than five pixels have any ink.
    """
    peak = find_peak(strength)
    if peak <= 0:
        raise EmptyDrawingError(
            "There are only a few specks of ink in this picture. Use a picture of a whole digit."
        )
    return np.clip(strength / np.float32(peak), 0, 1)


def find_peak(strength: Ink) -> float:
    """The strength of full ink: the fifth largest value, so that hot pixels have no effect."""
    values = strength.ravel()
    rank = min(5, values.size)
    highest = values.max()
    # Partition is slow where many values are equal, as those of paper are.
    if np.count_nonzero(values == highest) >= rank:
        return float(highest)
    strong = values[values > 0.5 * highest]
    return float(np.partition(strong if len(strong) >= rank else values, -rank)[-rank])


def find_threshold(strength: Ink) -> float:
    """Find a threshold between two classes of pixels: halfway between the means of Otsu's classes.

    N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9 (1979), doi:10.1109/TSMC.1979.4310076. Where no pixel lies
    between the classes, the method does not say which of the thresholds between them to take.

    Args:
        strength: of any shape, in 0…1. Where there is one class only, its level is returned.
    """
    counts = np.bincount((strength.ravel() * 255).astype(np.uint8), minlength=256)
    below, above = np.cumsum(counts)[:-1], np.cumsum(counts[::-1])[-2::-1]
    sums = np.cumsum(counts * np.arange(256))
    mean_below = sums[:-1] / np.maximum(below, 1)
    mean_above = (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    split = np.argmax(below * above * (mean_above - mean_below) ** 2)
    if not below[split] * above[split]:
        return float(counts.argmax()) / 255
    return float(mean_below[split] + mean_above[split]) / 2 / 255
