"""Glyphs: digits as control points, in several handwriting styles, and drawings made from them.

Every drawing varies at random. The styles include those that MNIST lacks or hardly contains:
slashed and dotted zeros, ones with a flag or a foot, crossed sevens, fours like an L, fives with a
separate top stroke, open sixes and nines. This module does not know about frames or models.
"""

import numpy as np

from core.digits.strokes import Stroke

# The control points x, y of each stroke, in a box 60 wide and 100 high, y downwards.
Glyph = list[list[tuple[float, float]]]

# By digit and by style.
# fmt: off
GLYPHS: dict[int, dict[str, Glyph]] = {
    0: {
        "plain": [
            [(32, 0), (10, 14), (0, 50), (10, 88), (32, 100), (52, 84), (60, 48), (50, 12),
             (30, 0)],
        ],
        "slashed": [
            [(32, 0), (10, 14), (0, 50), (10, 88), (32, 100), (52, 84), (60, 48), (50, 12),
             (30, 0)],
            [(58, 4), (4, 97)],
        ],
        "slashed beyond its edge": [
            [(32, 8), (12, 20), (4, 52), (12, 84), (32, 92), (50, 80), (56, 48), (48, 18), (30, 8)],
            [(70, -6), (-10, 108)],
        ],
        "small with a long slash": [
            [(32, 26), (16, 36), (12, 54), (22, 72), (40, 70), (48, 52), (42, 34), (30, 26)],
            [(76, 4), (-16, 96)],
        ],
        "dotted": [
            [(32, 0), (10, 14), (0, 50), (10, 88), (32, 100), (52, 84), (60, 48), (50, 12),
             (30, 0)],
            [(29, 47), (32, 52)],
        ],
        "open": [
            [(24, 4), (8, 20), (0, 54), (12, 90), (34, 100), (54, 82), (60, 44), (52, 10), (36, 0)],
        ],
        "open at the top": [
            [(10, 6), (0, 40), (6, 84), (32, 100), (58, 82), (62, 40), (44, 8), (26, 10)],
        ],
    },
    1: {
        "plain": [[(30, 0), (29, 50), (28, 100)]],
        "flagged": [[(8, 28), (20, 17), (32, 0)], [(32, 0), (32, 50), (32, 100)]],
        "footed": [
            [(10, 26), (22, 15), (32, 0)], [(32, 0), (32, 50), (32, 100)], [(8, 100), (56, 100)],
        ],
        "long flagged": [[(0, 48), (18, 24), (36, 0)], [(36, 0), (36, 50), (36, 100)]],
        "wide flagged": [[(-14, 62), (20, 32), (52, 0)], [(52, 0), (44, 50), (36, 100)]],
        "like a roof": [[(-8, 84), (18, 44), (46, 0)], [(46, 0), (48, 50), (50, 100)]],
        "curved flag": [[(4, 22), (12, 8), (38, 4)], [(38, 4), (36, 50), (34, 100)]],
        "flag in one stroke": [[(4, 34), (20, 18), (34, 0), (33, 26), (32, 100)]],
        "curved top": [[(8, 22), (18, 8), (32, 2), (38, 12), (37, 50), (34, 100)]],
        "hooked": [[(12, 12), (26, 10), (38, 0), (38, 24), (36, 60), (33, 100)]],
        "footed without a flag": [[(30, 0), (30, 50), (30, 100)], [(8, 100), (54, 100)]],
    },
    2: {
        "plain": [
            [(4, 24), (12, 6), (32, 0), (52, 10), (54, 32), (38, 60), (18, 82), (2, 99)],
            [(2, 99), (30, 98), (60, 98)],
        ],
        "looped": [
            [(4, 24), (14, 5), (36, 0), (54, 16), (48, 44), (26, 76), (8, 94), (4, 84), (16, 78),
             (34, 92), (60, 98)],
        ],
        "angular": [[(4, 6), (30, 2), (56, 4)], [(56, 4), (28, 54), (2, 98)], [(2, 98), (60, 98)]],
        "with a short foot": [
            [(12, 20), (26, 2), (42, 16), (34, 50), (10, 92), (30, 98), (58, 94)],
        ],
    },
    3: {
        "plain": [
            [(6, 12), (26, 0), (50, 8), (52, 30), (38, 44), (22, 47)],
            [(22, 47), (44, 50), (58, 68), (48, 92), (24, 100), (2, 88)],
        ],
        "flat": [
            [(4, 2), (30, 1), (56, 2)], [(56, 2), (42, 22), (26, 40)],
            [(26, 40), (50, 48), (58, 70), (46, 94), (22, 100), (2, 88)],
        ],
    },
    4: {
        "open": [
            [(14, 2), (8, 34), (4, 60)], [(4, 60), (32, 59), (60, 57)],
            [(46, 8), (44, 54), (42, 100)],
        ],
        "closed": [
            [(44, 0), (24, 32), (2, 66)], [(2, 66), (30, 66), (60, 66)],
            [(44, 0), (44, 50), (44, 100)],
        ],
        "like an L": [
            [(10, 0), (6, 26), (2, 52), (28, 54), (60, 53)], [(36, 30), (35, 64), (34, 100)],
        ],
        "like an L crossed low": [
            [(22, 0), (10, 40), (4, 72), (30, 73), (66, 70)], [(38, 52), (35, 76), (33, 100)],
        ],
        "without a cross": [[(30, 0), (14, 28), (2, 50), (30, 50), (48, 50), (44, 76), (38, 100)]],
        "like lightning": [[(30, 0), (16, 26), (0, 54), (30, 55), (60, 54)], [(44, 34), (40, 100)]],
        "in one stroke": [
            [(8, 2), (6, 30), (4, 52), (30, 52), (56, 40), (54, 6), (52, 40), (48, 100)],
        ],
        "narrow": [
            [(36, 0), (24, 26), (18, 48), (28, 56), (46, 46)], [(50, 20), (44, 60), (38, 100)],
        ],
        "narrow in one stroke": [
            [(34, 0), (22, 28), (18, 50), (32, 54), (48, 34), (50, 16), (44, 56), (36, 100)],
        ],
    },
    5: {
        "plain": [
            [(54, 2), (32, 2), (12, 4)],
            [(12, 4), (10, 22), (8, 44)],
            [(8, 44), (30, 38), (52, 48), (58, 70), (46, 94), (22, 100), (2, 90)],
        ],
        "in one stroke": [
            [(56, 2), (32, 2), (14, 6), (10, 26), (10, 44), (32, 40), (52, 50), (58, 70), (46, 94),
             (22, 100), (2, 92)],
        ],
        "like an S": [
            [(56, 8), (34, 0), (14, 8), (12, 30), (30, 44), (52, 58), (54, 84), (30, 100), (2, 92)],
        ],
        "separate top stroke": [
            [(14, 6), (10, 26), (8, 44)],
            [(8, 44), (30, 38), (52, 48), (58, 70), (46, 94), (22, 100), (2, 90)],
            [(20, 2), (40, 0), (60, 0)],
        ],
        "with a wide top": [
            [(62, 0), (34, 4), (10, 8), (6, 40), (32, 38), (52, 54), (44, 90), (20, 100), (0, 92)],
        ],
    },
    6: {
        "plain": [
            [(46, 0), (22, 22), (6, 54), (4, 80), (20, 99), (44, 96), (56, 78), (46, 58), (24, 56),
             (6, 72)],
        ],
        "open": [
            [(44, 0), (20, 22), (4, 56), (6, 84), (26, 100), (48, 92), (54, 72), (40, 60),
             (24, 64)],
        ],
        "with a small loop": [
            [(44, 0), (24, 30), (12, 70), (16, 94), (30, 98), (34, 84), (24, 76), (12, 84)],
        ],
        "straight": [
            [(40, 0), (20, 32), (4, 66), (10, 92), (32, 100), (54, 86), (52, 66), (32, 58),
             (10, 70)],
        ],
    },
    7: {
        "plain": [[(2, 4), (30, 2), (58, 2)], [(58, 2), (40, 46), (24, 100)]],
        "crossed": [
            [(2, 4), (30, 2), (58, 2)], [(58, 2), (40, 46), (24, 100)], [(16, 52), (54, 48)],
        ],
        "hooked": [[(2, 18), (3, 4)], [(3, 4), (30, 2), (58, 2)], [(58, 2), (36, 46), (26, 100)]],
        "in one stroke": [[(2, 8), (26, 4), (52, 2), (58, 8), (42, 48), (28, 100)]],
        "with a curled top": [
            [(2, 20), (8, 6), (24, 10), (42, 6), (58, 0), (48, 30), (36, 62), (26, 100)],
        ],
        "curled and crossed": [
            [(2, 18), (10, 4), (28, 8), (56, 2), (44, 40), (26, 100)], [(14, 54), (56, 48)],
        ],
    },
    8: {
        "plain": [
            [(50, 14), (30, 0), (8, 12), (12, 36), (32, 48), (54, 66), (52, 90), (30, 100), (6, 90),
             (6, 68), (26, 50), (48, 34), (52, 14)],
        ],
        "two rings": [
            [(30, 0), (10, 12), (10, 34), (30, 46), (50, 34), (50, 12), (30, 0)],
            [(30, 46), (6, 62), (6, 88), (30, 100), (54, 88), (54, 62), (30, 46)],
        ],
        "open": [
            [(54, 8), (32, 2), (10, 12), (14, 34), (34, 50), (52, 70), (46, 94), (24, 100), (6, 86),
             (14, 64), (34, 46), (48, 28), (50, 18)],
        ],
    },
    9: {
        "plain": [
            [(54, 18), (36, 0), (12, 8), (4, 30), (16, 48), (38, 46), (54, 18)],
            [(54, 18), (52, 56), (46, 100)],
        ],
        "curled": [
            [(54, 18), (36, 0), (12, 8), (4, 30), (16, 48), (38, 46), (54, 18)],
            [(54, 18), (56, 60), (46, 92), (26, 100), (8, 92)],
        ],
        "open": [
            [(50, 10), (28, 0), (8, 14), (8, 36), (26, 46), (46, 36), (54, 20), (53, 56),
             (48, 100)],
        ],
        "with a small head": [
            [(46, 6), (28, 0), (18, 12), (26, 28), (44, 22), (46, 6)],
            [(46, 6), (48, 60), (38, 96), (18, 100), (8, 88)],
        ],
        "hooked": [
            [(52, 14), (34, 0), (12, 12), (10, 36), (28, 44), (50, 24), (52, 60), (44, 94),
             (24, 96), (12, 80)],
        ],
        "narrow": [[(40, 10), (24, 0), (12, 14), (20, 32), (40, 26), (42, 60), (34, 100)]],
        "slanted": [
            [(56, 8), (32, 0), (10, 16), (10, 38), (30, 46), (52, 30), (56, 8), (42, 52),
             (20, 100)],
        ],
    },
}
# fmt: on
GLYPH_SIZE = np.array([60.0, 100.0])


