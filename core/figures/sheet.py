"""A contact sheet: many digits with captions in one picture."""

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

COLUMNS = 20
SIDE, CAPTION_HEIGHT, GAP = 56, 14, 6
PAPER, TEXT = 255, 0


def draw_sheet(images: npt.NDArray[np.uint8], captions: Sequence[str]) -> bytes:
    """A PNG of digits in rows of twenty, white ink on black.

    Args:
        images: ``(N, 28, 28)`` frames, at least one.
        captions: of the images, in Latin characters.

    Raises:
        ValueError: there are no images, or not as many captions as images.
    """
    if not len(images) or len(images) != len(captions):
        raise ValueError(
            f"expected as many captions as images, at least one, got {len(captions)} for "
            f"{len(images)}"
        )
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    width, height = SIDE + GAP, SIDE + CAPTION_HEIGHT + GAP
    sheet = Image.new("L", (columns * width + GAP, rows * height + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = GAP + place % columns * width
        top = GAP + place // columns * height
        enlarged = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.NEAREST)
        sheet.paste(enlarged, (left, top))
        draw.text((left + SIDE / 2, top + SIDE + 1), caption, fill=TEXT, anchor="ma")
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()
