"""Corruptions: what can befall a digit, each in five severities.

They change the frame that a model reads and not the drawing behind it, because the way from one to
the other undoes a shift and a scale by itself.

N. Mu, J. Gilmer, "MNIST-C: a robustness benchmark for computer vision", 2019, arXiv:1906.02337:
corruptions of their name have their amounts, those that became part of the benchmark and those that
were candidates for it alike. ``gaussian_blur`` is weaker here: of a digit 20 pixels high, their
standard deviations of up to 6 pixels leave a cloud. Strokes and occlusion are ours.
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
Change = Callable[[Frames, float, np.random.Generator], Frames]

SEVERITIES = (1, 2, 3, 4, 5)
SEED = 1
# Frames changed at a time: a warp takes 40 kB for each beside the frame itself.
BATCH_SIZE = 1000


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    Attributes:
        id: MNIST-C's name where it is theirs.
        title: what a page calls it.
        unit: of the amounts.
        amounts: of the severities 1 to 5.
        change: gives the corrupted frames, from ``(N, 28, 28)``, an amount and random numbers.
        from_mnist_c: whether name and amounts are MNIST-C's.
        mildest: the amount at the other end of the scale from severity 5; changes next to nothing.
        step: the least difference between two amounts that is worth a look.
    """

    id: str
    title: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    change: Change
    from_mnist_c: bool
    mildest: float = 0.0
    step: float = 0.05

    def describe(self, amount: float) -> str:
        """An amount with its unit."""
        return f"{amount:g} {self.unit}".strip()


def corrupt(
    frames: Frames, corruption: Corruption, amount: float, random: np.random.Generator | None = None
) -> Frames:
    """Corrupted frames; the given ones stay as they are.

    Args:
        frames: ``(N, 28, 28)`` float32 of 0 paper … 1 ink.
        corruption: the kind.
        amount: in its unit.
        random: where directions, noise and places come from. Without it, the same frames are always
            corrupted in the same way, and as far as can be in the same direction at every amount.

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
        changed = corruption.change(frames[batch].astype(np.float32), amount, random)
        np.clip(changed, 0, 1, out=corrupted[batch])
    return corrupted


def find_corruption(corruption_id: str) -> Corruption:
    """The corruption of that id; raises ValueError when there is none."""
    if corruption_id not in CORRUPTIONS:
        raise ValueError(
            f"expected the id of a corruption, got {corruption_id!r}; choices are "
            f"{', '.join(CORRUPTIONS)}"
        )
    return CORRUPTIONS[corruption_id]


def _rotate(frames: Frames, angle: float, random: np.random.Generator) -> Frames:
    """By an angle in radians, one way or the other."""
    turned = angle * _draw_directions(len(frames), random)
    return _warp(frames, np.cos(turned), -np.sin(turned), np.sin(turned), np.cos(turned))


def _shear(frames: Frames, angle: float, random: np.random.Generator) -> Frames:
    """Sideways, to the left or to the right, and as in MNIST-C taller by the angle's cosine."""
    lean = angle * _draw_directions(len(frames), random)
    zero, one = np.zeros(len(frames)), np.ones(len(frames))
    return _warp(frames, np.cos(lean), zero, -np.sin(lean), one)


def _scale(frames: Frames, size: float, _: np.random.Generator) -> Frames:
    """To a share of its width and height."""
    zero, normalise = np.zeros(len(frames)), np.full(len(frames), 1 / size)
    return _warp(frames, normalise, zero, zero, normalise)


def _translate(frames: Frames, pixels: float, random: np.random.Generator) -> Frames:
    """By so many pixels along both axes, each one way or the other."""
    directions = np.stack([_draw_directions(len(frames), random) for _ in range(2)], axis=1)
    matrix = np.broadcast_to(np.eye(2), (len(frames), 2, 2))
    return resample(frames, map_affinely(matrix, pixels * directions))


