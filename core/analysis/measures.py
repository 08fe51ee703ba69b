"""Measures of handwriting: how thick, slanted, wide … a digit is, in numbers.

The first six are those of D. C. Castro, J. Tan, B. Kainz, E. Konukoglu, B. Glocker, "Morpho-MNIST:
quantitative assessment and diagnostics for representation learning", JMLR 20 (2019),
arXiv:1809.10780, section 3.1: frames are enlarged four times and divided into ink and paper at half
of the range of their values. The skeleton is that of ``thinning.py`` instead of the medial axis,
which has branches into every corner of a stroke.

``python -m core.analysis.measures`` measures the data sets that all visitors share and stores the
numbers in ``artifacts/measures/``. This module does not know labels or models.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import scipy

from core.analysis.thinning import find_ends, thin
from core.atomic_files import replace_file
from core.digits.datasets import (
    DamagedDatasetError,
    Dataset,
    MnistUnavailableError,
    load_bundled_digits,
    load_mnist,
)
from core.digits.frame import FRAME_SIZE
from core.models.files import ARTIFACTS_DIRECTORY

# How many times frames are enlarged, and the side of an enlarged one in pixels.
ENLARGEMENT = 4
SIDE = ENLARGEMENT * FRAME_SIZE
# This share of the ink is inside of the parallelogram whose width and height are measured.
INSIDE = 0.98
# Smaller holes are gaps between pixels rather than loops, in pixels of the frame.
MIN_LOOP_AREA = 1.0
# So many frames are measured at a time: their pixels fit the processor's cache.
CHUNK = 256
MEASURES_DIRECTORY = "measures"

Frames = npt.NDArray[np.float32]
Masks = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
# ``(N,)`` each, by the names in ``MEASURES``.
Measures = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Measure:
    """What a measure is called, its unit (empty for counts and shares), and what it says."""

    title: str
    unit: str
    description: str

    def format(self, value: float) -> str:
        """A value with its unit, rounded as far as it differs to the eye."""
        if self.unit == "°":
            return f"{round(value)}°".replace("-", "−")
        return f"{value:.3g} {self.unit}".strip().replace("-", "−")


MEASURES: Mapping[str, Measure] = {
    "area": Measure("Area", "px²", "The area of the ink."),
    "length": Measure("Length", "px", "The length of all strokes along their middle."),
    "thickness": Measure("Thickness", "px", "The mean width of the strokes."),
    "slant": Measure("Slant", "°", "The angle to the vertical; above 0 leans to the right."),
    "width": Measure("Width", "px", "The width without the slant."),
    "height": Measure("Height", "px", "The height."),
    "loops": Measure("Loops", "", "The number of closed loops."),
    "ends": Measure("Ends", "", "The number of ends of strokes."),
    "contrast": Measure("Contrast", "", "The mean ink inside of the strokes minus that outside."),
    "right": Measure("Place to the right", "px", "From the middle to the centre of mass."),
    "down": Measure("Place downwards", "px", "From the middle to the centre of mass."),
}


def measure_digits(frames: Frames) -> Measures:
    """Measure digits.

    Args:
        frames: ``(N, 28, 28)``, 0 paper … 1 ink, each with some ink.

    Returns:
        ``(N,)`` float32 for each of ``MEASURES``, rounded to float16: stored and computed numbers
        are equal.

    Raises:
        ValueError: a frame has no ink.
    """
    if not frames.max(axis=(1, 2), initial=0).all():
        raise ValueError("expected some ink in every frame; leave empty ones out")
    chunks = [
        _measure_chunk(frames[first : first + CHUNK]) for first in range(0, len(frames), CHUNK)
    ]
    return {
        name: np.concatenate([*(chunk[name] for chunk in chunks), np.empty(0)])
        .astype(np.float16)
        .astype(np.float32)
        for name in MEASURES
    }


def load_measures(dataset: Dataset, directory: Path | None = None) -> Measures:
    """The measures of a data set: the stored ones if there are any, otherwise computed now.

    Args:
        dataset: the digits.
        directory: where stored measures are; by default, in ``artifacts/``.
    """
    stored = _read(_locate(dataset.id, directory))
    if stored and len(stored["area"]) == len(dataset):
        return stored
    return measure_digits(dataset.frames)


def save_measures(dataset: Dataset, directory: Path | None = None) -> Path:
    """Measure a data set and store the numbers as float16; returns the path of the file."""
    path = _locate(dataset.id, directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = measure_digits(dataset.frames)
    rounded: dict[str, Any] = {name: values.astype(np.float16) for name, values in measured.items()}
    with replace_file(path) as temporary:
        np.savez_compressed(temporary, **rounded)
    return path


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        datasets = [load_mnist("test"), load_bundled_digits()]
    except (MnistUnavailableError, DamagedDatasetError) as error:
        print(error, file=sys.stderr)
        return 1
    for dataset in datasets:
        print(f"{dataset.title}: {save_measures(dataset).name}")
    return 0


def _locate(dataset_id: str, directory: Path | None) -> Path:
    return (directory or ARTIFACTS_DIRECTORY / MEASURES_DIRECTORY) / f"{dataset_id}.npz"


def _read(path: Path) -> Measures | None:
    """The numbers of a file; None where it is missing, damaged or lacks one of today's measures."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return {name: arrays[name].astype(np.float32) for name in MEASURES}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _measure_chunk(frames: Frames) -> dict[str, Numbers]:
    large = _enlarge(frames)
    lightest, darkest = (bound(large, axis=(1, 2), keepdims=True) for bound in (np.min, np.max))
    masks = large >= (lightest + darkest) / 2
    skeletons = thin(masks)
    right, down = _find_centres(frames)
    return {
        "area": masks.sum(axis=(1, 2)) / ENLARGEMENT**2,
        "length": _measure_lengths(skeletons) / ENLARGEMENT,
        "thickness": 2 * _average_distances(masks, skeletons) / ENLARGEMENT,
        **_measure_extents(large),
        "loops": _count_loops(masks),
        "ends": find_ends(skeletons).sum(axis=(1, 2)).astype(float),
        "contrast": _measure_contrasts(frames),
        "right": right,
        "down": down,
    }


