"""Ruling: finds the printed lines of a page and removes them.

A printed line is thin, nearly straight, runs from edge to edge of the image, and is fainter than
the ink or one of many similar lines. This module takes images of dark on light, float32 in 0…255.
It does not know about frames or digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

# On a smaller page, printed lines could not be distinguished from pen strokes.
MIN_PAGE_SIDE = 150  # pixels
# A page is divided into this many vertical strips. They are so narrow that a tilted line stays
# sharp within a strip, and so wide that noise averages out.
STRIPS = 64
# A larger page is reduced to this many rows to search for lines.
SEARCHED_ROWS = 600
# A printed line is no thicker than this share of the page's longer side.
MAX_LINE_THICKNESS = 0.015
# The median brightness of a page is at least this share of the maximum. Otherwise the paper is
# dark, and has no lines that are darker still.
MIN_PAPER_LEVEL = 0.35
# A line absorbs at least this share of the paper's light in a strip. Fainter lines cannot be
# mistaken for ink.
MIN_LINE_CONTRAST = 0.015
# A line absorbs at least this many times what the grain of the paper does.
GRAIN_FACTOR = 4.0
# The steepest line, as rise over run: a page that is tilted by 10°.
MAX_SLOPE = 0.18
# A line is visible in at least this share of all strips. Ink may cover it in the others.
MIN_VISIBLE_SHARE = 0.75
# Once a page has such a line, this share is enough for lines that are nearly parallel to it. It is
# a share of those strips in which the line lies inside the image, which may be as few as
# MIN_VISIBLE_STRIPS in a corner.
MIN_VISIBLE_SHARE_OF_PARALLEL = 0.45
MIN_VISIBLE_STRIPS = 6
# Lines are nearly parallel when their slopes differ by less than this. In perspective, the slopes
# of the lines change along the page.
MAX_SLOPE_DIFFERENCE = 0.015
# A line is curved by up to this many searched rows.
MAX_BEND = 2
# Ink absorbs more light than a line, by at least this share of what the ink absorbs …
MIN_INK_CONTRAST = 0.4
# … unless the page has at least this many lines, more than a digit has strokes, none of which
# absorbs more than MAX_DARKNESS_RATIO times their median.
MIN_LINES_OF_RULING = 4
MAX_DARKNESS_RATIO = 1.6
# Pixels on a line are line where they exceed the line's absorption by less than the first share of
# the ink's, and ink where they exceed it by more than the second. Between these, they are blended.
LINE_TO_INK = (0.15, 0.35)
# The absorption of ink is measured on the darkest pixels of the page, this share of all: half the
# area of a small, thin digit 1.
INK_SAMPLE_SHARE = 0.0005
# To measure it, the page is reduced to this many pixels on its longer side, and the paper around a
# pixel is searched within this share of that side: more than the width of a stroke.
INK_SIDE = 250
INK_REACH = 0.12
# The colour of the paper is measured on this many rows on either side of a line.
PAPER_ROWS = 3
# A line ends where it absorbs less than this share of what its darkest row absorbs.
LINE_EDGE = 0.15

Pixels = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Band:
    """The pixels along one line, at ``D`` vertical offsets from its centre in ``W`` columns.

    Attributes:
        rows: ``(D, W)`` row numbers in the image, some of which may lie outside of it.
        paper: ``(W, 3)`` the colour of the paper beside the line.
        absorbed: ``(D, W, 3)`` the share of the paper's light that each pixel absorbs.
        line: ``(D, 3)`` the share of the paper's light that the line absorbs.
    """

    rows: npt.NDArray[np.intp]
    paper: Pixels
    absorbed: Pixels
    line: Pixels


def remove_ruled_lines(rgb: Pixels) -> Pixels:
    """Fill the printed lines of a page with the colour of the paper, except under ink.

    Args:
        rgb: ``(H, W, 3)`` float32 in 0…255, dark on light.

    Returns:
        ``(H, W, 3)``, the page without lines; ``rgb`` itself where there are none, or where the
        page is smaller than 150 pixels.
    """
    if min(rgb.shape[:2]) < MIN_PAGE_SIDE:
        return rgb
    page = _remove_horizontal_lines(rgb)
    transposed = page.transpose(1, 0, 2)
    result = _remove_horizontal_lines(transposed)
    return page if result is transposed else result.transpose(1, 0, 2)


def to_grey(rgb: Pixels) -> Pixels:
    """Average the three colours of ``(H, W, 3)`` to ``(H, W)``."""
    # Bit for bit the same as rgb.mean(axis=2), and ten times as fast.
    return (rgb[..., 0] + rgb[..., 1] + rgb[..., 2]) / np.float32(3)


def _remove_horizontal_lines(rgb: Pixels) -> Pixels:
    """Remove the lines that run from left to right; ``rgb`` itself where there are none."""
    lines = _find_lines(to_grey(rgb))
    if not len(lines):
        return rgb
    half_widths = _limit_half_widths(lines, max(rgb.shape))
    bands = [
        _extract_band(rgb, line, half_width)
        for line, half_width in zip(lines, half_widths, strict=True)
    ]
    ink = _measure_ink(rgb, lines, max(half_widths))
    printed = _select_printed([band for band in bands if len(band.rows)], ink)
    if not printed:
        return rgb
    page = rgb.copy()
    for band in printed:
        _fill_with_paper(page, band, float(ink.max()))
    return page


def _find_lines(brightness: Pixels) -> Rows:
    """Find lines that run from left to right.

    Returns:
        ``(L, W)``, the row of each line at each column, from top to bottom. Where a line leaves the
        image, its rows lie outside of it.
    """
    height, width = brightness.shape
    step, strip = -(-height // SEARCHED_ROWS), -(-width // STRIPS)
    # Along a line, neighbouring columns are alike: a part of them is enough.
    strips = _average_blocks(brightness[:, ::step], step, -(-strip // step))
    if np.median(strips) < MIN_PAPER_LEVEL * strips.max():
        return np.empty((0, width))
    absorbed = _measure_absorption(strips, max(brightness.shape) / step)
    hits = absorbed > max(MIN_LINE_CONTRAST, GRAIN_FACTOR * float(np.median(absorbed)))
    if hits.any(axis=0).mean() < MIN_VISIBLE_SHARE:
        return np.empty((0, width))
    # Ink on a line is darker, but does not locate the line better.
    weight = np.where(hits, np.minimum(absorbed, 2 * np.median(absorbed[hits])), 0)
    # The centre of each strip, in units of searched rows, so that slopes are those of the page.
    centres = (np.arange(hits.shape[1]) + 0.5) * -(-strip // step)
    columns = (np.arange(width) + 0.5) / step
    lines = np.array(
        [
            np.polyval(_fit_parabola(weight, centres, slope, intercept), columns)
            for slope, intercept in _find_straight_lines(hits, centres)
        ]
    ).reshape(-1, width)
    lines = lines[lines[:, width // 2].argsort()]
    # Both edges of a thick line may have been found, and both fitted to its centre.
    apart = np.diff(lines[:, width // 2], prepend=-np.inf) > 2 * MAX_BEND
    return lines[apart] * step + (step - 1) / 2


def _average_blocks(brightness: Pixels, height: int, width: int) -> Pixels:
    """Average blocks of pixels; blocks at the right and lower edges may be smaller."""
    tops, lefts = (
        np.arange(0, side, block)
        for side, block in zip(brightness.shape, (height, width), strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(brightness, tops, axis=0), lefts, axis=1)
    heights, widths = (
        np.diff(starts, append=side)
        for starts, side in zip((tops, lefts), brightness.shape, strict=True)
    )
    return (sums / np.outer(heights, widths)).astype(np.float32)


def _measure_absorption(strips: Pixels, longer: float) -> Pixels:
    """The share of the paper's light that vertically thin structures absorb, ``strips.shape``."""
    reach = max(7, 2 * round(MAX_LINE_THICKNESS * longer / 2) + 1)
    paper = scipy.ndimage.grey_closing(strips, size=(reach, 1))
    # Dark areas such as ink have grain too, which must not weigh more than that of the paper.
    return (paper - strips) / np.maximum(paper, max(1, np.median(paper)))


