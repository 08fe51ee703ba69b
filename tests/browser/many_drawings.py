"""A thousand drawings: digits and numbers by our pen, and outlines of handwritten digits."""

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from core.digits.datasets import load_bundled_digits
from core.digits.strokes import Stroke
from core.synthesis.glyphs import draw_sample
from tests.numbers import write_number

DIGITS, OUTLINES = 400, 300
SIDE = 320
PIXEL = 10.0  # of a handwritten digit, in pixels of the pad

Drawing = list[Stroke]


def draw_many() -> list[Drawing]:
    """The drawings, the same ones every time."""
    random = np.random.default_rng(5)
    return [*draw_digits(random), *draw_outlines(random), *draw_numbers(random)]


def draw_digits(random: np.random.Generator) -> list[Drawing]:
    """Digits in any style, every second one in whole pixels."""
    drawings = [draw_sample(i % 10, canvas_size=SIDE, random=random) for i in range(DIGITS)]
    return [
        [stroke.round() for stroke in one] if index % 2 else one
        for index, one in enumerate(drawings)
    ]


def draw_outlines(random: np.random.Generator) -> list[Drawing]:
    """The outlines of bundled digits."""
    frames = load_bundled_digits().frames
    chosen = random.choice(len(frames), OUTLINES, replace=False)
    return [[PIXEL * line for line in trace_outlines(frame > 0.5)] for frame in frames[chosen]]


def draw_numbers(random: np.random.Generator) -> list[Drawing]:
    """Numbers of two to four digits, close together or not, level or slanting."""
    numbers = [str(random.integers(10**count)).zfill(count) for count in (2, 3, 4) * 100]
    return [
        write_number(text, random, gap=random.uniform(-0.05, 0.4), slope=random.uniform(-0.2, 0.2))
        for text in numbers
    ]


def trace_outlines(ink: npt.NDArray[np.bool_]) -> Drawing:
    """The closed lines between ink and paper, along the edges of pixels."""
    inside = np.pad(ink, 1)
    ends = defaultdict(list)  # of the edges that begin at a corner, with the ink on their right
    for y, x in np.argwhere(ink).tolist():
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        beyond = [inside[y, x + 1], inside[y + 1, x + 2], inside[y + 2, x + 1], inside[y + 1, x]]
        for edge in range(4):
            if not beyond[edge]:
                ends[corners[edge]].append(corners[(edge + 1) % 4])
    lines = []
    while ends:
        line = [next(iter(ends))]
        while line[-1] in ends:
            corner = line[-1]
            line.append(ends[corner].pop())
            if not ends[corner]:
                del ends[corner]
        lines.append(np.array(line, float))
    return lines
