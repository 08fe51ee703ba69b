"""PNG files written by hand, for what no encoder writes."""

import struct
import zlib

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(
    width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 0, between: bytes = b""
) -> bytes:
    """A PNG of any size, as it claims.

    Args:
        width: in pixels.
        height: in pixels.
        rows: each with the number of its filter in front; none for a file that only claims a size.
        depth: bits of a channel.
        colour: PNG's type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
        between: chunks before the pixels.
    """
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(rows) if rows else b""
    pixels = write_chunk(b"IDAT", data) + write_chunk(b"IEND", b"")
    return PNG_SIGNATURE + write_chunk(b"IHDR", header) + between + pixels
