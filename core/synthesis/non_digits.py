"""Non-digits as strokes: letters, signs and scribbles, which models should not be sure of.

Shapes that could be taken for a digit, such as O, I, S, Z or b, are left out. ``IN_TRAINING`` is
for training. ``HELD_OUT`` is never used in training: it measures how models respond to shapes that
they have not seen.
"""

from collections.abc import Callable

import numpy as np

from core.digits.strokes import Stroke
from core.synthesis.glyphs import Glyph, draw_glyph

# Control points in a box 60 wide and 100 high, as in ``glyphs.GLYPHS``.
# fmt: off
IN_TRAINING: dict[str, tuple[Glyph, ...]] = {
    "A": (
        [[(0, 100), (30, 0)], [(30, 0), (60, 100)], [(12, 62), (48, 62)]],
        [[(0, 100), (14, 40), (30, 0), (46, 40), (60, 100)], [(8, 68), (54, 60)]],
        [[(4, 100), (8, 36), (20, 4), (40, 4), (52, 36), (56, 100)], [(8, 54), (54, 54)]],
        [[(0, 100), (28, 0), (52, 100), (34, 70), (8, 66), (36, 62), (56, 60)]],
    ),
    "E": (
        [[(6, 0), (6, 100)], [(6, 0), (56, 0)], [(6, 48), (46, 48)], [(6, 100), (58, 100)]],
        [[(56, 2), (8, 2)], [(8, 2), (6, 50), (6, 98)], [(6, 98), (58, 96)], [(8, 48), (44, 46)]],
        [[(54, 10), (34, 0), (12, 12), (14, 36), (34, 46), (12, 56), (4, 82), (26, 100), (56, 90)]],
        [[(6, 0), (4, 50), (6, 98), (30, 98), (56, 96)], [(4, 4), (52, 0)], [(6, 50), (44, 48)]],
    ),
    "F": (
        [[(6, 0), (6, 100)], [(6, 0), (58, 0)], [(6, 48), (46, 48)]],
        [[(60, 0), (12, 2)], [(12, 2), (8, 50), (4, 100)], [(10, 46), (50, 44)]],
        [[(0, 8), (30, 2), (62, 4)], [(26, 4), (22, 60), (12, 98), (0, 92)], [(10, 52), (44, 48)]],
    ),
    "H": (
        [[(4, 0), (4, 100)], [(56, 0), (56, 100)], [(4, 50), (56, 50)]],
        [[(8, 0), (4, 100)], [(58, 0), (50, 100)], [(4, 54), (54, 46)]],
        [[(6, 0), (4, 50), (4, 100)], [(4, 56), (26, 46), (54, 48)], [(56, 2), (54, 98)]],
    ),
    "K": (
        [[(6, 0), (6, 100)], [(56, 0), (6, 56)], [(22, 44), (58, 100)]],
        [[(6, 0), (4, 100)], [(54, 4), (30, 34), (8, 52), (30, 66), (58, 98)]],
        [[(10, 0), (6, 100)], [(58, 8), (12, 54)], [(14, 52), (40, 74), (60, 96)]],
    ),
    "M": (
        [[(0, 100), (6, 0)], [(6, 0), (30, 60)], [(30, 60), (54, 0)], [(54, 0), (60, 100)]],
        [[(4, 100), (4, 0)], [(4, 0), (30, 44)], [(30, 44), (56, 0)], [(56, 0), (56, 100)]],
        [[(0, 100), (4, 30), (12, 4), (24, 30), (30, 60), (36, 30), (48, 4), (56, 30), (60, 100)]],
        [[(0, 98), (14, 2), (28, 94), (44, 2), (60, 98)]],
    ),
    "N": (
        [[(4, 100), (4, 0)], [(4, 0), (56, 100)], [(56, 100), (56, 0)]],
        [[(0, 100), (12, 2)], [(12, 2), (44, 98)], [(44, 98), (60, 0)]],
        [[(2, 98), (6, 20), (12, 4), (30, 50), (48, 94), (54, 80), (58, 0)]],
    ),
    "R": (
        [[(6, 0), (6, 100)], [(6, 2), (40, 2), (54, 24), (38, 48), (6, 50)], [(30, 50), (58, 100)]],
        [[(10, 4), (6, 100)], [(0, 16), (26, 0), (52, 10), (48, 38), (12, 52), (36, 68), (60, 98)]],
        [[(8, 100), (10, 50), (10, 4), (40, 2), (52, 22), (36, 44), (10, 48), (34, 70), (56, 98)]],
    ),
    "W": (
        [[(0, 0), (14, 100)], [(14, 100), (30, 34)], [(30, 34), (46, 100)], [(46, 100), (60, 0)]],
        [[(0, 4), (6, 70), (16, 98), (26, 70), (30, 30), (34, 70), (44, 98), (54, 70), (60, 2)]],
        [[(0, 2), (16, 96), (30, 6), (44, 96), (60, 2)]],
    ),
    "X": (
        [[(2, 0), (58, 100)], [(58, 0), (2, 100)]],
        [[(0, 10), (14, 4), (30, 50), (46, 96), (60, 88)], [(56, 2), (30, 50), (4, 98)]],
        [[(6, 4), (54, 96)], [(60, 10), (0, 90)]],
    ),
    "w": ([[(0, 30), (8, 86), (24, 80), (30, 40), (36, 82), (52, 84), (60, 28)]],),
    "m": ([[(0, 90), (4, 36), (16, 30), (22, 88)], [(22, 50), (38, 30), (42, 88)],
           [(42, 50), (56, 30), (62, 88)]],),
    "k": ([[(10, 0), (8, 100)], [(46, 38), (10, 68), (50, 100)]],),
    "plus": ([[(0, 50), (60, 50)], [(30, 20), (30, 80)]],),
    "square": (
        [[(0, 20), (60, 20)], [(60, 20), (60, 80)], [(60, 80), (0, 80)], [(0, 80), (0, 20)]],
        [[(4, 4), (2, 96)], [(2, 96), (58, 98)], [(58, 98), (56, 4)], [(56, 4), (4, 4)]],
    ),
    "triangle": ([[(30, 15), (60, 80)], [(60, 80), (0, 80)], [(0, 80), (30, 15)]],),
    "equals": ([[(0, 35), (60, 35)], [(0, 65), (60, 65)]],),
    "arrow": ([[(0, 50), (60, 50)], [(38, 26), (60, 50), (38, 74)]],),
    "tick": ([[(0, 56), (18, 80)], [(18, 80), (62, 16)]],),
    "at": ([[(44, 66), (20, 66), (18, 36), (40, 32), (44, 66), (58, 54), (52, 16), (16, 8), (0, 46),
             (14, 90), (52, 92)]],),
    "heart": (
        [[(30, 32), (16, 12), (0, 24), (4, 52), (30, 90)],
         [(30, 90), (56, 52), (60, 24), (44, 12), (30, 32)]],
        [[(30, 24), (18, 4), (0, 14), (6, 50), (32, 98), (54, 50), (60, 14), (42, 4), (30, 24)]],
    ),
    "crossed ring": (
        [[(30, 10), (4, 30), (4, 70), (30, 90), (56, 70), (56, 30), (30, 10)], [(12, 26), (48, 74)],
         [(48, 26), (12, 74)]],
        [[(30, 10), (4, 30), (4, 70), (30, 90), (56, 70), (56, 30), (30, 10)], [(30, 12), (30, 88)],
         [(2, 50), (58, 50)]],
    ),
    "rings": ([[(30, 10), (4, 30), (4, 70), (30, 90), (56, 70), (56, 30), (30, 10)],
               [(30, 36), (18, 50), (30, 64), (42, 50), (30, 36)]],),
    "per cent": ([[(14, 4), (0, 18), (12, 32), (24, 18), (14, 4)], [(58, 0), (2, 100)],
                  [(48, 66), (34, 82), (46, 98), (60, 82), (48, 66)]],),
    "ampersand": ([[(60, 98), (14, 28), (22, 2), (38, 16), (4, 66), (14, 98), (40, 88),
                    (58, 56)]],),
}
HELD_OUT: dict[str, Glyph] = {
    "star": [[(30, 0), (48, 95)], [(48, 95), (0, 36)], [(0, 36), (60, 36)], [(60, 36), (12, 95)],
             [(12, 95), (30, 0)]],
    "hash": [[(20, 10), (12, 90)], [(46, 10), (38, 90)], [(0, 36), (60, 36)], [(0, 64), (60, 64)]],
    "house": [[(0, 44), (30, 10)], [(30, 10), (60, 44)], [(4, 44), (4, 96)], [(4, 96), (56, 96)],
              [(56, 96), (56, 44)], [(22, 96), (22, 66)], [(22, 66), (38, 66)], [(38, 66),
                                                                                 (38, 96)]],
    "fish": [[(0, 50), (20, 24), (44, 50), (20, 76), (0, 50)],
             [(44, 50), (62, 26), (62, 74), (44, 50)]],
    "umbrella": [[(0, 40), (14, 12), (30, 4), (46, 12), (60, 40)], [(0, 40), (60, 40)],
                 [(30, 40), (30, 90), (20, 98), (10, 88)]],
    "stick figure": [[(30, 0), (20, 12), (30, 24), (40, 12), (30, 0)], [(30, 24), (30, 66)],
                     [(8, 44), (54, 40)], [(30, 66), (12, 100)], [(30, 66), (50, 100)]],
}
# fmt: on
# The share of drawings that are scribbles, in training, or lines, among those held out.
SCRIBBLE_SHARE = 0.5
# Smallest and largest standard deviation of the control points, in the units of the box.
JITTERS = (1.0, 4.5)


