"""Scenes: simulated pictures of a digit, like those that people upload.

Nothing here is a real scan or photograph. A scene takes pen strokes in any units, x rightwards and
y downwards, and a random generator that chooses pen, size, position, paper and light. It returns an
RGB picture of at most ``WIDTH``×``HEIGHT`` pixels. The same strokes and the same state of the
generator give the same picture. This module does not know ink, frames or models.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from core.digits.strokes import Stroke
from tests.benchmarks.scene_parts import (
    HEIGHT,
    WIDTH,
    Pixels,
    add_noise,
    draw_ink,
    draw_rows,
    fill_page,
    make_grain,
    paint,
    print_ruling,
    take_photograph,
    to_image,
    write_with_ballpoint,
)

Scene = Callable[[Sequence[Stroke], np.random.Generator], Image.Image]


def draw_marker_on_white(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A drawing program: a black marker of any width on white, off centre, without noise."""
    ink = draw_ink(strokes, random, pen=(6, 28))
    return to_image(paint(fill_page((255, 255, 255)), (0, 0, 0), ink))


def draw_grey_on_grey(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """Grey on grey, 30 to 60 levels apart; either the pen or the paper is darker."""
    ink = draw_ink(strokes, random, pen=(6, 26))
    paper = random.uniform(90, 165)
    pen = paper + random.choice([-1, 1]) * random.uniform(30, 60)
    return to_image(paint(fill_page((paper, paper, paper)), (pen, pen, pen), ink))


def draw_ballpoint_on_lined_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated scan: blue ballpoint on slightly tilted lined paper, half of it with a margin."""
    page = print_ruling(fill_page((250, 248, 242)), random, tilt=1.5, spacing=(26, 80))
    return to_image(add_noise(write_with_ballpoint(page, strokes, random), random, (1, 3)))


def draw_ballpoint_on_squared_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated scan: blue ballpoint on squared paper."""
    page = print_ruling(
        fill_page((250, 250, 246)), random, tilt=1.5, spacing=(18, 50), squared=True
    )
    return to_image(add_noise(write_with_ballpoint(page, strokes, random), random, (1, 3)))


def draw_pencil_on_paper(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated scan: a thin, grainy pencil on plain paper."""
    ink = draw_ink(strokes, random, pen=(3, 7)) * make_grain(random, low=0.5)
    page = paint(fill_page((247, 246, 243)), (95, 95, 100), ink)
    return to_image(add_noise(page, random, (1, 3)))


def photograph_with_shadow(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated photograph: felt pen on white paper, with the shadow of the phone across it."""
    ink = draw_ink(strokes, random, pen=(7, 26))
    return take_photograph(paint(fill_page((240, 239, 235)), (35, 35, 40), ink), random)


def photograph_of_lined_paper(
    strokes: Sequence[Stroke], random: np.random.Generator
) -> Image.Image:
    """A simulated photograph: ballpoint on lined paper that is tilted, bent and in perspective."""
    page = print_ruling(fill_page((240, 239, 235)), random, tilt=4, spacing=(32, 90), bend=4)
    return take_photograph(write_with_ballpoint(page, strokes, random), random)


def photograph_of_chalk(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated photograph: white chalk on a wiped blackboard."""
    wiped = ndimage.gaussian_filter(
        random.standard_normal((HEIGHT, WIDTH), dtype=np.float32), 30, truncate=2
    )
    board = fill_page((42, 62, 52)) * (1 + 0.12 * wiped / np.abs(wiped).max())[..., None]
    chalk = draw_ink(strokes, random, pen=(8, 20)) * make_grain(random, low=0.55)
    return take_photograph(paint(board, (225, 225, 215), chalk), random, shadow=0.3)


def photograph_of_a_sheet(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated photograph: a small sheet of paper, turned a little, on a wooden table."""
    sheet = paint(fill_page((240, 239, 235)), (35, 35, 40), draw_ink(strokes, random, pen=(12, 30)))
    angle, size = np.radians(random.uniform(-8, 8)), random.uniform(0.5, 0.75)
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / size
    centre = np.array([HEIGHT, WIDTH]) / 2
    offset = centre - turned @ (centre + random.uniform(-30, 30, 2))

    def lay_down(layer: Pixels) -> Pixels:
        return ndimage.affine_transform(layer, turned, offset, order=1, prefilter=False)

    covered = lay_down(np.ones((HEIGHT, WIDTH), np.float32))[..., None]
    grain = random.standard_normal((HEIGHT, WIDTH), dtype=np.float32)
    grain = ndimage.gaussian_filter(grain, (1.5, 60))
    wood = fill_page((142, 102, 66)) * (1 + 0.15 * grain / np.abs(grain).max())[..., None]
    laid = np.stack([lay_down(sheet[..., channel]) for channel in range(3)], axis=-1)
    return take_photograph(wood * (1 - covered) + laid * covered, random)


def draw_cell_of_a_form(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated scan: ballpoint in one cell of a form's table, beside empty ones."""
    width, height = random.uniform(240, 330, 2)
    left, top = random.uniform(30, WIDTH - width - 30), random.uniform(30, HEIGHT - height - 30)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    thickness = random.uniform(1.5, 3.5)
    borders = [
        draw_rows(position, first, gap, thickness)
        for position, first, gap in ((x, left, width), (y, top, height))
    ]
    page = paint(fill_page((250, 250, 248)), (60, 60, 64), np.maximum(*borders))
    cell = (left + 4, top + 4, left + width - 4, top + height - 4)
    return to_image(
        add_noise(write_with_ballpoint(page, strokes, random, box=cell), random, (1, 3))
    )


def draw_screenshot(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A screenshot: a drawing pad, black or white, on a page with a title and two buttons."""
    side, background = random.uniform(250, 300), (240, 242, 246)
    left, top = random.uniform(20, WIDTH - side - 20), random.uniform(60, HEIGHT - side - 60)
    right, bottom = left + side, top + side
    paper, pen = ((0,) * 3, (255,) * 3)[:: int(random.choice([-1, 1]))]
    window = Image.new("RGB", (WIDTH, HEIGHT), background)
    draw = ImageDraw.Draw(window)
    draw.rectangle((left, top, right, bottom), fill=paper, outline=(200, 202, 208))
    draw.text((left, top - 34), "Draw a digit", fill=(49, 51, 63), font_size=20)
    for place, title in enumerate(("Clear", "Predict")):
        corner = left + 120 * place
        draw.rounded_rectangle(
            (corner, bottom + 12, corner + 100, bottom + 44), 8, (255, 255, 255), (200, 202, 208)
        )
        draw.text((corner + 22, bottom + 18), title, fill=(49, 51, 63), font_size=16)
    ink = draw_ink(strokes, random, pen=(10, 24), box=(left, top, right, bottom))
    return to_image(paint(np.asarray(window, np.float32), pen, ink))


def crop_blurred(strokes: Sequence[Stroke], random: np.random.Generator) -> Image.Image:
    """A simulated crop of a photograph: close around the digit, out of focus and enlarged."""
    ink = draw_ink(strokes, random, pen=(12, 34))
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    picture = take_photograph(paint(fill_page((225, 223, 218)), (45, 45, 60), ink), random)
    margin = random.uniform(0.05, 0.2) * (np.ptp(rows) + 1)
    box = (columns[0] - margin, rows[0] - margin, columns[-1] + margin, rows[-1] + margin)
    within = np.clip(box, 0, (WIDTH, HEIGHT, WIDTH, HEIGHT)).astype(int).tolist()
    crop = picture.crop(tuple(within))
    small = random.uniform(20, 40) / max(crop.size)
    width, height = (max(round(side * small), 4) for side in crop.size)
    return crop.resize((width, height), Image.Resampling.BOX).resize(
        crop.size, Image.Resampling.BICUBIC
    )


SCENES: Mapping[str, Scene] = {
    "marker on white": draw_marker_on_white,
    "grey on grey": draw_grey_on_grey,
    "ballpoint on lined paper": draw_ballpoint_on_lined_paper,
    "photograph with a shadow": photograph_with_shadow,
    "photograph of lined paper": photograph_of_lined_paper,
    "ballpoint on squared paper": draw_ballpoint_on_squared_paper,
    "pencil on paper": draw_pencil_on_paper,
    "photograph of chalk": photograph_of_chalk,
    "photograph of a sheet on a table": photograph_of_a_sheet,
    "cell of a form": draw_cell_of_a_form,
    "screenshot of a drawing pad": draw_screenshot,
    "blurred crop": crop_blurred,
}
