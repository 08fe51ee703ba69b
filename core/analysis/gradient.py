"""Gradient × input: how much each pixel of ink adds to a model's prediction, to first order.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks", ICLR 2014 workshop,
arXiv:1312.6034, took the gradient by the pixels; A. Shrikumar, P. Greenside, A. Kundaje, "Learning
important features through propagating activation differences", ICML 2017, arXiv:1704.02685, compare
with its product with the input. The gradient is measured by finite differences, so that it is
known for every model, whatever its layers, and it is that of the log-odds, as in ``occlusion.py``.
"""

import numpy as np
import numpy.typing as npt

from core.analysis.metrics import compute_log_odds
from core.inference.classifier import Classifier

# How far a pixel is changed in both directions. A smaller change would be lost in the rounding
# errors of 32-bit probabilities.
STEP = 0.02


def map_gradient(
    classifier: Classifier, frame: npt.NDArray[np.float32], digit: int
) -> npt.NDArray[np.float32]:
    """Compute the ink of each pixel times the derivative of a digit's log-odds by it.

    Args:
        classifier: the model.
        frame: ``(28, 28)``, 0 paper … 1 ink.
        digit: the class whose log-odds are differentiated, 0…9.

    Returns:
        ``(28, 28)`` float32 in natural log-odds. It is below 0 where more ink makes the digit less
        probable, and 0 where the pixel has no ink.
    """
    places = np.flatnonzero(frame)
    rows = np.arange(len(places))
    changed = np.repeat(frame.reshape(1, -1), 2 * len(places), axis=0).reshape(2, len(places), -1)
    changed[0, rows, places] += STEP
    changed[1, rows, places] -= STEP
    np.clip(changed, 0, 1, out=changed)
    widths = changed[0, rows, places] - changed[1, rows, places]
    probabilities = classifier.probabilities(changed.reshape(-1, *frame.shape))
    more, less = compute_log_odds(probabilities, digit).reshape(2, -1)
    result = np.zeros(frame.size, np.float32)
    result[places] = frame.ravel()[places] * (more - less) / widths
    return result.reshape(frame.shape)
