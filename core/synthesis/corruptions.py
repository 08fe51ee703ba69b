"""Corruptions: image distortions and noise, each in five severities.

Corruptions are applied to the frame and not to the drawing, because preprocessing would undo a
shift or a change of size. This module does not know about models.

N. Mu, J. Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019, arXiv:1906.02337.
Corruptions with a name from that paper use its amounts, whether they became part of the benchmark
or were candidates for it. The exception is ``gaussian_blur``, which is weaker here: the paper's
standard deviations of up to 6 pixels make a digit of 20 pixels unrecognisable. The thickness of
strokes and occlusion are additions of this project.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.frame import FRAME_SIZE
from core.synthesis.warping import change_thickness, map_affinely, resample

Frames = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
CorruptionFunction = Callable[[Frames, float, np.random.Generator], Frames]

SEVERITIES = (1, 2, 3, 4, 5)
SEED = 1
# Frames corrupted at a time. A warp takes 40 kB of memory for each, besides the frame itself.
BATCH_SIZE = 1000


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    Attributes:
        id: MNIST-C's name where the corruption is from MNIST-C.
        title: the name shown on a page.
        unit: of the amounts.
        amounts: of the severities 1 to 5.
        function: computes corrupted frames from frames ``(N, 28, 28)``, an amount and a random
            generator.
        from_mnist_c: whether name and amounts are those of MNIST-C.
        mildest: the amount at the opposite end of the scale from severity 5, with hardly any
            effect.
        step: the smallest useful difference between two amounts.
    """

    id: str
    title: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    function: CorruptionFunction
    from_mnist_c: bool
    mildest: float = 0.0
    step: float = 0.05

    def describe(self, amount: float) -> str:
        """Format an amount with its unit."""
        return f"{amount:g} {self.unit}".strip()


def corrupt(
    frames: Frames, corruption: Corruption, amount: float, random: np.random.Generator | None = None
) -> Frames:
    """Corrupt frames, without changing the given array.

    Args:
        frames: ``(N, 28, 28)`` float32, 0 paper … 1 ink.
        corruption: the kind of corruption.
        amount: in the unit of the corruption.
        random: generator of directions, noise and positions. By default it has a fixed seed, so the
            same frames are always corrupted in the same way, and where possible in the same
            direction at every amount.

    Returns:
        ``(N, 28, 28)`` float32 in 0…1.

    Raises:
        ValueError: the frames have another shape.
    """
    if frames.ndim != 3 or frames.shape[1:] != (FRAME_SIZE, FRAME_SIZE):
        raise ValueError(
            f"expected frames of shape (N, {FRAME_SIZE}, {FRAME_SIZE}), got {frames.shape}"
        )
    if random is None:
        random = np.random.default_rng([SEED, zlib.crc32(corruption.id.encode())])
    corrupted = np.empty(frames.shape, np.float32)
    for start in range(0, len(frames), BATCH_SIZE):
        batch = slice(start, start + BATCH_SIZE)
        changed = corruption.function(frames[batch].astype(np.float32), amount, random)
        np.clip(changed, 0, 1, out=corrupted[batch])
    return corrupted


def find_corruption(corruption_id: str) -> Corruption:
    """Return the corruption with an id; raises ValueError where there is none."""
    if corruption_id not in CORRUPTIONS:
        raise ValueError(
            f"expected the id of a corruption, got {corruption_id!r}; choices are "
            f"{', '.join(CORRUPTIONS)}"
        )
    return CORRUPTIONS[corruption_id]


def _rotate(frames: Frames, angle: float, random: np.random.Generator) -> Frames:
    """Rotate by an angle in radians, in a random direction."""
    angles = angle * _draw_directions(len(frames), random)
    return _warp(frames, np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles))


def _shear(frames: Frames, angle: float, random: np.random.Generator) -> Frames:
    """Shear to the left or to the right. As in MNIST-C, the height is divided by the cosine."""
    angles = angle * _draw_directions(len(frames), random)
    zeros, ones = np.zeros(len(frames)), np.ones(len(frames))
    return _warp(frames, np.cos(angles), zeros, -np.sin(angles), ones)


def _scale(frames: Frames, size: float, _: np.random.Generator) -> Frames:
    """Scale width and height by a factor."""
    zeros, factors = np.zeros(len(frames)), np.full(len(frames), 1 / size)
    return _warp(frames, factors, zeros, zeros, factors)


def _translate(frames: Frames, pixels: float, random: np.random.Generator) -> Frames:
    """Shift by a number of pixels along both axes, each in a random direction."""
    directions = np.stack([_draw_directions(len(frames), random) for _ in range(2)], axis=1)
    matrix = np.broadcast_to(np.eye(2), (len(frames), 2, 2))
    return resample(frames, map_affinely(matrix, pixels * directions))


def _thicken(frames: Frames, pixels: float, _: np.random.Generator) -> Frames:
    """Thicken strokes by a number of pixels on every side, one pixel at a time."""
    while pixels > 0:
        frames = change_thickness(frames, min(pixels, 1.0))
        pixels -= 1
    return frames


def _thin(frames: Frames, share: float, _: np.random.Generator) -> Frames:
    """Thin strokes on every side by up to one pixel."""
    return change_thickness(frames, -share)


