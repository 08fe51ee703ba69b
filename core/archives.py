"""Archives: zips that may come from a stranger, measured before anything in them is unpacked.

Nothing is unpacked to disk, and no name in an archive is used as a path. What the files mean, this
module does not know.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError

# How much of a stranger's text an error quotes.
MAX_QUOTE_LENGTH = 80
DAMAGED: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    # A file is encrypted, or packed in a way that zipfile does not know.
    RuntimeError,
    SyntaxError,
    ValueError,
)


def open_archive(
    contents: bytes, *, what: str, most_bytes: int, most_files: int
) -> zipfile.ZipFile:
    """Open a zip that is already in memory.

    Args:
        contents: of the zip.
        what: it should be, for errors.
        most_bytes: of the zip itself.
        most_files: in it.

    Raises:
        ValueError: it is no zip or a larger one.
    """
    check_at_most("bytes in the zip", len(contents), most_bytes)
    # Counted before they are listed, since a list of a million names is a bomb of its own; a few
    # more than there may be, since packed data may hold the same four bytes.
    check_at_most("files in the zip", contents.count(b"PK\x01\x02"), most_files + 10)
    with expect(what):
        return zipfile.ZipFile(io.BytesIO(contents))


def check_names(archive: zipfile.ZipFile, expected: Sequence[str], *, what: str) -> None:
    """Raises ValueError unless an archive holds just these files, each once.

    Args:
        archive: the zip.
        expected: names, as the archive should have them.
        what: they are together, for errors.
    """
    names = archive.namelist()
    for group, other, verb in ((names, expected, "has"), (expected, names, "lacks")):
        strange = next(iter(set(group) - set(other)), None)
        if strange is not None:
            raise ValueError(
                f"expected {what} in the zip, got one that {verb} {strange[:MAX_QUOTE_LENGTH]!r}"
            )
    if len(names) != len(expected):
        raise ValueError(f"expected {what} in the zip, each once, got one of them twice")


def read_member(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """The contents of one file, of which zipfile unpacks no more than the size it declares.

    Raises:
        ValueError: it is larger than it may be, damaged or packed in another way.
    """
    member = archive.getinfo(name)
    check_at_most(f"bytes in {name}", member.file_size, most_bytes)
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError(f"expected {name} to be stored or deflated, got another compression")
    with expect(f"{name} as Digit Lab packs it"):
        return archive.read(member)


@contextmanager
def expect(what: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what is raised on damaged files, and these errors too, into one kind of refusal."""
    try:
        yield
    except (*DAMAGED, *more) as error:
        raise ValueError(f"expected {what}, got another file or a damaged one") from error


@contextmanager
def expect_schema(name: str) -> Iterator[None]:
    """Turn what pydantic says of a file of this name into a sentence about its first fault."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])[:MAX_QUOTE_LENGTH]
        raise ValueError(
            f"expected {name} as its schema describes it, got {place or 'a file'} which is "
            f"not: {first['msg'][:MAX_QUOTE_LENGTH]}"
        ) from error


def check_at_most(what: str, count: int, most: int) -> None:
    """Raises ValueError where there is more of something than there may be."""
    if count > most:
        raise ValueError(f"expected at most {most:,} {what}, got {count:,}; use several files")
