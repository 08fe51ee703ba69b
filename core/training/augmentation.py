"""Augmentation: training images turned, slanted, bent and thickened, each a little differently.

Everything is drawn from one generator of random numbers; frames come in and go out as
``(N, 28, 28)`` float32 in 0 paper … 1 ink. Handwriting habits are painted in ``styles.py``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from core.digits.frame import FRAME_SIZE

Frames = npt.NDArray[np.float32]

CENTRE = (FRAME_SIZE - 1) / 2


@dataclass(frozen=True)
class Augmentation:
    """The greatest random changes.

    Attributes:
        rotation: in degrees, either way.
        scale: of width and height, each on its own, as a share.
        shear: sideways shift in pixels for each pixel of height, as a share.
        shift: in pixels, either way.
        bend: mean length of the elastic displacements, in pixels.
        smoothness: over how many pixels neighbouring displacements agree (standard deviation of
            the Gaussian).
        thickness: share of the way to strokes a pixel wider or thinner on every side.
        styles: share of the images of a digit that are painted with a habit MNIST lacks.
        drawings: drawings of our own added to the training images, as a share of their number.
        scribbles: drawings that are no digit added likewise; every digit is as probable for them.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    bend: float = 0.0
    smoothness: float = 4.0
    thickness: float = 0.0
    styles: float = 0.0
    drawings: float = 0.0
    scribbles: float = 0.0


def distort(frames: Frames, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Change every frame by an affine map, an elastic one and the thickness of its strokes.

    Both maps are applied in one resampling, so that strokes stay sharp.
    """
    places = _map_affinely(len(frames), amounts, random)  # (N, 2, 28, 28)
    if amounts.bend:
        places += _bend(len(frames), amounts, random)
    moved = _resample(change_thickness(frames, amounts.thickness, random), places)
    # A thin stroke that fell between pixels turned grey; the frame always has full ink somewhere.
    return moved / np.maximum(moved.max(axis=(1, 2), keepdims=True), np.float32(0.1))


def change_thickness(frames: Frames, most: float, random: np.random.Generator) -> Frames:
    """Widen or thin the strokes of each frame by a random share, up to ``most``, of a pixel."""
    if not most:
        return frames
    cross = ndimage.generate_binary_structure(2, 1)[None]
    share = random.uniform(-most, most, (len(frames), 1, 1)).astype(np.float32)
    wider = ndimage.grey_dilation(frames, footprint=cross)
    thinner = ndimage.grey_erosion(frames, footprint=cross)
    return frames + np.where(share > 0, share * (wider - frames), -share * (thinner - frames))


def _map_affinely(count: int, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Where each pixel of the result comes from, rows and columns, ``(N, 2, 28, 28)``."""
    angle = np.radians(random.uniform(-amounts.rotation, amounts.rotation, count))
    scale = np.exp(random.uniform(-1, 1, (count, 2)) * np.log1p(amounts.scale))
    shear = random.uniform(-amounts.shear, amounts.shear, count)
    shift = random.uniform(-amounts.shift, amounts.shift, (count, 2))
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1)
    slant = np.stack([np.ones(count), np.zeros(count), shear, np.ones(count)], axis=-1)
    matrix = (turn.reshape(-1, 2, 2) @ slant.reshape(-1, 2, 2)) * scale[:, None, :]
    grid = np.mgrid[:FRAME_SIZE, :FRAME_SIZE].reshape(2, -1) - CENTRE
    places = matrix @ grid + shift[..., None] + CENTRE
    return places.reshape(count, 2, FRAME_SIZE, FRAME_SIZE).astype(np.float32)


def _bend(count: int, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Smooth random displacements, ``(N, 2, 28, 28)``.

    P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks applied
    to visual document analysis", ICDAR 2003, doi:10.1109/ICDAR.2003.1227801.
    """
    noise = random.standard_normal((count, 2, FRAME_SIZE, FRAME_SIZE), dtype=np.float32)
    # A Gaussian filter is a matrix product along each axis; scipy's takes ten times as long.
    offsets = np.arange(FRAME_SIZE, dtype=np.float32)
    kernel = np.exp(-0.5 * ((offsets[:, None] - offsets) / amounts.smoothness) ** 2)
    smooth = kernel @ noise @ kernel
    lengths = np.hypot(smooth[:, 0], smooth[:, 1]).mean(axis=(1, 2))[:, None, None, None]
    strength = random.uniform(0, 2 * amounts.bend, (count, 1, 1, 1)).astype(np.float32)
    return smooth / lengths * strength


def _resample(frames: Frames, places: Frames) -> Frames:
    """Frames read at ``places``, rows and columns ``(N, 2, 28, 28)``, between pixels linearly.

    Much faster than ``scipy.ndimage.map_coordinates``, which knows no stacks of images.
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
