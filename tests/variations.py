"""Variations: the same digits on pads, in boxes and cells, on notes, stained, blurred and so on.

Everything is drawn here, none of it is a photograph. A variation takes strokes in any units, x
rightwards and y downwards, and a random generator, and gives a picture. The same strokes and the
same state of the generator give the same picture.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from core.digits.strokes import Stroke

# Lines are drawn at this many times their size and reduced, which smooths their edges.
OVERSAMPLING = 3

Coverage = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
Variation = Callable[[Sequence[Stroke], np.random.Generator], Image.Image]


def draw_coverage(
    strokes: Sequence[Stroke],
    size: tuple[int, int],
    box: tuple[float, float, float, float],
    pen: float,
) -> Coverage:
    """How much of each pixel a pen covers, ``(height, width)`` in 0…1, in a box of a picture."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-6)
    left, top, right, bottom = box
    room = np.array([right - left - pen, bottom - top - pen])
    scale = float((room / extent).min())
    corner = np.array([left, top]) + pen / 2 + (room - scale * extent) / 2
    picture = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING), 0)
    draw = ImageDraw.Draw(picture)
    radius = pen * OVERSAMPLING / 2
    for stroke in strokes:
        line = [tuple(point) for point in ((stroke - low) * scale + corner) * OVERSAMPLING]
        draw.line(line, fill=255, width=max(1, round(2 * radius)))
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(picture.reduce(OVERSAMPLING), np.float32) / 255


def paint(coverage: Coverage, pen: Colour, paper: Colour) -> npt.NDArray[np.float32]:
    """A pen on paper, ``(H, W, 3)`` in 0…255."""
    share = coverage[..., None]
    return np.float32(paper) * (1 - share) + np.float32(pen) * share


def to_image(pixels: npt.NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))


def draw_plain(
    strokes: Sequence[Stroke],
    random: np.random.Generator,
    side: int = 280,
    *,
    pen: Colour = (10, 10, 10),
    paper: Colour = (255, 255, 255),
    share: tuple[float, float] = (0.4, 0.75),
) -> npt.NDArray[np.float32]:
    """A digit somewhere on a square page, ``(side, side, 3)``."""
    length = side * random.uniform(*share)
    left, top = random.uniform(0.08 * side, 0.92 * side - length, 2)
    width = length * random.uniform(0.05, 0.12)
    box = (left, top, left + length, top + length)
    return paint(draw_coverage(strokes, (side, side), box, max(2, width)), pen, paper)


