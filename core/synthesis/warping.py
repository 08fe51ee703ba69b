"""Warping: affine maps, resampling and stroke thickness, for augmentation and corruptions.

This module uses no random numbers. Its callers choose the amounts.
"""

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.frame import FRAME_SIZE

CENTRE = (FRAME_SIZE - 1) / 2

Frames = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


def map_affinely(matrix: Numbers, shift: Numbers) -> Frames:
    """Compute the source position of each pixel of a transformed frame.

    Args:
        matrix: ``(N, 2, 2)``, maps row and column in the result to row and column in the source,
            both relative to the frame's centre.
        shift: ``(N, 2)`` rows and columns added to the mapped positions, in pixels.

    Returns:
        ``(N, 2, 28, 28)`` float32, rows and columns in the source.
    """
    grid = np.mgrid[:FRAME_SIZE, :FRAME_SIZE].reshape(2, -1) - CENTRE
    places = matrix @ grid + shift[..., None] + CENTRE
    return places.reshape(len(matrix), 2, FRAME_SIZE, FRAME_SIZE).astype(np.float32)


def resample(frames: Frames, places: Frames) -> Frames:
    """Sample frames at the given positions, with bilinear interpolation.

    Much faster than ``scipy.ndimage.map_coordinates``, which takes one image at a time.

    Args:
        frames: ``(N, 28, 28)`` float32.
        places: ``(N, 2, 28, 28)``, rows and columns. Positions outside of a frame give paper.

    Returns:
        ``(N, 28, 28)`` float32.
    """
    side = FRAME_SIZE + 2  # with a border of paper, for positions outside of the frame
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
    """Make strokes thicker or thinner on every side by up to one pixel.

    Args:
        frames: ``(N, 28, 28)`` float32.
        share: −1…1, the interpolation factor towards strokes that are one pixel thicker on every
            side, or thinner below 0. A number for all frames, or ``(N, 1, 1)``.

    Returns:
        ``(N, 28, 28)`` float32.
    """
    cross = scipy.ndimage.generate_binary_structure(2, 1)[None]
    part = np.asarray(share, np.float32)
    wider = scipy.ndimage.grey_dilation(frames, footprint=cross)
    thinner = scipy.ndimage.grey_erosion(frames, footprint=cross)
    return frames + np.where(part > 0, part * (wider - frames), -part * (thinner - frames))