def _add_shot_noise(frames: Frames, photons: float, random: np.random.Generator) -> Frames:
    """Replace each pixel by a Poisson count of photons; full ink has ``photons`` on average."""
    return (random.poisson(frames * photons) / photons).astype(np.float32)


def _add_impulse_noise(frames: Frames, share: float, random: np.random.Generator) -> Frames:
    """Set a share of the pixels to ink or to paper, with equal probability."""
    drawn = random.random(frames.shape, dtype=np.float32)
    frames = np.where(drawn < share / 2, np.float32(1), frames)
    return np.where((drawn >= share / 2) & (drawn < share), np.float32(0), frames)


def _add_gaussian_noise(frames: Frames, deviation: float, random: np.random.Generator) -> Frames:
    """Add normally distributed noise with this standard deviation to every pixel."""
    return frames + np.float32(deviation) * random.standard_normal(frames.shape, dtype=np.float32)


def _blur(frames: Frames, deviation: float, _: np.random.Generator) -> Frames:
    """Blur with a Gaussian of this standard deviation, in pixels."""
    return scipy.ndimage.gaussian_filter(frames, (0, deviation, deviation), mode="constant")


def _reduce_contrast(frames: Frames, share: float, _: np.random.Generator) -> Frames:
    """Multiply each pixel's difference from the frame's mean by a factor below 1."""
    mean = frames.mean(axis=(1, 2), keepdims=True)
    return mean + np.float32(share) * (frames - mean)


def _brighten(frames: Frames, amount: float, _: np.random.Generator) -> Frames:
    """Add an amount to every pixel. As ink is white on black, this makes the frame brighter."""
    return frames + np.float32(amount)


def _occlude(frames: Frames, side: float, random: np.random.Generator) -> Frames:
    """Cover a square with paper. Its centre is a pixel of ink, drawn in proportion to the ink."""
    weights = np.cumsum(frames.reshape(len(frames), -1), axis=1, dtype=np.float64)
    drawn = random.random((len(frames), 1)) * weights[:, -1:]
    centres = np.minimum((weights <= drawn).sum(axis=1), FRAME_SIZE**2 - 1)
    in_rows, in_columns = (_find_covered(centre, side) for centre in np.divmod(centres, FRAME_SIZE))
    return np.where(in_rows[:, :, None] & in_columns[:, None], np.float32(0), frames)


def _find_covered(centres: npt.NDArray[np.int64], side: float) -> npt.NDArray[np.bool_]:
    """Which rows or columns a square covers, ``(N, 28)``, from those of its centres, ``(N,)``."""
    offsets = np.arange(FRAME_SIZE) - centres[:, None] + int(side) // 2
    return (offsets >= 0) & (offsets < side)


def _warp(frames: Frames, *entries: Numbers) -> Frames:
    """Transform frames by matrices with these entries, ``(N,)`` each, in row-major order."""
    matrix = np.stack(entries, axis=-1).reshape(-1, 2, 2)
    return resample(frames, map_affinely(matrix, np.zeros((len(frames), 2))))


def _draw_directions(count: int, random: np.random.Generator) -> Numbers:
    """Draw −1 or 1 with equal probability, ``(count,)``."""
    return random.choice([-1.0, 1.0], count)


CORRUPTIONS = {
    corruption.id: corruption
    for corruption in (
        Corruption("rotate", "Rotation", "rad", (0.2, 0.4, 0.6, 0.8, 1.0), _rotate, True),
        Corruption("translate", "Shift", "px", (1, 2, 3, 4, 5), _translate, True, step=0.5),
        Corruption("scale", "Scale", "×", (0.9, 0.8, 0.7, 0.6, 0.5), _scale, True, 1.0),
        Corruption("shear", "Shear", "rad", (0.2, 0.4, 0.6, 0.8, 1.0), _shear, True),
        Corruption(
            "thicker_strokes", "Thicker strokes", "px", (0.4, 0.8, 1.2, 1.6, 2.0), _thicken, False
        ),
        Corruption(
            "thinner_strokes", "Thinner strokes", "px", (0.2, 0.4, 0.6, 0.8, 1.0), _thin, False
        ),
        Corruption(
            "gaussian_noise", "Gaussian noise", "", (0.08, 0.12, 0.18, 0.26, 0.38),
            _add_gaussian_noise, True, step=0.01,
        ),
        Corruption(
            "shot_noise", "Shot noise", "photons", (60, 25, 12, 5, 3), _add_shot_noise, True,
            mildest=100, step=1,
        ),
        Corruption(
            "impulse_noise", "Impulse noise", "of the pixels", (0.03, 0.06, 0.09, 0.17, 0.27),
            _add_impulse_noise, True, step=0.01,
        ),
        Corruption("gaussian_blur", "Blur", "px", (0.5, 1, 1.5, 2, 2.5), _blur, False, step=0.1),
        Corruption(
            "contrast", "Contrast", "×", (0.4, 0.3, 0.2, 0.1, 0.05), _reduce_contrast, True,
            mildest=1.0,
        ),
        Corruption("brightness", "Brightness", "", (0.1, 0.2, 0.3, 0.4, 0.5), _brighten, True),
        Corruption("occlusion", "Occlusion", "px", (4, 6, 8, 10, 12), _occlude, False, step=1),
    )
}  # fmt: skip
