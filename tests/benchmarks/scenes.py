"""Scenes: simulated pictures of a digit, like those that people upload.

Nothing here is a real scan or photograph. A scene takes pen strokes in any units, x rightwards and
y downwards, and a random generator that chooses pen, size, position, paper and light. It returns an
RGB picture of ``WIDTH``×``HEIGHT`` pixels. The same strokes and the same state of the generator
give the same picture. This module does not know ink, frames or models.
"""

import io
from collections.abc import Callable, Mapping, Sequence

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
Scene = Callable[[Sequence[Stroke], np.random.Generator], Image.Image]


def draw_marker_on_white(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A drawing program: a black marker of any width on white, off centre, without noise."""
    ink = _draw_ink(strokes, random, pen=(6, 28))
    return _to_image(_paint(_fill((255, 255, 255)), (0, 0, 0), ink))


def draw_grey_on_grey(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """Grey on grey, 30 to 60 levels apart; either the pen or the paper is darker."""
    ink = _draw_ink(strokes, random, pen=(6, 26))
    paper = random.uniform(90, 165)
    pen = paper + random.choice([-1, 1]) * random.uniform(30, 60)
    return _to_image(_paint(_fill((paper, paper, paper)), (pen, pen, pen), ink))


def draw_ballpoint_on_lined_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated scan: blue ballpoint on slightly tilted lined paper, half of it with a margin."""
    page = _rule(_fill((250, 248, 242)), random, tilt=1.5, spacing=(26, 80))
    return _to_image(_add_noise(_write_with_ballpoint(page, strokes, random), random, (1, 3)))


def draw_ballpoint_on_squared_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated scan: blue ballpoint on squared paper."""
    page = _rule(_fill((250, 250, 246)), random, tilt=1.5, spacing=(18, 50), squared=True)
    return _to_image(_add_noise(_write_with_ballpoint(page, strokes, random), random, (1, 3)))


def draw_pencil_on_paper(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated scan: a thin, grainy pencil on plain paper."""
    ink = _draw_ink(strokes, random, pen=(3, 7)) * _make_grain(random, low=0.5)
    page = _paint(_fill((247, 246, 243)), (95, 95, 100), ink)
    return _to_image(_add_noise(page, random, (1, 3)))


def photograph_with_shadow(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated photograph: felt pen on white paper, with the shadow of the phone across it."""
    ink = _draw_ink(strokes, random, pen=(7, 26))
    return _photograph(_paint(_fill((240, 239, 235)), (35, 35, 40), ink), random)


def photograph_of_lined_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated photograph: ballpoint on lined paper that is tilted, bent and in perspective."""
    page = _rule(_fill((240, 239, 235)), random, tilt=4, spacing=(32, 90), bend=4)
    return _photograph(_write_with_ballpoint(page, strokes, random), random)


def photograph_of_chalk(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated photograph: white chalk on a wiped blackboard."""
    wiped = ndimage.gaussian_filter(
        random.standard_normal((HEIGHT, WIDTH), dtype=np.float32), 30, truncate=2
    )
    board = _fill((42, 62, 52)) * (1 + 0.12 * wiped / np.abs(wiped).max())[..., None]
    chalk = _draw_ink(strokes, random, pen=(8, 20)) * _make_grain(random, low=0.55)
    return _photograph(_paint(board, (225, 225, 215), chalk), random, shadow=0.3)


SCENES: Mapping[str, Scene] = {
    "marker on white": draw_marker_on_white,
    "grey on grey": draw_grey_on_grey,
    "ballpoint on lined paper": draw_ballpoint_on_lined_paper,
    "photograph with a shadow": photograph_with_shadow,
    "photograph of lined paper": photograph_of_lined_paper,
    "ballpoint on squared paper": draw_ballpoint_on_squared_paper,
    "pencil on paper": draw_pencil_on_paper,
    "photograph of chalk": photograph_of_chalk,
}


def _draw_ink(
    strokes: Sequence[Stroke], random: np.random.Generator, *, pen: tuple[float, float]
) -> Pixels:
    """Draw strokes with a round pen; returns the coverage of each pixel, ``(H, W)`` in 0…1.

    Args:
        strokes: ``(n, 2)`` each.
        random: generator of pen width, size and position.
        pen: smallest and largest width of the pen, in pixels.
    """
    width = random.uniform(*pen)
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0)
    scale = (HEIGHT * random.uniform(*DIGIT_SHARES) - width) / float(extent.max())
    edge = MARGIN + width / 2
    free_space = np.array([WIDTH, HEIGHT]) - 2 * edge - extent * scale
    offset = edge + random.uniform(0, 1, 2) * free_space - points.min(axis=0) * scale
    picture = Image.new("L", (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING), 0)
    draw = ImageDraw.Draw(picture)
    radius = width * OVERSAMPLING / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke * scale + offset) * OVERSAMPLING]
        draw.line(line, fill=255, width=round(2 * radius), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.BOX)) / np.float32(255)


def _write_with_ballpoint(
    page: Pixels, strokes: Sequence[Stroke], random: np.random.Generator
) -> Pixels:
    ink = _draw_ink(strokes, random, pen=(3.5, 8)) * _make_grain(random, low=0.75)
    blue = (random.uniform(25, 60), random.uniform(35, 75), random.uniform(140, 185))
    return _paint(page, blue, ink)


def _rule(
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
    along, across = _lay_out_page(random, tilt=tilt, bend=bend)
    gap, thickness = random.uniform(*spacing), random.uniform(1, 2.4)
    lines = _draw_rows(across, random.uniform(0, gap), gap, thickness)
    if squared:
        lines = np.maximum(lines, _draw_rows(along, random.uniform(0, gap), gap, thickness))
    ruled = _paint(page, ink, lines)
    if squared or random.uniform() < 0.5:
        return ruled
    margin = np.clip(thickness / 2 + 0.5 - np.abs(along - random.uniform(30, 150)), 0, 1)
    return _paint(ruled, (232, 130, 135), margin)


def _lay_out_page(
    random: np.random.Generator, *, tilt: float, bend: float
) -> tuple[Pixels, Pixels]:
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


def _draw_rows(position: Pixels, phase: float, gap: float, thickness: float) -> Pixels:
    """Draw lines at ``phase`` and then every ``gap``; returns the coverage in 0…1."""
    distance = np.abs((position - phase + gap / 2) % gap - gap / 2)
    return np.clip(thickness / 2 + 0.5 - distance, 0, 1)


def _make_grain(random: np.random.Generator, *, low: float) -> Pixels:
    """How much ink a dry pen leaves on each pixel, ``(H, W)`` in ``low``…1."""
    grain = ndimage.gaussian_filter(random.standard_normal((HEIGHT, WIDTH), dtype=np.float32), 1.2)
    return np.clip((1 + low) / 2 + grain * (1 - low), low, 1)


def _photograph(page: Pixels, random: np.random.Generator, *, shadow: float = 0.45) -> Image.Image:
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
    picture = _to_image(_add_noise(seen, random, (2, 5)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=int(random.integers(70, 93)))
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def _add_noise(page: Pixels, random: np.random.Generator, deviation: tuple[float, float]) -> Pixels:
    return page + random.uniform(*deviation) * random.standard_normal(page.shape, dtype=np.float32)


def _fill(colour: tuple[float, float, float]) -> Pixels:
    return np.tile(np.array(colour, dtype=np.float32), (HEIGHT, WIDTH, 1))


def _paint(page: Pixels, colour: tuple[float, float, float], coverage: Pixels) -> Pixels:
    return page + (np.array(colour, dtype=np.float32) - page) * coverage[..., None]


def _to_image(page: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(np.round(page), 0, 255).astype(np.uint8))