def draw_non_digit(
    *, held_out: bool = False, canvas_size: int, random: np.random.Generator
) -> list[Stroke]:
    """Draw a random non-digit on a square canvas.

    Args:
        held_out: draw one of ``HELD_OUT``, parallel lines or a zigzag; else one of ``IN_TRAINING``
            or a scribble.
        canvas_size: side of the canvas in pixels.
        random: generator of the kind and of all variations.

    Returns:
        The strokes, ``(n, 2)`` each, in canvas pixels.
    """
    if random.random() < SCRIBBLE_SHARE:
        makers = HELD_OUT_SCRIBBLES if held_out else SCRIBBLES
        glyph = makers[int(random.integers(len(makers)))](random)
    elif held_out:
        glyph = HELD_OUT[str(random.choice(list(HELD_OUT)))]
    else:
        variants = IN_TRAINING[str(random.choice(list(IN_TRAINING)))]
        glyph = variants[int(random.integers(len(variants)))]
    # Letters differ more between writers than the few variants here.
    jitter = random.uniform(*JITTERS)
    return draw_glyph(glyph, canvas_size=canvas_size, random=random, jitter=jitter)


def _make_tangle(random: np.random.Generator) -> Glyph:
    """One line that changes direction too often to be a digit."""
    return [_to_points(random.uniform((0, 0), (60, 100), (int(random.integers(8, 30)), 2)))]


