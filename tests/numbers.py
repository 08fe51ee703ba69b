"""Numbers drawn by this project: digits of its glyphs side by side, as strokes and as ink."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from core.digits.ink import Ink
from core.digits.strokes import Stroke
from core.synthesis.glyphs import draw_sample, list_styles

OVERSAMPLING = 4


def write_number(
    text: str,
    random: np.random.Generator,
    *,
    gap: float = 0.2,
    height: float = 100,
    slope: float = 0,
) -> list[Stroke]:
    """The strokes of a number, in the first style of each digit; rows apart by a newline.

    Args:
        text: digits and newlines.
        random: generator of what differs between two digits of one style.
        gap: between the boxes of two digits, by their height.
        height: of the digits.
        slope: of the line of writing; above 0 downwards.
    """
    strokes: list[Stroke] = []
    for row, characters in enumerate(text.split("\n")):
        x = 0.0
        for character in characters:
            style = list_styles(int(character))[0]
            digit = draw_sample(int(character), style=style, canvas_size=300, random=random)
            points = np.concatenate(digit)
            corner, scale = points.min(axis=0), height / np.ptp(points[:, 1])
            place = np.array([x, slope * x + 1.4 * height * row])
            strokes += [(stroke - corner) * scale + place for stroke in digit]
            x += np.ptp(points[:, 0]) * scale + gap * height
    return strokes


def draw_ink(strokes: Sequence[Stroke], *, pen: float = 12, margin: float = 20) -> Ink:
    """Strokes as an ink image, in their own unit, with paper around them."""
    points = np.concatenate(strokes)
    offset = margin + pen / 2 - points.min(axis=0)
    width, height = np.ceil(np.ptp(points, axis=0) + 2 * margin + pen).astype(int).tolist()
    image = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    draw = ImageDraw.Draw(image)
    radius = pen * OVERSAMPLING / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke + offset) * OVERSAMPLING]
        draw.line(line, fill=255, width=round(2 * radius), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image.reduce(OVERSAMPLING), np.float32) / 255
