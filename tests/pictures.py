"""Pictures of digits on disk, drawn by this project, for tests of batch prediction."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from core.synthesis.glyphs import draw_sample

SIDE = 112
PEN_WIDTH = 8
# The pictures are distributed over this many folders.
FOLDERS = 7


def draw_picture(digit: int, random: np.random.Generator) -> bytes:
    """A PNG of a digit, dark on white."""
    picture = Image.new("L", (SIDE, SIDE), 255)
    for stroke in draw_sample(digit, canvas_size=SIDE, random=random):
        line = [(float(x), float(y)) for x, y in stroke]
        ImageDraw.Draw(picture).line(line, fill=0, width=PEN_WIDTH, joint="curve")
    return encode(picture)


def encode(picture: Image.Image) -> bytes:
    """A picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def write_pictures(folder: Path, count: int, *, seed: int = 3) -> None:
    """Write PNG files, each digit equally often, into folders within a folder."""
    random = np.random.default_rng(seed)
    for number in range(count):
        place = folder / f"{number % FOLDERS}" / f"{number:05}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(draw_picture(number % 10, random))


def write_broken_pictures(folder: Path) -> dict[str, str]:
    """Write three files that no digit can be found in; returns a part of each message by name."""
    whole = draw_picture(7, np.random.default_rng(4))
    broken = {
        "cut short.png": (whole[: len(whole) // 2], "incomplete or damaged"),
        "no picture.jpg": (b"dear diary", "not a picture in a supported format"),
        "blank.png": (encode(Image.new("L", (SIDE, SIDE), 255)), "There is no ink in this picture"),
    }
    for name, (contents, _) in broken.items():
        (folder / name).write_bytes(contents)
    return {name: reason for name, (_, reason) in broken.items()}
