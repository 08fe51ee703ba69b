"""Parts of simulated pictures: ink, paper, ruling, light and the noise of a camera.

Pages are ``(H, W, 3)`` float32, 0…255; coverage is ``(H, W)`` float32, 0…1. This module does not
know which scenes they make.
"""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from core.digits.strokes import Stroke

# The size of the pictures in the first bug reports.
WIDTH, HEIGHT = 584, 436
# The longer side of a digit as a fraction of the height of the picture, minimum and maximum.
DIGIT_SHARES = (0.4, 0.85)
# Paper that is left between ink and edge, in pixels: a photograph's ink must be clear of it.
MARGIN = 6.0
# Lines are drawn this many times as large and reduced, which smooths their edges.
OVERSAMPLING = 3

Pixels = npt.NDArray[np.float32]


def draw_ink(
    strokes: Sequence[Stroke],
    random: np.random.Generator,
    *,
    pen: tuple[float, float],
    box: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT),
) -> Pixels:
    """Draw strokes with a round pen; returns the coverage of each pixel, ``(H, W)`` in 0…1.

    Args:
        strokes: ``(n, 2)`` each.
        random: generator of pen width, size and position.
        pen: smallest and largest width of the pen, in pixels.
        box: left, top, right and bottom of the part of the picture that is written on.
    """
    width = random.uniform(*pen)
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0)
    corner, size = np.array(box[:2]), np.subtract(box[2:], box[:2])
    scale = (size.min() * random.uniform(*DIGIT_SHARES) - width) / float(extent.max())
    edge = MARGIN + width / 2
    free_space = size - 2 * edge - extent * scale
    offset = corner + edge + random.uniform(0, 1, 2) * free_space - points.min(axis=0) * scale
    picture = Image.new("L", (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING), 0)
    draw = ImageDraw.Draw(picture)
    radius = width * OVERSAMPLING / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke * scale + offset) * OVERSAMPLING]
        draw.line(line, fill=255, width=round(2 * radius), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.BOX)) / np.float32(255)


def write_with_ballpoint(
    page: Pixels,
    strokes: Sequence[Stroke],
    random: np.random.Generator,
    *,
    box: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT),
) -> Pixels:
    """Write on a part of a page with a blue ballpoint; ``box`` as for ``draw_ink``."""
    ink = draw_ink(strokes, random, pen=(3.5, 8), box=box) * make_grain(random, low=0.75)
    blue = (random.uniform(25, 60), random.uniform(35, 75), random.uniform(140, 185))
    return paint(page, blue, ink)


def print_ruling(
    page: Pixels,
    random: np.random.Generator,
    *,
    tilt: float,
    spacing: tuple[float, float],
    squared: bool = False,
    bend: float = 0.0,
) -> Pixels:
    """Print ruling on a page.

    Args:
        page: ``(H, W, 3)`` 0…255.
        random: chooses colour, spacing, phase, tilt and whether there is a red margin line.
        tilt: maximum tilt to either side, in degrees.
        spacing: minimum and maximum distance between lines, in pixels.
        squared: whether there are lines the other way too; such paper has no margin.
        bend: maximum sagitta of a line, in pixels; a bent page is drawn in perspective too.
    """
    colour = [(205, 220, 242), (170, 195, 232), (160, 178, 210), (205, 208, 212), (180, 182, 186)]
    ink = colour[int(random.integers(len(colour)))]
    along, across = lay_out_page(random, tilt=tilt, bend=bend)
    gap, thickness = random.uniform(*spacing), random.uniform(1, 2.4)
    lines = draw_rows(across, random.uniform(0, gap), gap, thickness)
    if squared:
        lines = np.maximum(lines, draw_rows(along, random.uniform(0, gap), gap, thickness))
    ruled = paint(page, ink, lines)
    if squared or random.uniform() < 0.5:
        return ruled
    margin = np.clip(thickness / 2 + 0.5 - np.abs(along - random.uniform(30, 150)), 0, 1)
    return paint(ruled, (232, 130, 135), margin)


def lay_out_page(random: np.random.Generator, *, tilt: float, bend: float) -> tuple[Pixels, Pixels]:
    """The position of each pixel on the page, along and across the lines, ``(H, W)`` each."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    angle = np.radians(random.uniform(-tilt, tilt))
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    if bend:
        across += random.uniform(-bend, bend) * (1 - (2 * x / WIDTH - 1) ** 2)
        # The far edge of the page is up to 8 % smaller.
        along, across = (
            side * (1 + random.uniform(-0.08, 0.08) * (across / HEIGHT - 0.5))
            for side in (along, across)
        )
    return along, across


def draw_rows(position: Pixels, phase: float, gap: float, thickness: float) -> Pixels:
    """Draw lines at ``phase`` and then every ``gap``; returns the coverage in 0…1."""
    distance = np.abs((position - phase + gap / 2) % gap - gap / 2)
    return np.clip(thickness / 2 + 0.5 - distance, 0, 1)


def make_grain(random: np.random.Generator, *, low: float) -> Pixels:
    """How much ink a dry pen leaves on each pixel, ``(H, W)`` in ``low``…1."""
    grain = ndimage.gaussian_filter(random.standard_normal((HEIGHT, WIDTH), dtype=np.float32), 1.2)
    return np.clip((1 + low) / 2 + grain * (1 - low), low, 1)


def take_photograph(
    page: Pixels, random: np.random.Generator, *, shadow: float = 0.45
) -> Image.Image:
    """Simulate a photograph: light from one side, a shadow, slight blur, sensor noise and JPEG.

    Args:
        page: ``(H, W, 3)`` 0…255 as it would look in even light.
        random: chooses light, shadow, blur, noise and compression.
        shadow: the largest share of light that the shadow takes.
    """
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    right, down = random.uniform(-0.3, 0.3, 2)
    light = 0.75 + right * (x / WIDTH - 0.5) + down * (y / HEIGHT - 0.5)
    angle = random.uniform(0, 2 * np.pi)
    beyond = (x - WIDTH * random.uniform(0.25, 0.75)) * np.cos(angle) + (
        y - HEIGHT * random.uniform(0.25, 0.75)
    ) * np.sin(angle)
    edge = 1 / (1 + np.exp(-beyond / random.uniform(8, 25)))
    light *= 1 - random.uniform(0.2, shadow) * edge
    # Indoor light may be yellower or bluer than white.
    tint = 1 + random.uniform(-0.06, 0.06) * np.array([1, 0, -1])
    seen = ndimage.gaussian_filter(page * light[..., None] * tint.astype(np.float32), (0.7, 0.7, 0))
    picture = to_image(add_noise(seen, random, (2, 5)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(random.integers(70, 93)))
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def add_noise(page: Pixels, random: np.random.Generator, deviation: tuple[float, float]) -> Pixels:
    return page + random.uniform(*deviation) * random.standard_normal(page.shape, dtype=np.float32)


def fill_page(colour: tuple[float, float, float]) -> Pixels:
    return np.tile(np.array(colour, dtype=np.float32), (HEIGHT, WIDTH, 1))


def paint(page: Pixels, colour: tuple[float, float, float], coverage: Pixels) -> Pixels:
    return page + (np.array(colour, dtype=np.float32) - page) * coverage[..., None]


def to_image(page: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(np.round(page), 0, 255).astype(np.uint8))
