"""Occlusion: which ink carried a model's decision.

M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014,
arXiv:1311.2901: cover a part of the image, and see how far the model's belief falls. Log-odds are
followed in place of the probability, which stays at 1 while a sure model grows a little less sure.
"""

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier

# Pixels a side: a little more than a stroke is wide.
PATCH = 5
STEP = 2
# Probabilities come in 32 bits; below this they are noise.
MIN_PROBABILITY = 1e-7


def map_occlusion(
    classifier: Classifier, frame: npt.NDArray[np.float32], digit: int
) -> npt.NDArray[np.float32]:
    """How far the belief in a digit hangs on the ink around each pixel.

    Args:
        classifier: the model.
        frame: ``(28, 28)`` of 0 paper … 1 ink.
        digit: whose log-odds to follow, 0…9.

    Returns:
        ``(28, 28)`` float32: the mean fall of the log-odds (natural) over the patches of paper that
        covered a pixel; below 0 where covering it made the digit more probable, 0 where there was
        no ink to cover.
    """
    padding = PATCH // 2
    corners = range(-padding, FRAME_SIZE - padding, STEP)
    covers = np.array([_cover(top, left) for top in corners for left in corners])
    covers = covers[(covers & (frame > 0)).any(axis=(1, 2))]
    covered = np.where(covers, np.float32(0), frame)
    beliefs = _log_odds(classifier.probabilities(np.concatenate([frame[None], covered])), digit)
    falls = beliefs[0] - beliefs[1:]
    times = covers.sum(axis=0)
    total = np.tensordot(falls, covers.astype(np.float32), axes=1)
    return np.where(frame > 0, total / np.maximum(times, 1), 0).astype(np.float32)


def _log_odds(probabilities: npt.NDArray[np.float32], digit: int) -> npt.NDArray[np.float64]:
    """Of a digit against all others, ``(N,)``. The others' sum is exact where 1 − p rounds to 0."""
    own = probabilities[:, digit].astype(np.float64)
    others = np.delete(probabilities, digit, axis=1).sum(axis=1, dtype=np.float64)
    return np.log(own + MIN_PROBABILITY) - np.log(others + MIN_PROBABILITY)


def _cover(top: int, left: int) -> npt.NDArray[np.bool_]:
    """A patch as ``(28, 28)`` bool; what lies outside the frame is cut off."""
    mask = np.zeros((FRAME_SIZE, FRAME_SIZE), bool)
    mask[max(top, 0) : top + PATCH, max(left, 0) : left + PATCH] = True
    return mask