def _find_straight_lines(
    hits: npt.NDArray[np.bool_], centres: npt.NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Find lines with enough hits, by a Hough transform: slope and intercept, in searched rows."""
    hits = scipy.ndimage.maximum_filter1d(hits, 2 * MAX_BEND + 1, axis=0)
    middle = centres.mean()
    slopes = np.arange(-MAX_SLOPE, MAX_SLOPE, 1.5 / middle)
    # Lines may cross the image in a corner alone, so their middle may lie above or below it.
    margin = int(MAX_SLOPE * middle) + 1
    share, inside = _count_votes(hits, np.outer(slopes, centres - middle), margin)
    complete = np.where(inside >= MIN_VISIBLE_SHARE * len(centres), share, 0)
    certain = _find_peaks(complete.max(axis=0), MIN_VISIBLE_SHARE)
    if not len(certain):
        return []
    degree = 1 if len(certain) >= MIN_LINES_OF_RULING else 0
    expected = np.polyfit(certain, slopes[complete[:, certain].argmax(axis=0)], degree)
    difference = np.abs(slopes[:, None] - np.polyval(expected, np.arange(share.shape[1])))
    parallel = np.where(
        (difference < MAX_SLOPE_DIFFERENCE) & (inside >= MIN_VISIBLE_STRIPS), share, 0
    )
    rows = _find_peaks(parallel.max(axis=0), MIN_VISIBLE_SHARE_OF_PARALLEL)
    found_slopes = slopes[parallel[:, rows].argmax(axis=0)]
    return list(zip(found_slopes, rows - margin - found_slopes * middle, strict=True))


def _count_votes(
    hits: npt.NDArray[np.bool_], rise: npt.NDArray[np.float64], margin: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Count the hits along each candidate line.

    Args:
        hits: ``(R, S)``, whether a row of a strip looks like part of a line.
        rise: ``(slopes, S)``, how far a line of each slope has risen at each strip, in rows.
        margin: candidates start this many rows above the image and end as many below it.

    Returns:
        The share of each line that is visible, 0…1, and the number of strips in which it lies
        inside the image. Both are ``(slopes, R + 2 margin)``.
    """
    height, strips = hits.shape
    padded = np.pad(hits, ((2 * margin, 2 * margin), (0, 0)))
    rows = np.arange(-margin, height + margin)
    share = np.empty((len(rise), len(rows)))
    inside = np.empty((len(rise), len(rows)), np.int64)
    for index, offsets in enumerate(np.round(rise).astype(np.int64)):
        crossed = rows[:, None] + offsets
        inside[index] = ((crossed >= 0) & (crossed < height)).sum(axis=1)
        votes = padded[crossed + 2 * margin, np.arange(strips)].sum(axis=1)
        share[index] = votes / np.maximum(inside[index], 1)
    return share, inside


def _find_peaks(share: npt.NDArray[np.float64], minimum: float) -> npt.NDArray[np.intp]:
    """The centres of local maxima, none of them closer together than a line may bend."""
    around = scipy.ndimage.maximum_filter1d(share, 2 * MAX_BEND + 3)
    plateaus, count = scipy.ndimage.label((share >= minimum) & (share == around))
    centres = scipy.ndimage.center_of_mass(np.ones_like(share), plateaus, range(1, count + 1))
    return np.array([round(centre) for (centre,) in centres], dtype=np.intp)


def _fit_parabola(weight: Pixels, centres: Rows, slope: float, intercept: float) -> Rows:
    """Fit a parabola, highest power first, to the visible parts of a nearly straight line."""
    coefficients = np.array([0.0, slope, intercept])
    for reach in (MAX_BEND + 1, MAX_BEND):
        offsets = np.arange(-reach, reach + 1)[:, None]
        rows = np.round(np.polyval(coefficients, centres)).astype(np.int64) + offsets
        near = weight[np.clip(rows, 0, len(weight) - 1), np.arange(len(centres))]
        near = np.where((rows >= 0) & (rows < len(weight)), near, 0)
        total = near.sum(axis=0)
        visible = total > 0
        if visible.sum() < MIN_VISIBLE_STRIPS:
            break
        middles = (near * rows).sum(axis=0)[visible] / total[visible]
        degree = 2 if visible.mean() > MIN_VISIBLE_SHARE_OF_PARALLEL else 1
        coefficients = np.polyfit(centres[visible], middles, degree, w=np.sqrt(total[visible]))
    return coefficients


def _limit_half_widths(lines: Rows, longer: int) -> list[int]:
    """How many pixels on either side of each line may belong to it."""
    largest = max(3, round(MAX_LINE_THICKNESS * longer / 2) + 1)
    gaps = np.concatenate([[np.inf], np.diff(lines[:, lines.shape[1] // 2]), [np.inf]])
    half_widths = np.minimum(gaps[:-1], gaps[1:]) / 2 - PAPER_ROWS
    return [int(half_width) for half_width in np.clip(half_widths, 2, largest)]


def _extract_band(rgb: Pixels, line: Rows, half_width: int) -> _Band:
    """Measure a line and the paper beside it."""
    height, width = rgb.shape[:2]
    reach = half_width + PAPER_ROWS
    rows = np.round(line).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]  # (D, W)
    pixels = rgb[np.clip(rows, 0, height - 1), np.arange(width)]
    above, below = pixels[:PAPER_ROWS].mean(axis=0), pixels[-PAPER_ROWS:].mean(axis=0)
    brighter = above.sum(axis=1, keepdims=True) > below.sum(axis=1, keepdims=True)
    paper = np.where(brighter, above, below)
    absorbed = 1 - pixels / np.maximum(paper, 1)
    inside = (rows[reach] >= 0) & (rows[reach] < height)
    line_absorbs = np.median(absorbed[:, inside], axis=1)
    depth = line_absorbs[PAPER_ROWS:-PAPER_ROWS].mean(axis=1)
    visible = np.flatnonzero(depth > LINE_EDGE * max(depth.max(), 0))
    # Where all rows are dark, this is a change in the light and not a line: the band stays empty.
    if not 0 < len(visible) < len(depth):
        visible = np.array([0, -3])
    # Blur extends the line by one more pixel on either side.
    part = slice(PAPER_ROWS + visible[0] - 1, PAPER_ROWS + visible[-1] + 2)
    # The line is not located to the pixel, so each offset may absorb what its neighbours absorb.
    line_absorbs = scipy.ndimage.maximum_filter1d(np.maximum(line_absorbs, 0), 3, axis=0)
    return _Band(rows[part], paper, absorbed[part], line_absorbs[part])


def _measure_ink(rgb: Pixels, lines: Rows, half_width: int) -> Pixels:
    """The share of light that ink absorbs of each colour, ``(3,)``, measured between the lines."""
    step = max(1, max(rgb.shape) // INK_SIDE)
    page = rgb[::step, ::step]
    reach = round(INK_REACH * max(page.shape))
    paper = scipy.ndimage.grey_closing(page, size=(reach, reach, 1))
    absorbed = 1 - page / np.maximum(paper, 1)
    rows = np.arange(0, rgb.shape[0], step)[:, None]
    between = np.ones(page.shape[:2], np.bool_)
    for line in lines:
        between &= np.abs(rows - line[::step]) > half_width
    pixels = absorbed[between]  # (N, 3)
    if not len(pixels):
        return np.zeros(3, np.float32)
    count = min(len(pixels), max(1, round(INK_SAMPLE_SHARE * between.size)))
    darkest = np.argpartition(pixels.sum(axis=1), -count)[-count:]
    return np.median(pixels[darkest], axis=0)


def _select_printed(bands: Sequence[_Band], ink: Pixels) -> list[_Band]:
    """Select the bands that are printed lines, not pen strokes."""
    if not bands:
        return []
    darkness = np.array([band.line.max(axis=0) for band in bands])  # (L, 3)
    printed = (ink - darkness).max(axis=1) >= MIN_INK_CONTRAST * ink.max()
    if len(bands) >= MIN_LINES_OF_RULING:
        mean = darkness.mean(axis=1)
        printed |= mean <= MAX_DARKNESS_RATIO * np.median(mean)
    return [band for band, is_printed in zip(bands, printed, strict=True) if is_printed]


def _fill_with_paper(page: Pixels, band: _Band, ink: float) -> None:
    """Replace a line with the colour of the paper, in place, except where there is ink."""
    inside = (band.rows >= 0) & (band.rows < len(page))
    rows, columns = band.rows[inside], np.nonzero(inside)[1]
    excess = (band.absorbed - band.line[:, None]).max(axis=2)[inside] / max(ink, 1e-6)
    line_limit, ink_limit = LINE_TO_INK
    kept = np.clip((excess - line_limit) / (ink_limit - line_limit), 0, 1)[:, None]
    paper = band.paper[columns]
    page[rows, columns] = paper + (page[rows, columns] - paper) * kept
