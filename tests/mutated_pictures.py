"""Mutated pictures: ``python -m tests.mutated_pictures 5000`` looks for errors that escape.

Small pictures of a digit, in every format and of every kind, are damaged at random in the ways in
which files are damaged and attacked. Each must give digits or a refusal in a sentence.
"""

import io
import sys
import traceback
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from core.digits.image_file import UnreadableImageError
from core.digits.ink import EmptyDrawingError
from core.inference.number import find_in_file
from tests.messages import assert_plain

SIDE = 40
EXTREMES = (b"\0", b"\xff", b"\x7f", b"\x80", b"\1")
SIZES = (1, 2, 4)


def write_pictures() -> dict[str, bytes]:
    """A picture of a 7 in each format and kind, by name."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    picture = Image.new("RGB", (SIDE, SIDE), (250, 248, 240))
    ImageDraw.Draw(picture).line([(10, 8), (30, 8), (18, 34)], fill=(20, 20, 60), width=4)
    blank = Image.new("RGB", picture.size, (250, 248, 240))
    levels = np.asarray(picture.convert("L"))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 72.0
    kinds: list[tuple[str, str, Image.Image, dict[str, object]]] = [
        *((f"png {mode}", "PNG", picture.convert(mode), {"exif": exif})
          for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
        ("png 16", "PNG", Image.fromarray(levels.astype(np.uint16) * 257), {}),
        ("png animated", "PNG", blank, {"save_all": True, "append_images": [picture]}),
        ("jpeg", "JPEG", picture, {"exif": exif, "dpi": (72, 72), "comment": "note"}),
        ("jpeg progressive", "JPEG", picture, {"progressive": True}),
        ("jpeg grey", "JPEG", picture.convert("L"), {}),
        ("jpeg cmyk", "JPEG", picture.convert("CMYK"), {}),
        ("mpo", "MPO", picture, {"save_all": True, "append_images": [picture]}),
        ("webp", "WEBP", picture, {"exif": exif}),
        ("webp lossless", "WEBP", picture.convert("RGBA"), {"lossless": True}),
        ("webp animated", "WEBP", blank, {"save_all": True, "append_images": [picture]}),
        ("bmp", "BMP", picture, {}),
        ("bmp palette", "BMP", picture.convert("P"), {}),
        ("gif", "GIF", picture, {}),
        ("gif animated", "GIF", blank, {"save_all": True, "append_images": [picture, blank]}),
        *((f"tiff {name}", "TIFF", picture.convert(mode), {"compression": name, "exif": exif})
          for name, mode in [("raw", "RGB"), ("tiff_lzw", "RGBA"), ("jpeg", "RGB"),
                             ("tiff_deflate", "L"), ("packbits", "P"), ("group4", "1")]),
        ("tiff float", "TIFF", Image.fromarray(levels.astype(np.float32) / 255), {}),
        ("tiff pages", "TIFF", blank, {"save_all": True, "append_images": [picture]}),
        ("avif", "AVIF", picture, {"exif": exif, "speed": 10}),
        ("heic", "HEIF", picture, {"exif": exif}),
    ]  # fmt: skip
    return {name: _encode(image, kind, options) for name, kind, image, options in kinds}


def _encode(image: Image.Image, file_format: str, options: dict[str, object]) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def mutate(contents: bytes, random: np.random.Generator) -> bytes:
    """Damage a file in one to four places, most of them near its beginning."""
    damaged = bytearray(contents)
    for _ in range(random.integers(1, 5)):
        reach = min(len(damaged), 400) if random.random() < 0.7 else len(damaged)
        start = int(random.integers(max(reach, 1)))
        size = int(random.choice(SIZES))
        end = start + int(random.integers(1, 60))
        kind = random.integers(7)
        if kind <= 1:
            damaged[start : start + size] = random.bytes(size)
        elif kind == 2:
            damaged[start : start + size] = random.choice(EXTREMES) * size
        elif kind == 3:
            damaged[start : start + 1] = bytes([damaged[start] ^ 1 << random.integers(8)])
        elif kind == 4:
            del damaged[start:end]
        elif kind == 5:
            damaged[start:start] = damaged[start:end]
        elif random.random() < 0.3:
            del damaged[start:]
        if not damaged:
            break
    return bytes(damaged)


def list_mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many mutated pictures with their names, of each kind equally often."""
    pictures = list(write_pictures().items())
    random = np.random.default_rng(seed)
    for index in range(count):
        name, contents = pictures[index % len(pictures)]
        yield name, mutate(contents, random)


def find_or_refuse(contents: bytes) -> str:
    """The outcome of a picture: "read", or the sentence of its refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            find_in_file(contents)
    except (UnreadableImageError, EmptyDrawingError) as refused:
        assert_plain(str(refused))
        return str(refused)
    return "read"


def main(count: int = 5000, seed: int = 0) -> int:
    """Print what became of ``count`` pictures; returns how many errors escaped."""
    outcomes: dict[str, int] = {}
    escaped = 0
    for name, contents in list_mutated(count, seed):
        try:
            outcome = find_or_refuse(contents)
        except Exception:
            escaped += 1
            outcome = f"an error escaped: {name}"
            traceback.print_exc()
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    for outcome, number in sorted(outcomes.items()):
        sys.stdout.write(f"{number:6} {outcome}\n")
    return escaped


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
