"""Patches: the connected parts of an ink mask, and which of them may be one drawing.

A mask shows more than ink: the edge of a table, a printed frame, specks. Several selections of its
patches are proposed; which one is right is decided later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy

from core.digits.paper import MIN_OVERLAP, Mask, Pixels, compare_with_quadrilateral

# Patches with less ink than this share of the largest one's are specks.
MIN_INK_SHARE = 0.02
# Patches near the main one belong to it if they have at least this share of its ink, and are no
# further from it than this share of its longer side.
MIN_NEAR_INK = 0.05
MAX_GAP = 0.2
# A frame takes at least this share of both sides of the picture, is visible along this share of
# three of its sides, and lies within this share of its box.
MIN_FRAME_SIDE = 0.3
MIN_FRAME_COVER = 0.85
FRAME_DEPTH = 0.06
# A card takes at least this share of both sides of the picture, its paper at least this share of
# its bounding box. It is examined when reduced to about this many pixels.
MIN_CARD_SIDE = 0.1
MIN_CARD_COVER = 0.35
CARD_SIDE = 60
# Pixels have the colour of the pen if they differ from it by less than this share of what the paper
# differs by. In a picture with a longer side below SMALL_SIDE, edges are less blurred.
SIMILARITY = 0.3
SMALL_SIDE = 150
# What speaks against a selection, in units of log-confidence: it touches the edge of the paper, it
# contains a frame, …
EDGE_PENALTY = 0.6
FRAME_PENALTY = 1.0
# … or it leaves out a patch that is as high as the highest one it contains.
LEFT_OUT_PENALTY = 1.2

Boxes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Selection:
    """Some of the patches of a mask.

    Attributes:
        box: rows and columns in the picture.
        share: of all ink in the picture but frames, 0…1.
        penalty: 0 or more, in units of log-confidence.
        is_whole: whether it holds all patches, or all that are clear of edges and frames: several
            digits, if the picture shows several.
    """

    box: tuple[slice, slice]
    share: float
    penalty: float
    is_whole: bool
    _labels: npt.NDArray[np.int32]
    _is_chosen: Mask  # for each label

    @cached_property
    def ink(self) -> Mask:
        """``(h, w)``, whether a pixel is one of these patches or borders on one, inside the box."""
        labels = self._labels[self.box]
        own = self._is_chosen[labels]
        return own | ((labels == 0) & _dilate(own, self._step))

    def compare_with_surroundings(self, rgb: Pixels, inside: Mask | None) -> float:
        """The share of the pixels around these patches that look like them, 0…1.

        It is near 0 around strokes, and about a half along the edge of a sheet or of a shadow.
        Pixels beyond the edge of a sheet count, too. So do half of those beyond an edge of the
        picture, by as many as there are more than at the opposite edge: a digit that fills the
        picture reaches both.

        Args:
            rgb: ``(H, W, C)``.
            inside: ``(H, W)``, the paper; by default, all.
        """
        box = tuple(slice(side.start, side.stop, self._step) for side in self.box)
        own = self._is_chosen[self._labels[box]]
        if not own.any():  # too small for the step
            return 0.0
        pen = np.median(rgb[box][own], axis=0)
        padded = np.pad(own, 2)
        ring = np.argwhere(_dilate(padded, 2) & ~_dilate(padded, 1))
        places = self._step * (ring - 2) + [side.start for side in self.box]
        is_below, is_beyond = places < 0, places >= self._labels.shape
        beyond = 0.5 * np.abs(is_below.sum(axis=0) - is_beyond.sum(axis=0)).sum()
        rows, columns = places[~(is_below | is_beyond).any(axis=1)].T
        if inside is not None:
            is_inside = inside[rows, columns]
            beyond += len(rows) - is_inside.sum()
            rows, columns = rows[is_inside], columns[is_inside]
        if not len(rows):
            return 0.0
        distances = np.linalg.norm(rgb[rows, columns] - pen, axis=1)
        similar = distances < SIMILARITY * np.percentile(distances, 95)
        return float((similar.sum() + beyond) / len(ring))

    @property
    def _step(self) -> int:
        """The blurred edge of a stroke takes about so many pixels."""
        return 1 if max(self._labels.shape) < SMALL_SIDE else 2


def select_patches(strength: Pixels, threshold: float, inside: Mask | None) -> Iterator[Selection]:
    """Propose selections: all patches, those clear of edges and frames, the main one and others.

    Args:
        strength: ``(H, W)`` of ink in 0…1.
        threshold: ink is stronger.
        inside: ``(H, W)``, the paper; by default, all.
    """
    patches = _Patches(strength, threshold, inside)
    if not patches.count:
        return
    everything = patches.drop_specks(np.arange(patches.count))
    clear = patches.drop_specks(np.flatnonzero(~(patches.on_edge | patches.is_frame)))
    proposed = set()
    for group in (clear, everything):
        if not len(group):
            continue
        main = group[patches.weights[group].argmax()]
        for chosen in (group, patches.find_near(main, group), np.array([main])):
            if tuple(chosen) not in proposed:
                proposed.add(tuple(chosen))
                yield patches.select(chosen, group)


def _dilate(mask: Mask, reach: int) -> Mask:
    # Much faster than a binary dilation.
    return scipy.ndimage.maximum_filter(mask.view(np.uint8), 2 * reach + 1).view(np.bool_)


class _Patches:
    """The patches of a mask, strongest first, without the weakest ones."""

    def __init__(self, strength: Pixels, threshold: float, inside: Mask | None) -> None:
        mask = strength > threshold
        labels, count = scipy.ndimage.label(mask, structure=np.ones((3, 3)))
        weights = np.bincount(labels[mask], strength[mask], minlength=count + 1)
        self._labels, self._label_count = labels, count
        self._total = float(strength.sum())
        kept = np.flatnonzero(weights > 0.1 * MIN_INK_SHARE * weights.max())
        boxes = scipy.ndimage.find_objects(labels)
        self._ids = kept
        self.count = len(kept)
        self.weights = weights[kept]
        self._slices = [boxes[index - 1] for index in kept]
        # Top, bottom, left and right.
        self.boxes: Boxes = np.array(
            [(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in self._slices]
        ).reshape(-1, 4)
        self.on_edge = self._find_on_edge(inside)
        self.is_frame = np.array([self._is_frame(index) for index in range(self.count)], np.bool_)

    def drop_specks(self, group: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        if not len(group):
            return group
        weights = self.weights[group]
        return group[weights > MIN_INK_SHARE * weights.max()]

    def find_near(self, main: int, group: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        top, bottom, left, right = self.boxes[main]
        others = self.boxes[group]
        gaps = np.stack(
            [top - others[:, 1], others[:, 0] - bottom, left - others[:, 3], others[:, 2] - right]
        ).max(axis=0)
        is_near = gaps <= MAX_GAP * max(bottom - top, right - left)
        return group[is_near & (self.weights[group] >= MIN_NEAR_INK * self.weights[main])]

    def select(self, chosen: npt.NDArray[np.intp], group: npt.NDArray[np.intp]) -> Selection:
        boxes = self.boxes[chosen]
        (top, _, left, _), (_, bottom, _, right) = boxes.min(axis=0), boxes.max(axis=0)
        box = (slice(max(0, top - 2), bottom + 2), slice(max(0, left - 2), right + 2))
        is_chosen = np.zeros(self._label_count + 1, np.bool_)
        is_chosen[self._ids[chosen]] = True
        is_other = ~is_chosen[self._ids]
        penalty = EDGE_PENALTY * (self.on_edge[chosen].any() and not self.on_edge.all())
        penalty += FRAME_PENALTY * self.is_frame[chosen].any()
        heights = self.boxes[:, 1] - self.boxes[:, 0]
        left_out = group[is_other[group]]
        if len(left_out):
            penalty += LEFT_OUT_PENALTY * min(1, heights[left_out].max() / heights[chosen].max())
        frames = self.weights[self.is_frame & is_other].sum()
        share = self.weights[chosen].sum() / (self._total - frames)
        is_whole = not len(left_out)
        return Selection(box, float(share), float(penalty), is_whole, self._labels, is_chosen)

    def _find_on_edge(self, inside: Mask | None) -> Mask:
        if inside is None:
            height, width = self._labels.shape
            return (self.boxes[:, [0, 2]] == 0).any(axis=1) | (
                self.boxes[:, [1, 3]] == (height, width)
            ).any(axis=1)
        rim = inside & ~scipy.ndimage.binary_erosion(inside)
        touching = np.bincount(self._labels[rim], minlength=self._label_count + 1) > 0
        return touching[self._ids]

    def _is_frame(self, index: int) -> bool:
        """Whether a patch is visible along the sides of its box and has something inside."""
        top, bottom, left, right = self.boxes[index]
        height, width = bottom - top, right - left
        sides = np.array(self._labels.shape)
        patch = self._labels[self._slices[index]] == self._ids[index]
        if _is_card(patch, sides):
            return True
        if (np.array([height, width]) < MIN_FRAME_SIDE * sides).any():
            return False
        depth = max(1, round(FRAME_DEPTH * min(height, width)))
        covers = [
            patch[:depth].any(axis=0).mean(),
            patch[-depth:].any(axis=0).mean(),
            patch[:, :depth].any(axis=1).mean(),
            patch[:, -depth:].any(axis=1).mean(),
        ]
        if sorted(covers)[1] < MIN_FRAME_COVER:
            return False
        inner = self._labels[self._slices[index]][depth:-depth, depth:-depth]
        return bool(inner.size and (inner != self._ids[index]).any())


def _is_card(patch: Mask, sides: npt.NDArray[np.intp]) -> bool:
    """Whether a patch is a sheet with something on it, which is not ink of its kind."""
    if (patch.shape < MIN_CARD_SIDE * sides).any() or patch.mean() < MIN_CARD_COVER:
        return False
    step = max(1, max(patch.shape) // CARD_SIDE)
    small = np.pad(patch[::step, ::step], 1)
    filled = scipy.ndimage.binary_fill_holes(small)
    return bool((filled & ~small).any()) and compare_with_quadrilateral(filled) >= MIN_OVERLAP