def _make_walk(random: np.random.Generator) -> Glyph:
    """One long line of small random turns."""
    count = int(random.integers(25, 60))
    heading = np.cumsum(random.normal(0, random.uniform(0.5, 1.4), count))
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1).cumsum(axis=0)
    extent = np.maximum(np.ptp(steps, axis=0), 1e-6)
    return [_to_points((steps - steps.min(axis=0)) / extent.max() * 80)]


def _make_lines(random: np.random.Generator) -> Glyph:
    """Several straight or bent lines in random directions, as if nothing was meant."""
    ends = random.uniform((0, 0), (60, 100), (int(random.integers(4, 9)), 3, 2))
    return [_to_points(points[: int(random.integers(2, 4))]) for points in ends]


def _make_dots(random: np.random.Generator) -> Glyph:
    """Short marks, all over the place."""
    centres = random.uniform((0, 0), (60, 100), (int(random.integers(4, 14)), 1, 2))
    return [_to_points(c + random.normal(0, 4, (2, 2))) for c in centres]


def _make_spiral(random: np.random.Generator) -> Glyph:
    """Two to four turns about a point."""
    turns, start = random.uniform(1.9, 4), random.uniform(0, 2 * np.pi)
    angle = start + random.choice([-1, 1]) * np.linspace(0, 2 * np.pi * turns, int(9 * turns))
    radius = np.linspace(random.uniform(0, 0.2), 1, len(angle))
    return [_to_points(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None] * 45)]


