"""Augmentation: training images turned, slanted, bent and thickened, each a little differently.

Everything is drawn from one generator of random numbers; frames come in and go out as
``(N, 28, 28)`` float32 in 0 paper … 1 ink. Handwriting habits are painted in ``styles.py``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.synthesis.styles import paint_styles
from core.synthesis.warping import change_thickness, map_affinely, resample

Frames = npt.NDArray[np.float32]


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


# Changes as large as those between writers, and the habits of writing that MNIST lacks.
HANDWRITING = Augmentation(
    rotation=12,
    scale=0.12,
    shear=0.15,
    shift=0.8,
    bend=0.6,
    thickness=0.5,
    styles=0.2,
    drawings=0.12,
    scribbles=0.04,
)


def augment(
    frames: Frames,
    labels: npt.NDArray[np.uint8],
    amounts: Augmentation,
    random: np.random.Generator,
) -> Frames:
    """Frames of ``(N,)`` labels as a model meets them: habits painted on, then all distorted."""
    painted = paint_styles(frames, labels, share=amounts.styles, random=random)
    return distort(painted, amounts, random)


def distort(frames: Frames, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Change every frame by an affine map, an elastic one and the thickness of its strokes.

    Both maps are applied in one resampling, so that strokes stay sharp.
    """
    places = _map(len(frames), amounts, random)  # (N, 2, 28, 28)
    if amounts.bend:
        places += _bend(len(frames), amounts, random)
    if amounts.thickness:
        most = amounts.thickness
        frames = change_thickness(frames, random.uniform(-most, most, (len(frames), 1, 1)))
    moved = resample(frames, places)
    # A thin stroke that fell between pixels turned grey; the frame always has full ink somewhere.
    return moved / np.maximum(moved.max(axis=(1, 2), keepdims=True), np.float32(0.1))


def _map(count: int, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Where each pixel of the result comes from, rows and columns, ``(N, 2, 28, 28)``."""
    angle = np.radians(random.uniform(-amounts.rotation, amounts.rotation, count))
    scale = np.exp(random.uniform(-1, 1, (count, 2)) * np.log1p(amounts.scale))
    shear = random.uniform(-amounts.shear, amounts.shear, count)
    shift = random.uniform(-amounts.shift, amounts.shift, (count, 2))
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1)
    slant = np.stack([np.ones(count), np.zeros(count), shear, np.ones(count)], axis=-1)
    matrix = (turn.reshape(-1, 2, 2) @ slant.reshape(-1, 2, 2)) * scale[:, None, :]
    return map_affinely(matrix, shift)


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
