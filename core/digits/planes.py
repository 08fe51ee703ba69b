"""Planes: the strength of ink at each pixel of a picture, by several assumptions about the paper.

The paper has one colour; or it is unevenly lit and lighter than the ink; or it is darker. Each
assumption gives a plane. Which one is right is decided later, by what the ink looks like.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image

from core.digits.ink import find_peak, normalise
from core.digits.paper import DARKEST, Mask, Pixels, reduce_by_mean

# There is no ink where paper and pen differ by less than this, in 8-bit RGB (Euclidean) …
MIN_CONTRAST = 20.0
# … or, on unevenly lit paper, by less than this share of the light.
MIN_SHARE = 0.12
# Colours within this distance of the paper's, in 8-bit brightness, are paper.
PAPER_SPREAD = 8
# On unevenly lit paper, the paper around a pixel is searched within this share of the longer side:
# more than the width of a stroke, less than the size of a digit. It is measured in a picture
# reduced to this many pixels.
PAPER_REACH = 0.15
PAPER_SIDE = 100
# Paper is grainy: so many times the median difference from the paper's colour is no ink.
GRAIN_FACTOR = 2
# Colour and grain of the paper are measured on at most about this many rows and columns.
SAMPLE_SIDE = 150
# What an assumption costs, in units of log-confidence: uneven light, the wrong one of dark on light
# and light on dark, and even light where the brightness of the paper varies by as much as that of
# ink and paper.
UNEVEN_PENALTY = 0.1
POLARITY_PENALTY = 1.0
EVEN_PENALTY = 0.7


# The highest penalty, in units of log-confidence, that is worth a hypothesis at the moment.
MaxPenalty = Callable[[], float]


@dataclass(frozen=True, eq=False)
class Plane:
    """The strength of ink under one assumption.

    Attributes:
        strength: ``(H, W)`` float32 in 0 paper … 1 full ink.
        penalty: how unlikely the assumption is, 0 or more, in units of log-confidence.
    """

    strength: Pixels
    penalty: float


def list_planes(
    rgb: Pixels, sheet: Mask | None = None, max_penalty: MaxPenalty = lambda: math.inf
) -> Iterator[Plane]:
    """List the planes of a picture, or of a sheet in it. There are none where there is no ink.

    Args:
        rgb: ``(H, W, C)`` float32 in 0…255, C being 3, or 1 for grey.
        sheet: ``(H, W)``, the pixels that count; by default, all.
        max_penalty: called before each plane; those with a higher penalty are left out.
    """
    inside = np.ones(rgb.shape[:2], np.bool_) if sheet is None else sheet
    step = max(1, max(rgb.shape) // SAMPLE_SIDE)
    sample = inside[::step, ::step]
    paper = find_paper_colour(rgb[::step, ::step], sample)
    light = _Light(np.where(inside[..., None], rgb, paper))
    distance = _measure_distance(rgb, paper) * inside
    peak = find_peak(distance)
    grain = 3 * float(np.median(distance[::step, ::step][sample]))
    if grain > 2 * peak:  # most of the picture is ink, as where it is cropped to a bar
        grain = 0.0
    if peak >= MIN_CONTRAST and peak > grain:
        penalty = EVEN_PENALTY * min(1.0, light.variation / peak)
        yield Plane(normalise(np.maximum(distance - grain, 0)), penalty)
    for is_dark in (False, True):
        penalty = UNEVEN_PENALTY + POLARITY_PENALTY * (is_dark != light.is_dark)
        if penalty > max_penalty():
            continue
        strength = light.measure_absorption(rgb, is_dark=is_dark) * inside
        grain = GRAIN_FACTOR * float(np.median(strength[::step, ::step][sample]))
        strength = np.maximum(strength - grain, 0)
        if find_peak(strength) >= MIN_SHARE:
            yield Plane(normalise(strength), penalty)


def measure_on_even_paper(rgb: Pixels, paper: npt.NDArray[np.float32]) -> Pixels | None:
    """The strength of ink on paper of exactly one colour, ``(H, W)`` in 0…1; None without ink.

    Args:
        rgb: ``(H, W, C)`` in 0…255.
        paper: ``(C,)``, its colour.
    """
    distance = _measure_distance(rgb, paper)
    return normalise(distance) if find_peak(distance) >= MIN_CONTRAST else None


def find_paper_colour(rgb: Pixels, inside: Mask) -> npt.NDArray[np.float32]:
    """The commonest colour, ``(C,)``; on the edge of the picture, if half of the edge has it."""
    grey = to_grey(rgb)
    edge = np.zeros_like(inside)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    for part in (edge & inside, inside):
        if not part.any():
            continue
        counts = np.bincount(grey[part].round().astype(np.intp), minlength=256)
        window = np.convolve(counts, np.ones(2 * PAPER_SPREAD + 1), mode="same")
        level = np.lexsort((counts, window))[-1]  # the commonest centre of the fullest windows
        if window[level] >= counts.sum() / 2:
            break
    # Several times as fast as a median over the first axis.
    return np.median(rgb[inside & (np.abs(grey - level) <= PAPER_SPREAD)].T.copy(), axis=1)


def to_grey(rgb: Pixels) -> Pixels:
    """Average the colours of ``(H, W, C)`` to ``(H, W)``."""
    # Ten times as fast as ``np.mean`` over such a short axis.
    return np.einsum("ijk->ij", rgb) / np.float32(rgb.shape[2])


def _measure_distance(rgb: Pixels, paper: npt.NDArray[np.float32]) -> Pixels:
    """The Euclidean distance of each pixel from the colour of the paper, ``(H, W)``."""
    difference = rgb - paper
    # Several times as fast as ``np.sum`` over such a short axis.
    squares = np.einsum("ijk,ijk->ij", difference, difference)
    return np.sqrt(squares * np.float32(3 / rgb.shape[2]))


class _Light:
    """The light on the paper, if it is lighter than the ink and if it is darker."""

    def __init__(self, rgb: Pixels) -> None:
        small = reduce_by_mean(rgb, PAPER_SIDE)
        self._factor = -(-max(rgb.shape) // PAPER_SIDE)
        self._reach = max(3, round(PAPER_REACH * max(small.shape)))
        size = (self._reach, self._reach, 1)
        self._papers = (
            scipy.ndimage.grey_closing(small, size),
            scipy.ndimage.grey_opening(small, size),
        )
        # With the right choice, the strokes vanish from the estimate of the paper. With the wrong
        # one they become wider, and the estimate varies more.
        gradients = [_mean_gradient(paper) for paper in self._papers]
        self.is_dark = gradients[1] < gradients[0]
        paper = to_grey(self._papers[self.is_dark])
        # The difference of 5% and 95% of the paper.
        self.variation = float(np.ptp(np.percentile(paper, [5, 95])))

    def measure_absorption(self, rgb: Pixels, *, is_dark: bool) -> Pixels:
        """How much darker ink is than the paper, or lighter if the paper is dark, ``(H, W)``."""
        half = self._reach // 2
        smooth = scipy.ndimage.uniform_filter(self._papers[is_dark], (half, half, 1))
        around = _enlarge(smooth, rgb.shape[:2], self._factor)
        difference = np.maximum(rgb - around if is_dark else around - rgb, 0)
        share = difference / (np.maximum(around, rgb) + DARKEST)
        return np.sqrt(np.einsum("ijk,ijk->ij", share, share) / rgb.shape[2])


def _enlarge(small: Pixels, shape: tuple[int, ...], factor: int) -> Pixels:
    if factor == 1:
        return small
    size = (small.shape[1] * factor, small.shape[0] * factor)
    layers = [
        np.asarray(Image.fromarray(layer).resize(size, Image.Resampling.BILINEAR))
        for layer in np.ascontiguousarray(small.transpose(2, 0, 1), dtype=np.float32)
    ]
    return np.stack(layers, axis=2)[: shape[0], : shape[1]]


def _mean_gradient(pixels: Pixels) -> float:
    return sum(float(np.abs(np.diff(pixels, axis=axis)).sum()) for axis in (0, 1)) / pixels.size
