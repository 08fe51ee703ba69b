"""Hypotheses: what the ink in a picture may be, where paper, ink and frames are in doubt.

Each hypothesis makes its own assumptions: the whole picture or a sheet in it, the light on the
paper, the threshold, and which patches are writing. A model of digits decides between them; this
module knows none.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy
from PIL import Image

from core.digits.ink import Ink, find_threshold
from core.digits.paper import Mask, Pixels, find_drawing, find_sheets, list_opaque
from core.digits.patches import Selection, select_patches
from core.digits.planes import MaxPenalty, Plane, list_planes, measure_on_even_paper

# Ink is found in a picture reduced to this many pixels on its longer side.
MAX_SIDE = 640
# The lowest threshold, as a share of full ink.
MIN_THRESHOLD = 0.05
# Thresholds closer together than this give the same ink.
MIN_STEP = 0.04
# A drawing on plain paper was drawn by one pen if this share of its pixels differs from the paper
# in a direction whose cosine with the mean one is at least MIN_COSINE. Fainter pixels do not count.
ONE_PEN_SHARE = 0.95
MIN_COSINE = 0.98
MIN_PEN_CONTRAST = 0.2
# The strength of a stroke is that of its strongest pixel within so many pixels. This share of all
# pixels, in percent, may be drawn by the faintest pen.
PEN_REACH = 5
FAINT_PERCENTILE = 10
# A pen that is this strong is not faint.
MIN_PEN = 0.6
# What it is worth to explain all ink instead of none, in units of log-confidence.
SHARE_WEIGHT = 0.7
# What a sheet within the picture costs, in units of log-confidence: this if it is tiny, nothing if
# it is as large as the picture.
SHEET_PENALTY = 0.2
# What it costs if more than the first share of what is around the ink looks like it: the second
# for all of it, in units of log-confidence. Of blurred strokes, some pixels do.
MAX_SIMILAR = 0.1
SURROUNDINGS_PENALTY = 4.0
# Patches with less than this share of the ink on plain paper may be specks.
MIN_PART = 0.05

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """What may be the ink in a picture.

    Attributes:
        ink: ``(h, w)`` float32, 0 paper … 1 ink.
        left: of the ink image, in pixels of the picture.
        top: of the ink image, in pixels of the picture.
        scale: how many pixels of the picture one of the ink image is.
        share: of the strength of all that may be ink, 0…1.
        penalty: what speaks against it, 0 or more, in units of log-confidence.
        is_whole: whether it may be several digits.
    """

    ink: Ink
    left: float
    top: float
    scale: float
    share: float
    penalty: float
    is_whole: bool

    @property
    def plausibility(self) -> float:
        """How plausible the ink is, whatever it looks like, in units of log-confidence."""
        return SHARE_WEIGHT * self.share - self.penalty

    def locate(self, box: Box) -> Box:
        """Convert a box from pixels of the ink image to pixels of the picture."""
        left, top, right, bottom = (self.scale * side for side in box)
        return left + self.left, top + self.top, right + self.left, bottom + self.top


@dataclass(frozen=True, eq=False)
class _Page:
    """The picture, or a sheet in it.

    Attributes:
        rgb: ``(H, W, C)``.
        sheet: ``(H, W)``, the pixels that count; None for all.
        left: of the page, in pixels of the picture.
        top: of the page, in pixels of the picture.
        scale: how many pixels of the picture one of the page is.
        penalty: in units of log-confidence.
    """

    rgb: Pixels
    sheet: Mask | None
    left: float
    top: float
    scale: float
    penalty: float = 0.0


@dataclass(frozen=True)
class _Threshold:
    """The strength of ink at the edge of a stroke, and that of full ink."""

    edge: float
    full: float


def propose_hypotheses(
    image: Image.Image, max_penalty: MaxPenalty = lambda: math.inf
) -> Iterator[Hypothesis]:
    """Propose what the ink in a picture may be: about the most plausible first.

    Args:
        image: any Pillow image, upright.
        max_penalty: called before each hypothesis; those that lose more, by their penalty and by
            what they leave out, are not proposed. It saves time once a good one is known.

    Yields:
        One hypothesis, where the paper has a single colour and one pen was used; else several for
        each page, plane and threshold. There is none in a picture without ink.
    """
    small = _reduce(image)
    scale = image.width / small.width
    papers = list_opaque(small)
    plain = _propose_on_plain_paper(papers[0], scale)
    if plain is not None:
        yield plain
        return
    searches = [_search(_Page(rgb, None, 0, 0, scale), max_penalty) for rgb in papers]
    for search in searches:
        yield from next(search, ())
    if max_penalty() <= 0:
        return
    sheets = [_cut_out(rgb, sheet, scale) for rgb in papers for sheet in find_sheets(rgb)]
    for search in (on_sheets := [_search(sheet, max_penalty) for sheet in sheets]):
        yield from next(search, ())
    for search in [*searches, *on_sheets]:
        yield from itertools.chain.from_iterable(search)


def _reduce(image: Image.Image) -> Image.Image:
    factor = max(image.size) / MAX_SIDE
    # Palette and 1-bit images have to be converted before their pixels can be averaged.
    colour = image.convert("RGBA") if image.mode in {"P", "PA", "1"} else image
    if factor <= 1:
        return colour
    width, height = (max(1, round(side / factor)) for side in image.size)
    return colour.resize((width, height), Image.Resampling.BOX)


def _propose_on_plain_paper(rgb: Pixels, scale: float) -> Hypothesis | None:
    """All that differs from paper of one colour, if it has no specks and one pen drew it."""
    drawing = find_drawing(rgb)
    if drawing is None:
        return None
    strength = measure_on_even_paper(rgb[drawing], rgb[0, 0])
    if strength is None:
        return None
    patches, _ = scipy.ndimage.label(strength > MIN_THRESHOLD, np.ones((3, 3)))
    weights = np.bincount(patches.ravel(), strength.ravel())[1:]
    if weights.min() < MIN_PART * weights.max():
        return None
    if not _is_one_pen((rgb[drawing] - rgb[0, 0])[strength > MIN_PEN_CONTRAST]):
        return None
    rows, columns = drawing
    return Hypothesis(strength, scale * columns.start, scale * rows.start, scale, 1, 0, True)


def _is_one_pen(differences: Pixels) -> bool:
    """Whether ``(N, 3)`` colours differ from that of the paper in one direction."""
    mean = differences.mean(axis=0)
    lengths = np.sqrt(np.einsum("ij,ij->i", differences, differences)) * np.linalg.norm(mean)
    return bool((differences @ mean >= MIN_COSINE * lengths).mean() >= ONE_PEN_SHARE)


def _cut_out(rgb: Pixels, sheet: Mask, scale: float) -> _Page:
    rows, columns = np.flatnonzero(sheet.any(axis=1)), np.flatnonzero(sheet.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    penalty = SHEET_PENALTY * (1 - float(sheet.mean()))
    return _Page(rgb[box], sheet[box], scale * columns[0], scale * rows[0], scale, penalty)


def _search(page: _Page, max_penalty: MaxPenalty) -> Iterator[Iterator[Hypothesis]]:
    """The hypotheses on one page, by plane and threshold."""
    planes = list_planes(page.rgb, page.sheet, lambda: max_penalty() - page.penalty)
    for plane in planes:
        for threshold in _list_thresholds(plane, page.sheet):
            if page.penalty + plane.penalty > max_penalty():
                break
            yield _propose(page, plane, threshold, max_penalty)


def _propose(
    page: _Page, plane: Plane, threshold: _Threshold, max_penalty: MaxPenalty
) -> Iterator[Hypothesis]:
    for selection in select_patches(plane.strength, threshold.edge, page.sheet):
        penalty = page.penalty + plane.penalty + selection.penalty
        left_out = SHARE_WEIGHT * (1 - selection.share)
        if penalty + left_out > max_penalty():
            continue
        similar = selection.compare_with_surroundings(page.rgb, page.sheet)
        penalty += SURROUNDINGS_PENALTY * max(0.0, similar - MAX_SIMILAR)
        if penalty + left_out <= max_penalty():
            yield _build_hypothesis(page, plane, threshold, selection, penalty)


def _build_hypothesis(
    page: _Page, plane: Plane, threshold: _Threshold, selection: Selection, penalty: float
) -> Hypothesis:
    strength = np.minimum(plane.strength[selection.box] / np.float32(threshold.full), 1)
    rows, columns = selection.box
    return Hypothesis(
        np.where(selection.ink, strength, np.float32(0)),
        page.left + page.scale * columns.start,
        page.top + page.scale * rows.start,
        page.scale,
        selection.share,
        penalty,
        selection.is_whole,
    )


def _list_thresholds(plane: Plane, sheet: Mask | None) -> Iterator[_Threshold]:
    """Otsu's threshold, half of it for faint ink, and one above it for faint lines on the paper."""
    strength = plane.strength if sheet is None else plane.strength[sheet]
    strokes = scipy.ndimage.maximum_filter(plane.strength, PEN_REACH)

    def build(edge: float) -> _Threshold:
        # Half of a pixel at the edge of a stroke is ink.
        return _Threshold(edge, min(2 * edge, _find_faintest_pen(strokes[plane.strength > edge])))

    middle = find_threshold(strength)
    yield build(middle)
    for edge in (max(middle / 2, MIN_THRESHOLD), find_threshold(strength[strength > middle])):
        if abs(edge - middle) > MIN_STEP:
            yield build(edge)


def _find_faintest_pen(strokes: Pixels) -> float:
    """The strength of the faintest strokes, 0…1, if they were drawn by another pen; else 1."""
    faintest = float(np.percentile(strokes, FAINT_PERCENTILE)) if len(strokes) else 1.0
    return faintest if faintest < MIN_PEN else 1.0