def _thicken(frames: Frames, pixels: float, _: np.random.Generator) -> Frames:
    """Strokes wider on every side; what is more than a pixel goes on from there."""
    while pixels > 0:
        frames = change_thickness(frames, min(pixels, 1.0))
        pixels -= 1
    return frames


def _thin(frames: Frames, share: float, _: np.random.Generator) -> Frames:
    """Strokes thinner on every side, by up to a pixel."""
    return change_thickness(frames, -share)


def _add_shot_noise(frames: Frames, photons: float, random: np.random.Generator) -> Frames:
    """Every pixel counted in photons, of which full ink has so many on average."""
    return (random.poisson(frames * photons) / photons).astype(np.float32)


def _add_impulse_noise(frames: Frames, share: float, random: np.random.Generator) -> Frames:
    """A share of the pixels turned to ink or to paper, as many to the one as to the other."""
    drawn = random.random(frames.shape, dtype=np.float32)
    frames = np.where(drawn < share / 2, np.float32(1), frames)
    return np.where((drawn >= share / 2) & (drawn < share), np.float32(0), frames)


def _add_gaussian_noise(frames: Frames, deviation: float, random: np.random.Generator) -> Frames:
    """A normal number of so great a standard deviation added to every pixel."""
    return frames + np.float32(deviation) * random.standard_normal(frames.shape, dtype=np.float32)


def _blur(frames: Frames, deviation: float, _: np.random.Generator) -> Frames:
    """By a Gaussian of so great a standard deviation, in pixels."""
    return scipy.ndimage.gaussian_filter(frames, (0, deviation, deviation), mode="constant")


def _lose_contrast(frames: Frames, share: float, _: np.random.Generator) -> Frames:
    """Every pixel's distance from the frame's mean brought down to a share."""
    mean = frames.mean(axis=(1, 2), keepdims=True)
    return mean + np.float32(share) * (frames - mean)


def _lighten(frames: Frames, amount: float, _: np.random.Generator) -> Frames:
    """The same added to every pixel, paper and ink; white on black, that makes it brighter."""
    return frames + np.float32(amount)


def _occlude(frames: Frames, side: float, random: np.random.Generator) -> Frames:
    """A square of paper over the digit, its middle on a pixel of ink picked at random."""
    weights = np.cumsum(frames.reshape(len(frames), -1), axis=1, dtype=np.float64)
    drawn = random.random((len(frames), 1)) * weights[:, -1:]
    middles = np.minimum((weights <= drawn).sum(axis=1), FRAME_SIZE**2 - 1)
    rows, columns = np.divmod(middles, FRAME_SIZE)
    first = -(int(side) // 2)
    places = np.arange(FRAME_SIZE)
    from_row, from_column = (places - one[:, None] - first for one in (rows, columns))  # (N, 28)
    in_rows, in_columns = ((one >= 0) & (one < side) for one in (from_row, from_column))
    return np.where(in_rows[:, :, None] & in_columns[:, None], np.float32(0), frames)


def _warp(frames: Frames, *entries: Numbers) -> Frames:
    """Frames under the matrices with these entries, ``(N,)`` each, row by row."""
    matrix = np.stack(entries, axis=-1).reshape(-1, 2, 2)
    return resample(frames, map_affinely(matrix, np.zeros((len(frames), 2))))


def _draw_directions(count: int, random: np.random.Generator) -> Numbers:
    """−1 or 1, ``(N,)``."""
    return random.choice([-1.0, 1.0], count)


CORRUPTIONS = {
    one.id: one
    for one in (
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
            "contrast", "Contrast", "×", (0.4, 0.3, 0.2, 0.1, 0.05), _lose_contrast, True,
            mildest=1.0,
        ),
        Corruption("brightness", "Brightness", "", (0.1, 0.2, 0.3, 0.4, 0.5), _lighten, True),
        Corruption("occlusion", "Occlusion", "px", (4, 6, 8, 10, 12), _occlude, False, step=1),
    )
}  # fmt: skip