def draw_pad_on_page(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A screenshot of a drawing pad: light on dark, in a light page, with a border or without."""
    side = int(random.integers(180, 400))
    pad = draw_plain(strokes, random, side, pen=(250, 250, 250), paper=(0, 0, 0))
    margin = [int(value) for value in random.integers(4, 70, 4)]
    page = float(random.choice([255, 246, 233]))
    picture = np.full(
        (side + margin[0] + margin[1], side + margin[2] + margin[3], 3), page, np.float32
    )
    border = int(random.integers(0, 3))
    top, left = margin[0], margin[2]
    picture[top - border : top + side + border, left - border : left + side + border] = 205
    picture[top : top + side, left : left + side] = pad
    return to_image(picture)


def draw_figure_with_axes(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A notebook's figure: an enlarged 28×28 picture within axes with numbers."""
    side = int(random.integers(180, 380))
    small = Image.fromarray(
        (255 * draw_coverage(strokes, (28, 28), (4, 4, 24, 24), 2.2)).astype(np.uint8)
    )
    light = bool(random.integers(2))
    shown = np.asarray(small.resize((side, side), Image.Resampling.NEAREST))
    picture = Image.new("L", (side + 140, side + 110), 255)
    picture.paste(Image.fromarray(255 - shown if light else shown), (80, 40))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((79, 39, 80 + side, 40 + side), outline=0)
    for tick in range(0, 28, 5):
        place = (tick + 0.5) * side / 28
        draw.line((74, 40 + place, 79, 40 + place), fill=0)
        draw.line((80 + place, 40 + side, 80 + place, 45 + side), fill=0)
        draw.text((54, 33 + place), str(tick), fill=0, font=ImageFont.load_default(12))
        draw.text((74 + place, 48 + side), str(tick), fill=0, font=ImageFont.load_default(12))
    return picture.convert("RGB")


def draw_border(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A border of 1 to 9 pixels around the picture, black, grey or coloured."""
    picture = draw_plain(strokes, random)
    width = int(random.integers(1, 10))
    colour = [(0, 0, 0), (110, 110, 110), (30, 60, 150)][random.integers(3)]
    picture[:width] = picture[-width:] = picture[:, :width] = picture[:, -width:] = colour
    return to_image(picture)


def draw_form_box(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A printed box around the digit, near the edge of the picture or not."""
    width, height = (int(value) for value in random.integers(160, 320, 2))
    inset = random.uniform(3, 40, 4)
    sides = (inset[0], inset[1], width - inset[2], height - inset[3])
    line = int(random.integers(1, 7))
    length = 0.75 * min(sides[2] - sides[0], sides[3] - sides[1]) - 2 * line
    left = random.uniform(sides[0] + line + 4, sides[2] - line - 4 - length)
    top = random.uniform(sides[1] + line + 4, sides[3] - line - 4 - length)
    box = (left, top, left + length, top + length)
    coverage = draw_coverage(strokes, (width, height), box, max(3, length / 14))
    picture = to_image(paint(coverage, (20, 20, 90), (255, 255, 255)))
    shade = int(random.choice([0, 90, 150]))
    ImageDraw.Draw(picture).rectangle(sides, outline=(shade, shade, shade), width=line)
    return picture


def draw_table_cell(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A cell cut out of a scanned table, with the lines around it running on to the edges."""
    width, height = (int(value) for value in random.integers(130, 260, 2))
    lines = random.integers(4, 24, 4)
    length = 0.7 * min(width - lines[0] - lines[2], height - lines[1] - lines[3]) - 8
    left = random.uniform(lines[0] + 8, width - lines[2] - 8 - length)
    top = random.uniform(lines[1] + 8, height - lines[3] - 8 - length)
    coverage = draw_coverage(
        strokes, (width, height), (left, top, left + length, top + length), max(2.5, length / 16)
    )
    picture = to_image(paint(coverage, (70, 70, 70), (253, 253, 253)))
    draw = ImageDraw.Draw(picture)
    for x in (lines[0], width - lines[2]):
        draw.line((x, 0, x + random.uniform(-2, 2), height), fill=(20, 20, 20), width=3)
    for y in (lines[1], height - lines[3]):
        draw.line((0, y, width, y + random.uniform(-2, 2)), fill=(20, 20, 20), width=3)
    noise = random.normal(0, 3, (height, width, 1))
    return to_image(np.asarray(picture, np.float32) + noise)


def draw_grid(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """Squared paper whose lines cross the digit, lighter than the pen."""
    picture = np.full((300, 300, 3), 252, np.float32)
    step = int(random.integers(18, 46))
    shade = float(random.uniform(150, 215))
    picture[::step] = shade
    picture[:, ::step] = (shade, shade, min(255, shade + 25))
    digit = draw_plain(strokes, random, 300, pen=(25, 30, 80))
    return to_image(np.minimum(picture, digit))


def draw_note_on_table(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A turned sheet on a grainy table, wholly in sight or cut by an edge, in uneven light."""
    side = int(random.integers(150, 330))
    note = to_image(draw_plain(strokes, random, side, pen=(30, 30, 60), paper=(240, 236, 225)))
    table = np.float32([(70, 50, 35), (120, 85, 60), (40, 45, 50)][random.integers(3)])
    grain = ndimage.gaussian_filter(random.normal(0, 1, (480, 600)), (1, 12))
    pixels = table * (1 + 0.25 * grain / np.abs(grain).max())[..., None]
    picture = to_image(pixels)
    turned = note.convert("RGBA").rotate(
        random.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True
    )
    x = int(random.uniform(-0.05, 0.95) * (600 - turned.width))
    y = int(random.uniform(0.05, 0.95) * (480 - turned.height))
    picture.paste(turned, (x, y), turned)
    columns = np.linspace(0, 1, 600, dtype=np.float32)[None, :, None]
    lit = np.asarray(picture, np.float32) * (1 - random.uniform(0, 0.35) * columns)
    seen = ndimage.gaussian_filter(lit, (0.8, 0.8, 0)) + random.normal(0, 2.5, lit.shape)
    return to_image(seen)


def pad_with_white(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A crop of grey, noisy paper, made square by white on both sides."""
    width, height = (90, 220) if random.integers(2) else (200, 240)
    pen = max(4, height / 22)
    box = (6, 8, width - 6, height - 8)
    coverage = draw_coverage(strokes, (width, height), box, pen)
    crop = paint(coverage, (45, 45, 50), (215, 214, 212))
    crop += random.normal(0, 3, crop.shape[:2])[..., None]
    page = np.full((height + 20, height + 20, 3), 255, np.float32)
    left = (page.shape[1] - width) // 2
    page[10 : 10 + height, left : left + width] = crop
    return to_image(page)


def draw_stains(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """Yellowish stains and dark specks on the paper, away from the digit and upon it."""
    picture = draw_plain(strokes, random, 300, pen=(30, 40, 120), paper=(246, 243, 235))
    y, x = np.mgrid[:300, :300]
    for _ in range(random.integers(1, 4)):
        place, radius = random.uniform(0, 300, 2), random.uniform(10, 45)
        stain = np.clip(1.2 - np.hypot(x - place[0], y - place[1]) / radius, 0, 1)[..., None]
        picture = picture * (1 - stain * np.float32([0.03, 0.06, 0.2]))
    for _ in range(random.integers(0, 12)):
        top, left, size = *random.integers(0, 296, 2), random.integers(1, 4)
        picture[top : top + size, left : left + size] = random.uniform(40, 140)
    return to_image(picture + random.normal(0, 1.5, (300, 300, 1)))


def fill_picture(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A marker digit that fills the photograph and touches its edges."""
    pen = random.uniform(12, 26)
    over = random.uniform(-pen / 2, 0.5, 4)
    box = (over[0], over[1], 200 - over[2], 260 - over[3])
    coverage = draw_coverage(strokes, (200, 260), box, pen)
    pixels = paint(coverage, (25, 25, 30), (190, 188, 180))
    return to_image(pixels + random.normal(0, 4, pixels.shape))


def blur(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A small blurred photograph of ballpoint on grey paper."""
    side = int(random.integers(56, 96))
    picture = draw_plain(
        strokes, random, side, pen=(70, 75, 150), paper=(190, 188, 186), share=(0.55, 0.8)
    )
    light = 1 - 0.25 * np.linspace(0, 1, side, dtype=np.float32)[None, :, None]
    seen = ndimage.gaussian_filter(picture * light, (side / 60, side / 60, 0))
    return to_image(seen + random.normal(0, 1.5, seen.shape))


def draw_with_two_pens(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """The upper half in a dark pen, the lower half in a light one of another colour."""
    picture = draw_plain(strokes, random, pen=(0, 0, 0))
    share = 1 - picture[..., :1] / 255
    colours = [(250, 215, 60), (120, 220, 120), (150, 200, 255), (190, 190, 190)]
    faint = np.float32(colours[random.integers(len(colours))])
    rows = np.flatnonzero(share.max(axis=(1, 2)) > 0.5)
    lower = (np.arange(280) > (rows[0] + rows[-1]) / 2)[:, None, None]
    pen = np.where(lower, faint, np.float32((25, 25, 150)))
    return to_image(255 * (1 - share) + pen * share)


def draw_shaded_on_nothing(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A brush whose colour changes along the digit, on a transparent background."""
    coverage = 1 - draw_plain(strokes, random, pen=(0, 0, 0))[..., 0] / 255
    shade = np.linspace(random.uniform(0, 90), random.uniform(130, 220), 280)[None]
    bands = [np.broadcast_to(shade * factor, coverage.shape) for factor in (1, 0.8, 0.6)]
    pixels = np.stack([*bands, 255 * coverage], axis=2)
    return to_image(pixels)


def add_dot(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A stray dot beside the digit."""
    picture = to_image(draw_plain(strokes, random, share=(0.4, 0.6)))
    ink = np.flatnonzero((np.asarray(picture)[..., 0] < 128).any(axis=0))
    x = ink[-1] + 18 if ink[-1] < 250 else ink[0] - 18
    y, radius = random.uniform(30, 250), random.uniform(2, 6)
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return picture


def draw_faint(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A hard pencil on white paper in uneven light: little contrast."""
    picture = draw_plain(strokes, random, 360, pen=(188, 188, 192), paper=(240, 240, 238))
    light = 1 - random.uniform(0, 0.3) * np.linspace(0, 1, 360, dtype=np.float32)[:, None, None]
    return to_image(picture * light + random.normal(0, 2, picture.shape))


def draw_corner_shadow(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A photograph with a dark corner and the edge of the paper in sight."""
    picture = draw_plain(strokes, random, 420, pen=(40, 40, 70), paper=(214, 210, 205))
    y, x = np.mgrid[:420, :420] / 420
    corner = 1 / (1 + np.exp((x + y - random.uniform(0.3, 0.5)) * 30))
    picture *= (1 - 0.45 * corner)[..., None]
    edge = int(random.integers(8, 30))
    picture[:, -edge:] = (60, 50, 45)
    seen = ndimage.gaussian_filter(picture, (1, 1, 0))
    return to_image(seen + random.normal(0, 3, seen.shape))


VARIATIONS: Mapping[str, Variation] = {
    "pad on a page": draw_pad_on_page,
    "figure with axes": draw_figure_with_axes,
    "border": draw_border,
    "form box": draw_form_box,
    "table cell": draw_table_cell,
    "grid": draw_grid,
    "note on a table": draw_note_on_table,
    "padding": pad_with_white,
    "stains": draw_stains,
    "fills the picture": fill_picture,
    "blur": blur,
    "two pens": draw_with_two_pens,
    "shaded on transparency": draw_shaded_on_nothing,
    "stray dot": add_dot,
    "faint": draw_faint,
    "corner in shadow": draw_corner_shadow,
}
