"""Decoding memory: what it takes to decode a picture, and a limit for all pictures of the process.

This module decodes nothing.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from core.digits.metadata import JPEG_SCAN, list_jpeg_segments
from core.digits.strips import is_read_by_rows

# Bytes that all pictures that are decoded at the same time may take, and so each of them.
MAX_BYTES = 150_000_000
# Bytes of a pixel in Pillow, by mode, and in decoders that are libraries of their own. The latter
# are measured, and include all copies.
MODE_BYTES = {"1": 1, "L": 1, "P": 1}
USUAL_BYTES = 4
FORMAT_BYTES = {"WEBP": 12.2, "AVIF": 9, "HEIF": 6}
# Of a pixel of an animation, whose images are drawn over one another.
ANIMATED_BYTES = 13
# Copies of the reduced picture while ink is searched in it, and bytes for the search.
COPIES = 3
SEARCH_BYTES = 12_000_000
# JPEG: bytes of a coefficient, the sizes of 8×8 blocks, and frames whose scans are all of a pixel.
COEFFICIENT_BYTES = 2
JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SEQUENTIAL_FRAMES = {0xC0, 0xC1}


class MemoryLimit:
    """Lets so many decode at the same time that all together take at most some memory.

    Those who wait are served in the order in which they came.
    """

    def __init__(self, total: int) -> None:
        """Allow ``total`` bytes."""
        self._total = total
        self._taken = 0
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Wait until ``size`` bytes are free, or all are, and take them for a ``with`` block."""
        size = min(size, self._total)
        place = object()
        with self._changed:
            self._waiting.append(place)
            try:
                self._changed.wait_for(
                    lambda: self._waiting[0] is place and self._taken + size <= self._total
                )
                self._taken += size
            finally:
                self._waiting.remove(place)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()


def estimate_bytes(stored: Image.Image, contents: bytes, *, side: int) -> int:
    """Estimate the memory that decoding a picture takes, and searching it for ink.

    Args:
        stored: as Pillow opened it, not decoded yet; JPEG with a draft.
        contents: of its file.
        side: its longer side is reduced to once to twice as many pixels, if it is longer.
    """
    pixels = stored.width * stored.height
    factor = max(1, max(stored.size) // side)
    reduced = USUAL_BYTES * pixels // factor**2
    per_pixel = MODE_BYTES.get(stored.mode, USUAL_BYTES)
    decoding = per_pixel * pixels + reduced
    if is_animated(stored):
        decoding = ANIMATED_BYTES * pixels
    elif stored.format in FORMAT_BYTES:
        decoding = round(FORMAT_BYTES[stored.format] * pixels)
    elif stored.format == "JPEG":
        decoding += _estimate_coefficients(contents)
    elif factor > 1 and is_read_by_rows(stored):
        decoding = reduced
    return max(decoding, COPIES * reduced + SEARCH_BYTES)


def is_animated(stored: Image.Image) -> bool:
    """Whether a file has several images of which each may be shown; HEIF has one main image."""
    return stored.format != "HEIF" and getattr(stored, "is_animated", False)


def _estimate_coefficients(jpeg: bytes) -> int:
    """Bytes for the coefficients of a JPEG picture; 0 where the first scan has all of them."""
    size = components = 0
    marker_of_frame = None
    for marker, start, _ in list_jpeg_segments(jpeg):
        if marker in JPEG_FRAMES:
            marker_of_frame = marker
            height, width = (int.from_bytes(jpeg[start + at : start + at + 2]) for at in (5, 7))
            components = jpeg[start + 9]
            samplings = [jpeg[start + 11 + 3 * index] for index in range(components)]
            shares = [(one >> 4) * (one & 15) for one in samplings]
            size = COEFFICIENT_BYTES * width * height * sum(shares) // max(*shares, 1)
        elif marker == JPEG_SCAN and marker_of_frame in SEQUENTIAL_FRAMES:
            return 0 if jpeg[start + 4] == components else size
    return size