def _make_face(random: np.random.Generator) -> Glyph:
    """A ring with two to four marks inside."""
    ring = _make_ring(random, bumps=0)
    marks = random.uniform(-16, 16, (int(random.integers(2, 5)), 1, 2))
    return [ring, *(_to_points(mark + random.normal(0, 7, (2, 2))) for mark in marks)]


def _make_cloud(random: np.random.Generator) -> Glyph:
    """A ring with bumps, like a cloud or a flower."""
    return [_make_ring(random, bumps=int(random.integers(4, 10)))]


def _make_ring(random: np.random.Generator, *, bumps: int) -> list[tuple[float, float]]:
    angle = np.linspace(0, 2 * np.pi, max(10, 4 * bumps) + 1) + random.uniform(0, 2 * np.pi)
    radius = 40 * (1 + 0.25 * np.sin(bumps * angle))[:, None]
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _to_points(circle * radius * random.uniform(0.75, 1.25, 2))


def _make_loops(random: np.random.Generator) -> Glyph:
    """A row of loops or waves."""
    count = int(random.integers(3, 7))
    angle = np.linspace(0, 2 * np.pi * count, 9 * count)
    across = angle * random.uniform(2, 6) + random.choice([0, 1]) * 12 * np.cos(angle)
    return [_to_points(np.stack([across, random.uniform(8, 30) * np.sin(angle)], axis=1))]


def _make_asterisk(random: np.random.Generator) -> Glyph:
    """Three to five lines that cross in the middle."""
    count = int(random.integers(3, 6))
    angles = np.linspace(0, np.pi, count, endpoint=False) + random.uniform(0, np.pi)
    ends = np.stack([np.cos(angles), np.sin(angles)], axis=1) * random.uniform(25, 50, (count, 1))
    return [_to_points(np.stack([-end, end])) for end in ends]


def _make_filling(random: np.random.Generator) -> Glyph:
    """Something inked all over, by a line to and fro that is bent at random."""
    count = int(random.integers(14, 30))
    width = 15 + 15 * np.sin(np.linspace(0.2, np.pi - 0.2, count) + random.normal(0, 0.2, count))
    sides = np.where(np.arange(count) % 2, width, -width)
    line = np.stack([sides, np.linspace(-40, 40, count)], axis=1)
    angle = random.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return [_to_points(line @ turn.T + random.normal(0, 3, line.shape))]


def _make_parallel_lines(random: np.random.Generator) -> Glyph:
    """Parallel lines close together, as in hatching."""
    count = int(random.integers(4, 9))
    tilt = float(random.uniform(-20, 20))
    heights = np.linspace(5, 95, count)
    return [[(0.0, float(y) + tilt), (60.0, float(y) - tilt)] for y in heights]


def _make_zigzag(random: np.random.Generator) -> Glyph:
    """One line to and fro, as when something is crossed out."""
    count = int(random.integers(7, 14))
    sides = np.where(np.arange(count) % 2, 60, 0) + random.normal(0, 3, count)
    return [_to_points(np.stack([sides, np.linspace(0, 100, count)], axis=1))]


def _to_points(points: np.ndarray) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


SCRIBBLES: tuple[Callable[[np.random.Generator], Glyph], ...] = (
    _make_tangle,
    _make_walk,
    _make_lines,
    _make_dots,
    _make_spiral,
    _make_face,
    _make_cloud,
    _make_loops,
    _make_asterisk,
    _make_filling,
)
HELD_OUT_SCRIBBLES: tuple[Callable[[np.random.Generator], Glyph], ...] = (
    _make_parallel_lines,
    _make_zigzag,
)
