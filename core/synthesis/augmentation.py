"""Augmentation: random small changes of training images.

Images are rotated, scaled, slanted, shifted, bent and thickened. All random numbers come from one
generator. Frames are ``(N, 28, 28)`` float32 from 0 (paper) to 1 (ink). ``styles.py`` adds the
handwriting styles.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.digits.frame import FRAME_SIZE
from core.synthesis.defects import add_defects
from core.synthesis.styles import paint_styles
from core.synthesis.warping import change_thickness, map_affinely, resample

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """The largest random changes, and how many drawings are added.

    Attributes:
        rotation: in degrees, in either direction.
        scale: largest relative change of width and of height, drawn separately.
        shear: sideways shift per pixel of height, in pixels.
        shift: in pixels, in either direction.
        bend: mean length of the elastic displacements, in pixels.
        smoothness: standard deviation, in pixels, of the Gaussian that smooths the displacements.
        thickness: how far strokes become thicker or thinner on each side, in pixels, 0…1.
        styles: share of the images of a digit that get a handwriting style that MNIST lacks, 0…1.
        drawings: number of generated digits added, as a share of the number of training images.
        non_digits: number of drawings added that are no digit, as the same share. Their target is
            the uniform distribution.
        wrong_segments: number of frames added that wrong segmentation would give, as the same
            share. Their target is the uniform distribution, too.
        defects: share of the digits with specks, blur, faint or broken strokes, or a wrong crop,
            0…1.
        unchanged: share of the training images that are left as they are, 0…1.
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
    non_digits: float = 0.0
    wrong_segments: float = 0.0
    defects: float = 0.0
    unchanged: float = 0.0

    @property
    def distorts(self) -> bool:
        """Whether the shape of images is changed."""
        amounts = (self.rotation, self.scale, self.shear, self.shift, self.bend, self.thickness)
        return any((*amounts, self.defects))

    @property
    def adds_styles(self) -> bool:
        """Whether handwriting styles, generated digits or non-digits are added."""
        return any((self.styles, self.drawings, self.non_digits, self.wrong_segments))

    def without_distortion(self) -> "Augmentation":
        """The same handwriting styles and drawings, on images of unchanged shape."""
        return Augmentation(
            styles=self.styles,
            drawings=self.drawings,
            non_digits=self.non_digits,
            wrong_segments=self.wrong_segments,
        )

    def without_styles(self) -> "Augmentation":
        """The same changes of shape, without handwriting styles and added drawings."""
        return replace(self, styles=0.0, drawings=0.0, non_digits=0.0, wrong_segments=0.0)

    def double(self, distortion: str) -> "Augmentation":
        """The same amounts, with one of ``DISTORTIONS`` doubled, but within its limit."""
        name = DISTORTIONS[distortion]
        return replace(self, **{name: min(2 * getattr(self, name), MAX_AMOUNTS.get(name, np.inf))})


# What people call the distortions: the names of their amounts.
DISTORTIONS = {
    "rotation": "rotation",
    "size": "scale",
    "slant": "shear",
    "position": "shift",
    "bending": "bend",
    "stroke thickness": "thickness",
    "defects": "defects",
}
MAX_AMOUNTS = {"thickness": 1.0, "defects": 1.0}


# Changes as large as the differences between writers, and the styles that MNIST lacks.
HANDWRITING = Augmentation(
    rotation=12,
    scale=0.12,
    shear=0.15,
    shift=0.8,
    bend=0.6,
    thickness=0.7,
    styles=0.2,
    drawings=0.12,
    non_digits=0.12,
    wrong_segments=0.06,
    defects=0.15,
)


def augment(
    frames: Frames,
    labels: npt.NDArray[np.uint8],
    amounts: Augmentation,
    random: np.random.Generator,
) -> Frames:
    """Paint handwriting styles on frames with ``(N,)`` labels, then distort all of them."""
    painted = paint_styles(frames, labels, share=amounts.styles, random=random)
    return add_defects(distort(painted, amounts, random), share=amounts.defects, random=random)


def distort(frames: Frames, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Change each frame by an affine map, an elastic map and the thickness of its strokes.

    Both maps are applied in one resampling, which keeps strokes sharp.
    """
    places = _map(len(frames), amounts, random)  # (N, 2, 28, 28)
    if amounts.bend:
        places += _bend(len(frames), amounts, random)
    if amounts.thickness:
        change = random.uniform(-amounts.thickness, amounts.thickness, (len(frames), 1, 1))
        frames = change_thickness(frames, change)
    moved = resample(frames, places)
    # A thin stroke between two pixels becomes grey, but every frame has a pixel of full ink.
    return moved / np.maximum(moved.max(axis=(1, 2), keepdims=True), np.float32(0.1))


def _map(count: int, amounts: Augmentation, random: np.random.Generator) -> Frames:
    """Source row and column of each pixel of the result, ``(N, 2, 28, 28)``."""
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
    # The Gaussian filter as matrix products is ten times as fast as SciPy's.
    offsets = np.arange(FRAME_SIZE, dtype=np.float32)
    kernel = np.exp(-0.5 * ((offsets[:, None] - offsets) / amounts.smoothness) ** 2)
    smooth = kernel @ noise @ kernel
    lengths = np.hypot(smooth[:, 0], smooth[:, 1]).mean(axis=(1, 2))[:, None, None, None]
    strength = random.uniform(0, 2 * amounts.bend, (count, 1, 1, 1)).astype(np.float32)
    return smooth / lengths * strength
