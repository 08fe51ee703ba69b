"""Metadata: what an image file holds beside its pixels.

Cameras, phones and editors write metadata that decoders fail on. So it is dropped before a file is
decoded. Only the orientation is read. This module decodes no pixels.
"""

import struct
from collections.abc import Iterator

JPEG_SIGNATURE = b"\xff\xd8\xff"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TIFF_SIGNATURES = {b"II*\0": "<", b"MM\0*": ">"}
EXIF_HEADER = b"Exif\0\0"
UPRIGHT = 1
ORIENTATION = 0x0112
# Of a TIFF file: resolution, XMP, IPTC, Photoshop, ICC, EXIF, GPS and interoperability.
TIFF_METADATA = {ORIENTATION, 282, 283, 296, 700, 33723, 34377, 34675, 34665, 34853, 40965}
# A tag without a meaning.
UNKNOWN_TAG = 65000
MAX_DIRECTORIES = 50
PNG_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"}
# Segments of a JPEG file that say how its colours are stored, with the smallest valid size of each.
JPEG_COLOURS = {0xE0: (b"JFIF\0", 14), 0xEE: (b"Adobe", 12)}
# Markers of JPEG: comments and application segments; those that have no contents; and the scan.
JPEG_METADATA = {0xFE, *range(0xE0, 0xF0)}
JPEG_LONE = {0x01, *range(0xD0, 0xDA)}
JPEG_SCAN = 0xDA


def split_metadata(contents: bytes) -> tuple[bytes, int]:
    """Drop the metadata of an image file.

    Args:
        contents: of a file of any format. Files of other formats than JPEG, PNG, TIFF, AVIF and
            HEIF are returned as they are.

    Returns:
        The file without metadata, and its EXIF orientation, 1…8. It is 1, which means upright,
        where there is none and where the decoder turns the image by itself.
    """
    if contents.startswith(JPEG_SIGNATURE):
        return _split_jpeg(contents)
    if contents.startswith(PNG_SIGNATURE):
        return _split_png(contents)
    if contents[:4] in TIFF_SIGNATURES:
        return _split_tiff(contents)
    if contents[4:8] == b"ftyp":
        start = contents.find(b"mdat") % (len(contents) + 1)
        return contents[:start].replace(b"Exif", b"skip") + contents[start:], UPRIGHT
    return contents, UPRIGHT


def read_orientation(exif: bytes) -> int:
    """The orientation in an EXIF block, 1…8; 1, which means upright, where there is none."""
    while exif.startswith(EXIF_HEADER):
        exif = exif.removeprefix(EXIF_HEADER)
    for order, entry in _list_entries(exif, directories=1):
        tag, value = struct.unpack_from(f"{order}H6xH", exif, entry)
        if tag == ORIENTATION and 1 <= value <= 8:
            return value
    return UPRIGHT


def _list_entries(tiff: bytes, *, directories: int) -> Iterator[tuple[str, int]]:
    """The byte order, and where each entry begins, of the directories in a TIFF structure."""
    order = TIFF_SIGNATURES.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    for _ in range(directories):
        if not 8 <= start <= len(tiff) - 2:
            return
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        end = start + 2 + 12 * count
        for entry in range(start + 2, min(end, len(tiff) - 11), 12):
            yield order, entry
        if end + 4 > len(tiff):
            return
        (start,) = struct.unpack_from(f"{order}I", tiff, end)


def _split_tiff(tiff: bytes) -> tuple[bytes, int]:
    parts: list[bytes | memoryview] = []
    last = 0
    for order, entry in _list_entries(tiff, directories=MAX_DIRECTORIES):
        if last <= entry and struct.unpack_from(f"{order}H", tiff, entry)[0] in TIFF_METADATA:
            parts += [memoryview(tiff)[last:entry], struct.pack(f"{order}H", UNKNOWN_TAG)]
            last = entry + 2
    return b"".join([*parts, memoryview(tiff)[last:]]) if parts else tiff, read_orientation(tiff)


def _split_png(png: bytes) -> tuple[bytes, int]:
    parts: list[bytes | memoryview] = [PNG_SIGNATURE]
    orientation = UPRIGHT
    for kind, chunk in list_png_chunks(png):
        if kind in PNG_PIXELS:
            parts.append(chunk)
        elif kind == b"eXIf":
            orientation = read_orientation(bytes(chunk[8:-4]))
    return b"".join(parts), orientation


def list_png_chunks(png: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The kind and the bytes of each chunk of a PNG file, from its length to its checksum."""
    view = memoryview(png)
    start = len(PNG_SIGNATURE)
    while start < len(png):
        end = start + 12 + int.from_bytes(png[start : start + 4])
        yield png[start + 4 : start + 8], view[start:end]
        start = end


def list_jpeg_segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    """The marker, the start and the end of each segment of a JPEG file.

    The last one is the first scan, to the end of the file.
    """
    start = 2
    while start + 4 <= len(jpeg) and jpeg[start] == 0xFF:
        marker = jpeg[start + 1]
        if marker == 0xFF:  # padding
            start += 1
            continue
        size = 0 if marker in JPEG_LONE else int.from_bytes(jpeg[start + 2 : start + 4])
        end = len(jpeg) if marker == JPEG_SCAN else min(start + 2 + size, len(jpeg))
        yield marker, start, end
        start = end


def _split_jpeg(jpeg: bytes) -> tuple[bytes, int]:
    parts, orientation, last = [jpeg[:2]], UPRIGHT, 2
    for marker, start, end in list_jpeg_segments(jpeg):
        last = end
        content = jpeg[start + 4 : end] if marker in JPEG_METADATA else b""
        if marker == 0xE1 and content.startswith(EXIF_HEADER) and orientation == UPRIGHT:
            orientation = read_orientation(content)
        head, size = JPEG_COLOURS.get(marker, (b"", 0))
        is_kept = marker not in JPEG_METADATA or (
            marker in JPEG_COLOURS and content.startswith(head) and len(content) >= size
        )
        if is_kept:
            parts.append(jpeg[start:end])
    return b"".join([*parts, jpeg[last:]]), orientation
