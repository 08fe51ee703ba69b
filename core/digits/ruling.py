"""Paper: the lines printed on a page before anybody wrote on it, and how to lift them off.

A printed line is thin, runs from edge to edge of the picture nearly straight, and is fainter than
the ink or one of many alike. This module knows pictures of dark on light, float32 in 0…255; it does
not know frames or digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

# On less than this many pixels a side, lines could not be told from the strokes between them.
MIN_PAGE_SIDE = 150
# A page is cut across its lines into this many strips: so narrow that a tilted line stays sharp in
# each, so wide that noise averages out.
STRIPS = 64
# A larger page is reduced to this many rows while lines are looked for.
SEARCHED_ROWS = 600
# A printed line is no thicker than this share of the page's longer side.
MAX_LINE_THICKNESS = 0.015
# Paper is lighter than this share of the lightest there is on the page; on dark paper there are no
# lines darker still.
MIN_PAPER_LEVEL = 0.35
# A line takes this share of the paper's light in a strip; a fainter one does not pass for ink.
MIN_LINE_CONTRAST = 0.015
# A line stands out from the grain of the paper by this factor.
GRAIN_FACTOR = 4.0
# The steepest line, as rise over run: a page held 10° askew.
MAX_SLOPE = 0.18
# A line shows in this share of all strips: ink covers it in some.
MIN_SHOWING = 0.75
# On a page that has a line, those that run as it does need to show in this share of what the
# picture holds of them; and that may be a stub of this many strips in a corner.
MIN_SHOWING_OF_ANOTHER = 0.45
MIN_STUB_LENGTH = 6
# Lines run alike when their slopes differ by less than this: perspective makes them a fan.
MAX_FAN = 0.015
# A line bends away from straight by up to this many searched rows.
MAX_BEND = 2
# Ink is darker than a line by at least this share of its own darkness …
MIN_FREQUENCY_CONTRAST = 0.4
# … unless there are this many lines side by side, as no digit has, all about as dark.
MANY_LINES = 4
MAX_RATIO = 1.6
# On a line, what is darker than the line by less than the first share of the ink's darkness is
# line, what is darker by more than the second is ink, and what lies between is some of both.
LINE_TO_INK = (0.15, 0.35)
# The ink's darkness is that of the darkest pixels that make up this share of the page: half of a
# small, thin digit 1.
MIN_LINE_INK = 0.0005
# Its paper is found within this share of the longer side, more than the width of a stroke, on a
# page reduced to this many pixels.
INK_REACH = 0.12
INK_SIDE = 250
# Beside a line, this many rows are taken for its paper.
PAPER_ROWS = 3
# Where a line takes less than this share of what its middle takes, it ends.
LINE_EDGE = 0.15

Pixels = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Band:
    """The pixels along one line, ``D`` offsets from its middle by ``W`` columns.

    Attributes:
        rows: ``(D, W)`` in the picture; some may lie outside of it.
        paper: ``(W, 3)`` the colour of the paper beside the line.
        absorbed: ``(D, W, 3)`` the share of the paper's light that each pixel takes.
        line: ``(D, 3)`` the share that the line itself takes.
    """

    rows: npt.NDArray[np.intp]
    paper: Pixels
    absorbed: Pixels
    line: Pixels


def remove_ruled_lines(rgb: Pixels) -> Pixels:
    """Put paper where a page has printed lines, but not where ink covers them.

    Args:
        rgb: ``(H, W, 3)``.

    Returns:
        ``(H, W, 3)``, the page without lines; ``rgb`` itself where there are none.
    """
    if min(rgb.shape[:2]) < MIN_PAGE_SIDE:
        return rgb
    level = _erase_rows(rgb)
    turned = level.transpose(1, 0, 2)
    upright = _erase_rows(turned)
    return level if upright is turned else upright.transpose(1, 0, 2)


def to_grey(rgb: Pixels) -> Pixels:
    """The mean of the three colours, ``(H, W)``."""
    # What rgb.mean(axis=2) gives, to the last bit, in a tenth of its time.
    return (rgb[..., 0] + rgb[..., 1] + rgb[..., 2]) / np.float32(3)


def _erase_rows(rgb: Pixels) -> Pixels:
    """Erase the lines that run from left to right."""
    lines = _find_lines(to_grey(rgb))
    if not len(lines):
        return rgb
    rooms = _share_room(lines, max(rgb.shape))
    bands = [_lift_band(rgb, line, room) for line, room in zip(lines, rooms, strict=True)]
    ink = _measure_ink(rgb, lines, max(rooms))
    printed = _choose_printed([band for band in bands if len(band.rows)], ink)
    if not printed:
        return rgb
    page = rgb.copy()
    for band in printed:
        _erase_band(page, band, float(ink.max()))
    return page


def _find_lines(brightness: Pixels) -> Rows:
    """The row of each line at each column, ``(L, W)``, top to bottom; stubs leave the picture."""
    height, width = brightness.shape
    step, strip = -(-height // SEARCHED_ROWS), -(-width // STRIPS)
    # Along lines, some of the columns tell as much as all.
    strips = _average_blocks(brightness[:, ::step], step, -(-strip // step))
    if np.median(strips) < MIN_PAPER_LEVEL * strips.max():
        return np.empty((0, width))
    absorbed = _absorb(strips, max(brightness.shape) / step)
    hits = absorbed > max(MIN_LINE_CONTRAST, GRAIN_FACTOR * float(np.median(absorbed)))
    if hits.any(axis=0).mean() < MIN_SHOWING:
        return np.empty((0, width))
    # Ink on a line is darker, but does not show better where the line is.
    weight = np.where(hits, np.minimum(absorbed, 2 * np.median(absorbed[hits])), 0)
    # The middle of each strip, in searched rows, so that slopes are what they are on the page.
    place = (np.arange(hits.shape[1]) + 0.5) * -(-strip // step)
    columns = (np.arange(width) + 0.5) / step
    lines = np.array(
        [
            np.polyval(_trace(weight, place, slope, intercept), columns)
            for slope, intercept in _find_straight(hits, place)
        ]
    ).reshape(-1, width)
    lines = lines[lines[:, width // 2].argsort()]
    # Of a thick line, both edges may have been found, and both traced to its middle.
    apart = np.diff(lines[:, width // 2], prepend=-np.inf) > 2 * MAX_BEND
    return lines[apart] * step + (step - 1) / 2


def _average_blocks(brightness: Pixels, height: int, width: int) -> Pixels:
    """Means of blocks of pixels; those at the far edges may be smaller."""
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


def _absorb(strips: Pixels, longer: float) -> Pixels:
    """The share of light that what is thin from top to bottom takes from the paper around it."""
    reach = max(7, 2 * round(MAX_LINE_THICKNESS * longer / 2) + 1)
    paper = scipy.ndimage.grey_closing(strips, size=(reach, 1))
    # Ink and other dark places have a grain of their own: it counts for no more than paper's.
    return (paper - strips) / np.maximum(paper, max(1, np.median(paper)))


def _find_straight(
    hits: npt.NDArray[np.bool_], place: npt.NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Lines along which there are hits enough: slope and intercept, in searched rows."""
    hits = scipy.ndimage.maximum_filter1d(hits, 2 * MAX_BEND + 1, axis=0)
    middle = place.mean()
    slopes = np.arange(-MAX_SLOPE, MAX_SLOPE, 1.5 / middle)
    spare = int(MAX_SLOPE * middle) + 1  # rows above and below, whose lines may have a stub
    share, inside = _vote(hits, np.outer(slopes, place - middle), spare)
    whole = np.where(inside >= MIN_SHOWING * len(place), share, 0)
    sure = _pick_peaks(whole.max(axis=0), MIN_SHOWING)
    if not len(sure):
        return []
    degree = 1 if len(sure) >= MANY_LINES else 0
    fan = np.polyfit(sure, slopes[whole[:, sure].argmax(axis=0)], degree)
    unlike = np.abs(slopes[:, None] - np.polyval(fan, np.arange(share.shape[1])))
    alike = np.where((unlike < MAX_FAN) & (inside >= MIN_STUB_LENGTH), share, 0)
    rows = _pick_peaks(alike.max(axis=0), MIN_SHOWING_OF_ANOTHER)
    steepness = slopes[alike[:, rows].argmax(axis=0)]
    return list(zip(steepness, rows - spare - steepness * middle, strict=True))


