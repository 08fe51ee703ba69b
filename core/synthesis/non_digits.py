"""Non-digits: letters, signs and scribbles, as strokes, which models should not be sure of.

Shapes that could be taken for a digit, such as O, I, S, Z or b, are left out. ``IN_TRAINING`` is
for training. ``HELD_OUT`` is never used in training: it measures how models respond to shapes that
they have not seen.
"""

import numpy as np

from core.digits.strokes import Stroke
from core.synthesis.glyphs import Glyph, draw_glyph

# Control points in a box 60 wide and 100 high, as in ``glyphs.GLYPHS``.
# fmt: off
IN_TRAINING: dict[str, Glyph] = {
    "A": [[(0, 100), (30, 0)], [(30, 0), (60, 100)], [(12, 62), (48, 62)]],
    "E": [[(6, 0), (6, 100)], [(6, 0), (56, 0)], [(6, 48), (46, 48)], [(6, 100), (58, 100)]],
    "H": [[(4, 0), (4, 100)], [(56, 0), (56, 100)], [(4, 50), (56, 50)]],
    "K": [[(6, 0), (6, 100)], [(56, 0), (6, 56)], [(22, 44), (58, 100)]],
    "M": [[(0, 100), (6, 0)], [(6, 0), (30, 60)], [(30, 60), (54, 0)], [(54, 0), (60, 100)]],
    "R": [[(6, 0), (6, 100)], [(6, 2), (40, 2), (54, 24), (38, 48), (6, 50)], [(30, 50),
                                                                               (58, 100)]],
    "W": [[(0, 0), (14, 100)], [(14, 100), (30, 34)], [(30, 34), (46, 100)], [(46, 100), (60, 0)]],
    "X": [[(2, 0), (58, 100)], [(58, 0), (2, 100)]],
    "plus": [[(0, 50), (60, 50)], [(30, 20), (30, 80)]],
    "square": [[(0, 20), (60, 20)], [(60, 20), (60, 80)], [(60, 80), (0, 80)], [(0, 80), (0, 20)]],
    "triangle": [[(30, 15), (60, 80)], [(60, 80), (0, 80)], [(0, 80), (30, 15)]],
    "equals": [[(0, 35), (60, 35)], [(0, 65), (60, 65)]],
}
HELD_OUT: dict[str, Glyph] = {
    "F": [[(6, 0), (6, 100)], [(6, 0), (58, 0)], [(6, 48), (46, 48)]],
    "N": [[(4, 100), (4, 0)], [(4, 0), (56, 100)], [(56, 100), (56, 0)]],
    "star": [[(30, 0), (48, 95)], [(48, 95), (0, 36)], [(0, 36), (60, 36)], [(60, 36), (12, 95)],
             [(12, 95), (30, 0)]],
    "heart": [[(30, 32), (16, 12), (0, 24), (4, 52), (30, 90)],
              [(30, 90), (56, 52), (60, 24), (44, 12), (30, 32)]],
    "hash": [[(20, 10), (12, 90)], [(46, 10), (38, 90)], [(0, 36), (60, 36)], [(0, 64), (60, 64)]],
    "spiral": [[(30, 50), (36, 44), (42, 54), (28, 64), (16, 48), (34, 28), (56, 48), (34, 82),
                (2, 56), (20, 14), (56, 14)]],
    "house": [[(0, 44), (30, 10)], [(30, 10), (60, 44)], [(4, 44), (4, 96)], [(4, 96), (56, 96)],
              [(56, 96), (56, 44)], [(22, 96), (22, 66)], [(22, 66), (38, 66)], [(38, 66),
                                                                                 (38, 96)]],
    "face": [[(30, 10), (6, 24), (0, 52), (12, 84), (32, 92), (54, 80), (60, 48), (50, 20),
              (28, 10)],
             [(18, 38), (19, 42)], [(40, 38), (41, 42)], [(16, 64), (30, 74), (44, 64)]],
}
# fmt: on


def draw_non_digit(
    *, held_out: bool = False, canvas_size: int, random: np.random.Generator
) -> list[Stroke]:
    """Draw a random non-digit on a square canvas.

    Args:
        held_out: draw one of ``HELD_OUT`` or parallel lines; else one of ``IN_TRAINING`` or a
            scribble.
        canvas_size: side of the canvas in pixels.
        random: generator of the kind and of all variations.

    Returns:
        The strokes, ``(n, 2)`` each, in canvas pixels.
    """
    if random.random() < 0.4:
        glyph = _make_parallel_lines(random) if held_out else _make_scribble(random)
    else:
        glyphs = HELD_OUT if held_out else IN_TRAINING
        glyph = glyphs[str(random.choice(list(glyphs)))]
    return draw_glyph(glyph, canvas_size=canvas_size, random=random)


def _make_scribble(random: np.random.Generator) -> Glyph:
    """One line that changes direction too often to be a digit."""
    points = random.uniform((0, 0), (60, 100), (int(random.integers(9, 22)), 2))
    return [[(float(x), float(y)) for x, y in points]]


def _make_parallel_lines(random: np.random.Generator) -> Glyph:
    """Parallel lines close together, as in hatching."""
    count = int(random.integers(4, 9))
    tilt = float(random.uniform(-20, 20))
    heights = np.linspace(5, 95, count)
    return [[(0.0, float(y) + tilt), (60.0, float(y) - tilt)] for y in heights]