def _enlarge(frames: Frames) -> Frames:
    """Enlarge with cubic splines and smooth, as ``skimage.transform.pyramid_expand`` does.

    Both are linear and separate along rows and columns, so they are two products with a matrix.

    Returns:
        ``(N, 112, 112)`` float32, whole numbers 0…255, as the authors round them.
    """
    columns = scipy.ndimage.zoom(np.eye(FRAME_SIZE), (ENLARGEMENT, 1), order=3, grid_mode=True,
                           mode="mirror")  # fmt: skip
    matrix = scipy.ndimage.gaussian_filter1d(columns, ENLARGEMENT / 3, axis=0).astype(np.float32)
    return np.floor(255 * np.clip(matrix @ frames @ matrix.T, 0, 1))


def _measure_lengths(skeletons: Masks) -> Numbers:
    """The length of the steps between neighbouring pixels of each skeleton, in its pixels."""
    straight = (skeletons[:, 1:] & skeletons[:, :-1]).sum(axis=(1, 2))
    straight += (skeletons[:, :, 1:] & skeletons[:, :, :-1]).sum(axis=(1, 2))
    diagonal = (skeletons[:, 1:, 1:] & skeletons[:, :-1, :-1]).sum(axis=(1, 2))
    diagonal += (skeletons[:, 1:, :-1] & skeletons[:, :-1, 1:]).sum(axis=(1, 2))
    return straight + np.sqrt(2) * diagonal


def _average_distances(masks: Masks, skeletons: Masks) -> Numbers:
    """The mean distance of the pixels of each skeleton to the nearest paper, in their pixels.

    The Euclidean distance to a pixel is found along its column, and then over the columns around.
    """
    image, row, column = np.nonzero(skeletons)
    vertical = _find_vertical_distances(masks)
    reach = int(vertical[image, row, column].max())
    padded = np.pad(vertical, ((0, 0), (0, 0), (reach, reach))).astype(np.int32)
    squares = np.min(
        [
            padded[image, row, column + reach + step] ** 2 + step**2
            for step in range(-reach, reach + 1)
        ],
        axis=0,
    )
    totals = np.bincount(image, np.sqrt(squares), len(masks))
    return totals / np.bincount(image, minlength=len(masks))


def _find_vertical_distances(masks: Masks) -> npt.NDArray[np.uint8]:
    """Rows from each pixel to the nearest paper above or below, ``(N, 112, 112)``; 0 on paper."""
    from_top = masks.astype(np.uint8)
    for row in range(1, SIDE):
        from_top[:, row] *= from_top[:, row - 1] + 1
    from_bottom = masks.astype(np.uint8)
    for row in range(SIDE - 2, -1, -1):
        from_bottom[:, row] *= from_bottom[:, row + 1] + 1
    return np.minimum(from_top, from_bottom)