def _vote(
    hits: npt.NDArray[np.bool_], rise: npt.NDArray[np.float64], spare: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """How much of every line shows, 0…1, and in how many strips it lies inside the picture.

    Args:
        hits: ``(R, S)``, where something line-like is.
        rise: ``(slopes, S)``, how far each line has risen at each strip, in rows.
        spare: lines are tried from this many rows above the picture to as many below it.

    Returns:
        Two arrays ``(slopes, R + 2 spare)``.
    """
    height, strips = hits.shape
    padded = np.pad(hits, ((2 * spare, 2 * spare), (0, 0)))
    rows = np.arange(-spare, height + spare)
    share = np.empty((len(rise), len(rows)))
    inside = np.empty((len(rise), len(rows)), np.int64)
    for index, one in enumerate(np.round(rise).astype(np.int64)):
        there = rows[:, None] + one
        inside[index] = ((there >= 0) & (there < height)).sum(axis=1)
        votes = padded[there + 2 * spare, np.arange(strips)].sum(axis=1)
        share[index] = votes / np.maximum(inside[index], 1)
    return share, inside


def _pick_peaks(share: npt.NDArray[np.float64], least: float) -> npt.NDArray[np.intp]:
    """The middles of the highest stretches, none of them closer than a line may bend."""
    around = scipy.ndimage.maximum_filter1d(share, 2 * MAX_BEND + 3)
    stretches, count = scipy.ndimage.label((share >= least) & (share == around))
    middles = scipy.ndimage.center_of_mass(np.ones_like(share), stretches, range(1, count + 1))
    return np.array([round(middle) for (middle,) in middles], dtype=np.intp)


def _trace(weight: Pixels, place: Rows, slope: float, intercept: float) -> Rows:
    """A parabola, highest power first, through what shows of a line that is nearly straight."""
    course = np.array([0.0, slope, intercept])
    for reach in (MAX_BEND + 1, MAX_BEND):
        offsets = np.arange(-reach, reach + 1)[:, None]
        rows = np.round(np.polyval(course, place)).astype(np.int64) + offsets
        seen = weight[np.clip(rows, 0, len(weight) - 1), np.arange(len(place))]
        seen = np.where((rows >= 0) & (rows < len(weight)), seen, 0)
        total = seen.sum(axis=0)
        shows = total > 0
        if shows.sum() < MIN_STUB_LENGTH:
            break
        middles = (seen * rows).sum(axis=0)[shows] / total[shows]
        degree = 2 if shows.mean() > MIN_SHOWING_OF_ANOTHER else 1
        course = np.polyfit(place[shows], middles, degree, w=np.sqrt(total[shows]))
    return course


def _share_room(lines: Rows, longer: int) -> list[int]:
    """How many pixels to either side of each line are its own."""
    largest = max(3, round(MAX_LINE_THICKNESS * longer / 2) + 1)
    gaps = np.concatenate([[np.inf], np.diff(lines[:, lines.shape[1] // 2]), [np.inf]])
    rooms = np.minimum(gaps[:-1], gaps[1:]) / 2 - PAPER_ROWS
    return [int(room) for room in np.clip(rooms, 2, largest)]


def _lift_band(rgb: Pixels, line: Rows, room: int) -> _Band:
    """Look at a line and at the paper beside it."""
    height, width = rgb.shape[:2]
    reach = room + PAPER_ROWS
    rows = np.round(line).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]  # (D, W)
    pixels = rgb[np.clip(rows, 0, height - 1), np.arange(width)]
    above, below = pixels[:PAPER_ROWS].mean(axis=0), pixels[-PAPER_ROWS:].mean(axis=0)
    brighter = above.sum(axis=1, keepdims=True) > below.sum(axis=1, keepdims=True)
    paper = np.where(brighter, above, below)
    absorbed = 1 - pixels / np.maximum(paper, 1)
    inside = (rows[reach] >= 0) & (rows[reach] < height)
    line_absorbs = np.median(absorbed[:, inside], axis=1)
    depth = line_absorbs[PAPER_ROWS:-PAPER_ROWS].mean(axis=1)
    shows = np.flatnonzero(depth > LINE_EDGE * max(depth.max(), 0))
    # What fills its room is no line but a dip in the light.
    if not 0 < len(shows) < len(depth):
        shows = np.array([0, -3])
    # One pixel more on either side, which blur has touched.
    part = slice(PAPER_ROWS + shows[0] - 1, PAPER_ROWS + shows[-1] + 2)
    # The line is not traced to the pixel: each offset may take what its neighbours take.
    line_absorbs = scipy.ndimage.maximum_filter1d(np.maximum(line_absorbs, 0), 3, axis=0)
    return _Band(rows[part], paper, absorbed[part], line_absorbs[part])


def _measure_ink(rgb: Pixels, lines: Rows, room: int) -> Pixels:
    """The share of light that ink takes of each colour, ``(3,)``, seen beside the lines."""
    step = max(1, max(rgb.shape) // INK_SIDE)
    page = rgb[::step, ::step]
    reach = round(INK_REACH * max(page.shape))
    paper = scipy.ndimage.grey_closing(page, size=(reach, reach, 1))
    absorbed = 1 - page / np.maximum(paper, 1)
    rows = np.arange(0, rgb.shape[0], step)[:, None]
    beside = np.ones(page.shape[:2], np.bool_)
    for line in lines:
        beside &= np.abs(rows - line[::step]) > room
    seen = absorbed[beside]  # (N, 3)
    if not len(seen):
        return np.zeros(3, np.float32)
    rank = min(len(seen), max(1, round(MIN_LINE_INK * beside.size)))
    darkest = np.argpartition(seen.sum(axis=1), -rank)[-rank:]
    return np.median(seen[darkest], axis=0)


def _choose_printed(bands: Sequence[_Band], ink: Pixels) -> list[_Band]:
    """The bands that are printed lines, not strokes of the pen."""
    if not bands:
        return []
    darkness = np.array([band.line.max(axis=0) for band in bands])  # (L, 3)
    printed = (ink - darkness).max(axis=1) >= MIN_FREQUENCY_CONTRAST * ink.max()
    if len(bands) >= MANY_LINES:
        mean = darkness.mean(axis=1)
        printed |= mean <= MAX_RATIO * np.median(mean)
    return [band for band, one in zip(bands, printed, strict=True) if one]


def _erase_band(page: Pixels, band: _Band, ink: float) -> None:
    """Lay paper over a line, in place, but not over ink."""
    there = (band.rows >= 0) & (band.rows < len(page))
    rows, columns = band.rows[there], np.nonzero(there)[1]
    excess = (band.absorbed - band.line[:, None]).max(axis=2)[there] / max(ink, 1e-6)
    line_ends, ink_begins = LINE_TO_INK
    kept = np.clip((excess - line_ends) / (ink_begins - line_ends), 0, 1)[:, None]
    paper = band.paper[columns]
    page[rows, columns] = paper + (page[rows, columns] - paper) * kept
