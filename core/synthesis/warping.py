"""Warping: where a frame's pixels come from under an affine map, the ink there, and its width.

What training images and corrupted ones share. It draws no random numbers: whoever calls it does.
"""

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.frame import FRAME_SIZE

CENTRE = (FRAME_SIZE - 1) / 2

Frames = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


def map_affinely(matrix: Numbers, shift: Numbers) -> Frames:
    """Where each pixel of the result comes from.

    Args:
        matrix: ``(N, 2, 2)``, from rows and columns of the result, counted from the frame's centre,
            to those of the source.
        shift: ``(N, 2)`` rows and columns added to these, in pixels.

    Returns:
        Rows and columns in the source, ``(N, 2, 28, 28)``.
    """
    grid = np.mgrid[:FRAME_SIZE, :FRAME_SIZE].reshape(2, -1) - CENTRE
    places = matrix @ grid + shift[..., None] + CENTRE
    return places.reshape(len(matrix), 2, FRAME_SIZE, FRAME_SIZE).astype(np.float32)


def resample(frames: Frames, places: Frames) -> Frames:
    """Frames read at ``places``, rows and columns ``(N, 2, 28, 28)``, between pixels linearly.

    What lies outside a frame is paper. Much faster than ``scipy.ndimage.map_coordinates``, which
    knows no stacks of images.
    """
    side = FRAME_SIZE + 2  # with a rim of paper, for what lies outside
    padded = np.pad(frames, ((0, 0), (1, 1), (1, 1))).reshape(-1)
    places = np.clip(places + 1, 0, np.float32(side - 1.001))
    corner = places.astype(np.int32)
    row_share, column_share = (places - corner.astype(np.float32)).swapaxes(0, 1)
    first = corner[:, 0] * side + corner[:, 1]
    first += (np.arange(len(frames), dtype=np.int32) * side**2)[:, None, None]
    above = padded[first] * (1 - column_share) + padded[first + 1] * column_share
    first += side
    below = padded[first] * (1 - column_share) + padded[first + 1] * column_share
    return above * (1 - row_share) + below * row_share


def change_thickness(frames: Frames, share: npt.ArrayLike) -> Frames:
    """Strokes wider or thinner on every side by a share of a pixel.

    Args:
        frames: ``(N, 28, 28)``.
        share: of the way to strokes a pixel wider, or below 0 thinner, −1…1; one for all frames, or
            ``(N, 1, 1)``.
    """
    cross = scipy.ndimage.generate_binary_structure(2, 1)[None]
    part = np.asarray(share, np.float32)
    wider = scipy.ndimage.grey_dilation(frames, footprint=cross)
    thinner = scipy.ndimage.grey_erosion(frames, footprint=cross)
    return frames + np.where(part > 0, part * (wider - frames), -part * (thinner - frames))