def _measure_extents(large: Frames) -> dict[str, Numbers]:
    """Slant in degrees from the moments; width and height of the parallelogram of that slant."""
    places = np.arange(SIDE, dtype=np.float64)
    by_row, by_column = large.sum(axis=2, dtype=np.float64), large.sum(axis=1, dtype=np.float64)
    mass = by_row.sum(axis=1)
    row, column = by_row @ places / mass, by_column @ places / mass  # of the centre of mass
    variance = by_row @ places**2 / mass - row**2
    covariance = (large @ places.astype(np.float32)) @ places / mass - row * column
    shear = covariance / np.maximum(variance, 1e-9)
    # A slant shifts each row of pixels by a whole number of bins. Digits that are almost horizontal
    # may reach far beyond the frame.
    shifts = np.floor(0.5 - shear[:, None] * (places - row[:, None])).astype(np.int64)  # (N, 112)
    bins = 3 * SIDE
    first = np.arange(len(large))[:, None] * bins + np.clip(shifts + SIDE, 0, 2 * SIDE)
    pixels = np.flatnonzero(large)
    rows, columns = np.divmod(pixels, SIDE)
    masses = np.bincount(first.ravel()[rows] + columns, large.ravel()[pixels], len(large) * bins)
    return {
        "slant": np.degrees(np.arctan(-shear)),
        "width": _measure_extent(np.asarray(masses, np.float64).reshape(-1, bins)) / ENLARGEMENT,
        "height": _measure_extent(by_row) / ENLARGEMENT,
    }


def _measure_extent(masses: Numbers) -> Numbers:
    """The length of the middle part of ``(N, bins)`` masses that holds ``INSIDE`` of each row."""
    shares = np.cumsum(masses, axis=1) / masses.sum(axis=1, keepdims=True)
    shares = np.pad(shares, ((0, 0), (1, 0)))
    ends = [_find_quantile(shares, share) for share in ((1 - INSIDE) / 2, (1 + INSIDE) / 2)]
    return ends[1] - ends[0]


def _find_quantile(shares: Numbers, share: float) -> Numbers:
    """Where rows of ascending shares reach one, between two places by linear interpolation."""
    after = (shares < share).sum(axis=1)
    rows = np.arange(len(shares))
    low, high = shares[rows, after - 1], shares[rows, after]
    return after - 1 + (share - low) / (high - low)


def _count_loops(masks: Masks) -> Numbers:
    """The number of areas of paper inside of each digit."""
    paper = np.pad(~masks, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    in_plane = np.zeros((3, 3, 3), bool)
    in_plane[1] = scipy.ndimage.generate_binary_structure(2, 1)
    areas, count = scipy.ndimage.label(paper, in_plane)
    sizes = np.bincount(areas.ravel(), minlength=count + 1)
    image = np.zeros(count + 1, np.int64)
    image[areas] = np.arange(len(masks))[:, None, None]
    is_area = sizes >= MIN_LOOP_AREA * ENLARGEMENT**2
    is_area[0] = False  # the ink
    counts = np.bincount(image[is_area], minlength=len(masks)).astype(np.float64)
    return counts - 1  # the paper around the digit


def _measure_contrasts(frames: Frames) -> Numbers:
    """The mean of the pixels with at least half of the most ink, minus the mean of the others."""
    inside = frames >= frames.max(axis=(1, 2), keepdims=True) / 2
    ink, inked = frames.sum(axis=(1, 2), where=inside), inside.sum(axis=(1, 2))
    rest = frames.sum(axis=(1, 2), where=~inside, dtype=np.float64)
    paper = np.maximum(FRAME_SIZE**2 - inked, 1)
    return ink / inked - rest / paper


def _find_centres(frames: Frames) -> tuple[Numbers, Numbers]:
    """How far each centre of mass is to the right of the middle of the frame, and below it."""
    places = np.arange(FRAME_SIZE) - (FRAME_SIZE - 1) / 2
    mass = frames.sum(axis=(1, 2), dtype=np.float64)
    return frames.sum(axis=1) @ places / mass, frames.sum(axis=2) @ places / mass


if __name__ == "__main__":
    sys.exit(main())
