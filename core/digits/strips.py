"""Strips: reduces large pictures a few rows at a time, so that little memory is needed.

A PNG file is even decoded so. This module does not know what a picture shows.
"""

import itertools
import struct
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.digits.metadata import PNG_SIGNATURE, list_png_chunks

# Of a strip, in bytes; the pixels of most modes have four. And of what is decompressed at once.
STRIP_BYTES = 2_000_000
PART_BYTES = 65536
# PNG files that are decoded by rows are those whose pixels have four bytes in Pillow: the channels
# by their colour type, and their modes.
CHANNELS = {2: 3, 4: 2, 6: 4}
MODES = {"LA", "RGB", "RGBA"}


def reduce_image(image: Image.Image, factor: int) -> Image.Image:
    """Average blocks of ``factor`` × ``factor`` pixels; palettes and bits become levels."""
    rows = _count_rows(image.width, factor)
    boxes = ((0, top, image.width, min(top + rows, image.height))
             for top in range(0, image.height, rows))  # fmt: skip
    return _join_strips((image.crop(box) for box in boxes), image.size, factor)


def reduce_array(pixels: npt.NDArray[np.uint8], factor: int) -> Image.Image:
    """Average blocks of an ``(H, W)`` or ``(H, W, C)`` picture."""
    height, width = pixels.shape[:2]
    rows = _count_rows(width, factor)
    strips = (Image.fromarray(pixels[top : top + rows]) for top in range(0, height, rows))
    return _join_strips(strips, (width, height), factor)


def reduce_webp(stored: Image.Image, factor: int) -> Image.Image:
    """Decode a WebP file that Pillow opened, and average blocks of ``factor`` × ``factor`` pixels.

    The decoder needs eight bytes a pixel beside the four that it returns. Pillow would keep them
    while it copies the pixels. ``stored`` cannot be decoded again.
    """
    decoder, stored._decoder = stored._decoder, None  # type: ignore[attr-defined]
    data, _ = decoder.get_next()
    del decoder
    mode = stored.rawmode  # type: ignore[attr-defined]
    return reduce_image(Image.frombuffer(mode, stored.size, data, "raw", mode, 0, 1), factor)


def is_read_by_rows(stored: Image.Image) -> bool:
    """Whether ``reduce_png`` can decode the file of an image that Pillow opened."""
    return (
        stored.format == "PNG"
        and stored.mode in MODES
        and not stored.info.get("interlace")
        and not getattr(stored, "is_animated", False)
    )


def reduce_png(contents: bytes, factor: int) -> Image.Image:
    """Decode a PNG file, and average blocks of ``factor`` × ``factor`` pixels.

    Args:
        contents: of a file for which ``is_read_by_rows`` holds.
        factor: 1 or more.

    Raises:
        ValueError, OSError, zlib.error: the file is incomplete or damaged.
    """
    width, height, depth, colour = struct.unpack_from(">IIBB", contents, 16)
    rows = _count_rows(width, factor)
    row_bytes = width * CHANNELS[colour] * depth // 8
    transparency = b"".join(chunk for kind, chunk in list_png_chunks(contents) if kind == b"tRNS")

    def decode_strips() -> Iterator[Image.Image]:
        above = None
        filtered = _decompress(contents, rows * (row_bytes + 1))
        for top in range(0, height, rows):
            count = min(rows, height - top)
            strip = next(filtered, b"")[: count * (row_bytes + 1)]
            if len(strip) < count * (row_bytes + 1):
                raise ValueError("expected more rows")
            # A row may depend on the one above, which is repeated without any filter.
            first = b"" if above is None else b"\0" + above
            header = struct.pack(
                ">IIBBBBB", width, count + (above is not None), depth, colour, 0, 0, 0
            )
            image = _open_png(header, transparency, first + strip)
            image.load()
            above = _encode_row(image, CHANNELS[colour], depth)
            yield image.crop((0, image.height - count, width, image.height))

    return _join_strips(decode_strips(), (width, height), factor)


def _count_rows(width: int, factor: int) -> int:
    """The rows of a strip, a multiple of ``factor``."""
    return factor * max(1, STRIP_BYTES // (4 * width * factor))


def _join_strips(strips: Iterable[Image.Image], size: tuple[int, int], factor: int) -> Image.Image:
    """Reduce strips from top to bottom, and put them together."""
    width, height = (-(-side // factor) for side in size)
    reduced = (_prepare_averages(strip).reduce(factor) for strip in strips)
    first = next(reduced)
    joined = Image.new(first.mode, (width, height))
    joined.info = first.info
    top = 0
    for strip in itertools.chain([first], reduced):
        joined.paste(strip, (0, top))
        top += strip.height
    return joined


def _prepare_averages(image: Image.Image) -> Image.Image:
    """Levels of palettes, of single bits and of 16 bits cannot be averaged; X is no channel."""
    if image.mode in {"P", "PA"}:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "RGBX":
        return image.convert("RGB")
    return image.convert("I") if image.mode.startswith("I;16") else image


def _decompress(png: bytes, size: int) -> Iterator[bytes]:
    """Decompress the rows of a PNG file into blocks of ``size`` bytes; the last one is shorter."""
    inflate = zlib.decompressobj()
    block = bytearray()
    for part in _list_parts(png):
        rest: bytes | memoryview = part
        while rest and not inflate.eof:
            block += inflate.decompress(rest, size - len(block))
            rest = inflate.unconsumed_tail
            if len(block) == size:
                yield bytes(block)
                block.clear()
    yield bytes(block + inflate.flush())


def _list_parts(png: bytes) -> Iterator[memoryview]:
    """The compressed rows of a PNG file, in parts of at most ``PART_BYTES``."""
    for kind, chunk in list_png_chunks(png):
        if kind == b"IDAT":
            data = chunk[8:-4]
            for start in range(0, len(data), PART_BYTES):
                yield data[start : start + PART_BYTES]


def _open_png(header: bytes, transparency: bytes, rows: bytes) -> Image.Image:
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b"")
    head, body, end = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return Image.open(BytesIO(PNG_SIGNATURE + head + transparency + body + end), formats=["PNG"])


def _encode_row(image: Image.Image, channels: int, depth: int) -> bytes:
    """The last row as a PNG stores it without a filter.

    Pillow drops the lower half of 16 bits. It is 0 here: no upper half depends on it.
    """
    row = np.asarray(image.crop((0, image.height - 1, image.width, image.height)))[0]
    if channels == 2:  # Pillow may have repeated the grey level
        row = row[:, [0, -1]]
    return row.tobytes() if depth == 8 else np.stack([row, np.zeros_like(row)], axis=-1).tobytes()
