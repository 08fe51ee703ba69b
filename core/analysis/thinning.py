"""Thinning: strokes reduced to skeletons that are one pixel wide.

The algorithm is A1 of Z. Guo, R. W. Hall, "Parallel thinning with two-subiteration algorithms",
Communications of the ACM 32 (1989), doi:10.1145/62065.62074. It keeps parts, holes and the ends of
strokes. Each bit of a byte is a pixel of another image, so that eight images are thinned at once.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Masks = npt.NDArray[np.bool_]
# Bits or truth values: the formulas below hold for both.
Bits = npt.NDArray[Any]
# Rows and columns from a pixel to its neighbours, clockwise from the one above: p2 … p9 of the
# paper.
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def thin(masks: Masks) -> Masks:
    """Reduce the strokes of ``(N, height, width)`` masks to their skeletons, of the same shape."""
    bits = np.packbits(masks, axis=0)
    before = np.zeros_like(bits)
    while not np.array_equal(bits, before):
        before = bits.copy()
        for from_left in (True, False):
            bits &= ~_find_removable(bits, from_left=from_left)
    return np.unpackbits(bits, axis=0, count=len(masks)).astype(bool)


def find_ends(skeletons: Masks) -> Masks:
    """Find the ends of the lines of ``(N, height, width)`` skeletons. A single pixel has none."""
    around = _shift_around(skeletons)
    return skeletons & np.logical_or.reduce(around) & ~_has_two_sides(around)


def _find_removable(bits: Bits, *, from_left: bool) -> Bits:
    """The pixels that one half of a step removes if they are ink."""
    p2, p3, p4, p5, p6, p7, p8, p9 = around = _shift_around(bits)
    is_simple = _is_one(
        ~p2 & (p3 | p4),
        ~p4 & (p5 | p6),
        ~p6 & (p7 | p8),
        ~p8 & (p9 | p2),
    )
    is_surrounded = (p9 | p2) & (p3 | p4) & (p5 | p6) & (p7 | p8)
    is_surrounded &= (p2 | p3) & (p4 | p5) & (p6 | p7) & (p8 | p9)
    is_kept = (p2 | p3 | ~p5) & p4 if from_left else (p6 | p7 | ~p9) & p8
    return is_simple & _has_two_sides(around) & ~is_surrounded & ~is_kept


def _has_two_sides(around: list[Bits]) -> Bits:
    """Whether ink is in two of the four pairs of neighbours, for both ways of pairing them."""
    p2, p3, p4, p5, p6, p7, p8, p9 = around
    return _are_two(p9 | p2, p3 | p4, p5 | p6, p7 | p8) & _are_two(
        p2 | p3, p4 | p5, p6 | p7, p8 | p9
    )


def _are_two(a: Bits, b: Bits, c: Bits, d: Bits) -> Bits:
    """Whether at least two of four are true."""
    return (a & b) | (c & d) | ((a | b) & (c | d))


def _is_one(a: Bits, b: Bits, c: Bits, d: Bits) -> Bits:
    """Whether exactly one of four is true."""
    return (a ^ b ^ c ^ d) & ~_are_two(a, b, c, d)


def _shift_around(masks: Bits) -> list[Bits]:
    """The eight neighbours of every pixel of ``(N, height, width)`` masks; paper is around them."""
    height, width = masks.shape[1:]
    padded = np.pad(masks, ((0, 0), (1, 1), (1, 1)))
    return [
        padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]
        for down, right in AROUND
    ]
