"""Occlusion maps: which ink a model's prediction depends on.

A patch of paper covers a part of the image, and the change of the prediction is measured: M. D.
Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014,
arXiv:1311.2901. The change is measured in log-odds rather than in probability, because the
probability of a confident prediction stays close to 1.
"""

import numpy as np
import numpy.typing as npt

from core.analysis.metrics import compute_log_odds
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier

# The side of a patch and the distance between patches, in pixels. A patch is slightly wider than a
# stroke.
PATCH_SIZE = 5
STEP = 2


def map_occlusion(
    classifier: Classifier, frame: npt.NDArray[np.float32], digit: int
) -> npt.NDArray[np.float32]:
    """Compute how much the prediction of a digit depends on the ink around each pixel.

    Args:
        classifier: the model.
        frame: ``(28, 28)``, 0 paper … 1 ink.
        digit: the class whose log-odds are measured, 0…9.

    Returns:
        ``(28, 28)`` float32, the mean decrease of the natural log-odds over all patches that cover
        a pixel. It is below 0 where covering the pixel makes the digit more probable, and 0 where
        the pixel has no ink.
    """
    padding = PATCH_SIZE // 2
    corners = range(-padding, FRAME_SIZE - padding, STEP)
    patches = np.array([_mask_patch(top, left) for top in corners for left in corners])
    patches = patches[(patches & (frame > 0)).any(axis=(1, 2))]  # (P, 28, 28)
    occluded = np.where(patches, np.float32(0), frame)
    log_odds = compute_log_odds(
        classifier.probabilities(np.concatenate([frame[None], occluded])), digit
    )
    decreases = log_odds[0] - log_odds[1:]  # (P,)
    counts = patches.sum(axis=0)
    total = np.tensordot(decreases, patches.astype(np.float32), axes=1)
    return np.where(frame > 0, total / np.maximum(counts, 1), 0).astype(np.float32)


def _mask_patch(top: int, left: int) -> npt.NDArray[np.bool_]:
    """The part of a patch inside the frame, as a ``(28, 28)`` mask."""
    mask = np.zeros((FRAME_SIZE, FRAME_SIZE), bool)
    mask[max(top, 0) : top + PATCH_SIZE, max(left, 0) : left + PATCH_SIZE] = True
    return mask