def list_styles(digit: int) -> list[str]:
    """List the styles of a digit by name; raises ValueError for anything but 0…9."""
    if digit not in GLYPHS:
        raise ValueError(f"expected a digit from 0 to 9, got {digit!r}")
    return list(GLYPHS[digit])


def draw_sample(
    digit: int,
    *,
    style: str | None = None,
    canvas_size: int,
    random: np.random.Generator,
    jitter: float = 1.2,
) -> list[Stroke]:
    """Draw a digit on a square canvas, with random variations.

    Args:
        digit: 0…9.
        style: one of ``list_styles(digit)``, or None for a random one.
        canvas_size: side of the canvas in pixels. The digit is 45 to 80% as high.
        random: generator of style, rotation, slant, size, position and jitter.
        jitter: as for ``draw_glyph``.

    Returns:
        The strokes, ``(n, 2)`` each, in canvas pixels.

    Raises:
        ValueError: there is no such digit or style.
    """
    styles = list_styles(digit)
    if style is not None and style not in styles:
        raise ValueError(f"expected a style among {', '.join(styles)}, got {style!r}")
    glyph = GLYPHS[digit][style or str(random.choice(styles))]
    return draw_glyph(glyph, canvas_size=canvas_size, random=random, jitter=jitter)


def draw_glyph(
    glyph: Glyph, *, canvas_size: int, random: np.random.Generator, jitter: float = 1.2
) -> list[Stroke]:
    """Draw a glyph on a square canvas, with random variations.

    Args:
        glyph: the control points of each stroke, in a box 60 wide and 100 high.
        canvas_size: side of the canvas in pixels. The glyph's box is 45 to 80% as high.
        random: generator of rotation, slant, size, position and jitter.
        jitter: standard deviation of each control point, in the units of the glyph.

    Returns:
        The strokes, ``(n, 2)`` each, in canvas pixels.
    """
    angle = np.radians(random.uniform(-7, 7))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[random.uniform(0.8, 1.15), random.uniform(-0.25, 0.05)], [0, 1]])
    size = canvas_size * random.uniform(0.45, 0.8)
    matrix = rotation @ slant * size / GLYPH_SIZE[1]
    # Equal points get equal jitter, so that strokes that share a point stay connected.
    moves = {point: random.normal(0, jitter, 2) for stroke in glyph for point in stroke}
    strokes = [
        _interpolate(np.array([np.array(point) + moves[point] for point in stroke])) @ matrix.T
        for stroke in glyph
    ]
    return _place(strokes, canvas_size, random)


def _place(strokes: list[Stroke], canvas_size: int, random: np.random.Generator) -> list[Stroke]:
    """Move strokes to a random position inside the canvas, with a margin of 6%."""
    points = np.concatenate(strokes)
    margin = 0.06 * canvas_size
    free_space = np.maximum(canvas_size - 2 * margin - np.ptp(points, axis=0), 0)
    offset = margin + random.uniform(0, 1, 2) * free_space - points.min(axis=0)
    return [stroke + offset for stroke in strokes]


def _interpolate(points: Stroke, steps: int = 8) -> Stroke:
    """Sample a Catmull-Rom spline through the points, ``steps`` points for each span.

    E. Catmull, R. Rom, "A class of local interpolating splines", Computer Aided Geometric Design
    (1974), doi:10.1016/B978-0-12-079050-0.50020-5.
    """
    if len(points) == 2:
        return np.linspace(points[0], points[1], steps + 1)
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    spans = [
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate([*spans, points[-1:]])
