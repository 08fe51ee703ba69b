"""Archives: zip files from untrusted sources, with limits that are checked before unpacking.

Nothing is unpacked to disk, and no name in an archive is used as a path. This module does not know
what the files in an archive mean.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError

# How many characters of a foreign text a message quotes.
MAX_QUOTE_LENGTH = 80
# What zipfile and decoders raise on damaged files. RuntimeError: a file in the zip is encrypted, or
# compressed by a method that zipfile does not support.
DAMAGED: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
)
CHOOSE_EXPORT = "Choose a zip that Digit Lab exported."


def open_archive(
    contents: bytes, *, description: str, max_bytes: int, max_files: int
) -> zipfile.ZipFile:
    """Open a zip file in memory.

    Args:
        contents: of the zip file.
        description: of the expected file, with an article, for the message.
        max_bytes: largest allowed size of the zip file.
        max_files: largest allowed number of files in it.

    Raises:
        ValueError: the contents are not a zip file, or exceed a limit.
    """
    check_limit("bytes in the zip", len(contents), max_bytes)
    # Counted before they are listed, because a list of a million names takes too much memory. A few
    # more are allowed, because compressed data may contain the same four bytes.
    check_limit("files in the zip", contents.count(b"PK\x01\x02"), max_files + 10)
    with refuse_damaged(f"This file is not {description}, or it is damaged. {CHOOSE_EXPORT}"):
        return zipfile.ZipFile(io.BytesIO(contents))


def check_names(archive: zipfile.ZipFile, expected: Sequence[str]) -> None:
    """Check the names of the files in an archive.

    Args:
        archive: the zip file.
        expected: the names that it must have, and no others, each once.

    Raises:
        ValueError: a name is missing, unexpected or there twice.
    """
    names = archive.namelist()
    if unexpected := set(names) - set(expected):
        quoted = min(unexpected)[:MAX_QUOTE_LENGTH]
        raise ValueError(
            f"The zip has a file that does not belong to it: {quoted!r}. {CHOOSE_EXPORT}"
        )
    if missing := set(expected) - set(names):
        raise ValueError(f"The zip lacks the file {min(missing)!r}. {CHOOSE_EXPORT}")
    if len(names) != len(expected):
        raise ValueError(f"The zip has one of its files twice. {CHOOSE_EXPORT}")


def read_member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    """Unpack one file of an archive; zipfile unpacks no more than the size that it declares.

    Args:
        archive: the zip file.
        name: of a file in it.
        max_bytes: largest allowed size of the unpacked file.

    Raises:
        ValueError: the file is too large, damaged, or compressed by an unsupported method.
    """
    member = archive.getinfo(name)
    check_limit(f"bytes in {name}", member.file_size, max_bytes)
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError(
            f"The file {name} in the zip is compressed by an unsupported method. Use Deflate."
        )
    with refuse_damaged(f"The file {name} in the zip is damaged. {CHOOSE_EXPORT}"):
        return archive.read(member)


@contextmanager
def refuse_damaged(message: str, *more: type[Exception]) -> Iterator[None]:
    """Turn the errors of damaged files, and those in ``more``, into ValueErrors with a message."""
    try:
        yield
    except (*DAMAGED, *more) as error:
        raise ValueError(message) from error


@contextmanager
def refuse_invalid(name: str) -> Iterator[None]:
    """Turn the errors of pydantic into ValueErrors about the first invalid field of a file.

    Pydantic's reason is part of the message; that of a class of this project is a note for the log.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])[:MAX_QUOTE_LENGTH]
        field = f" in the field {place}" if place else ""
        own = first["type"] == "value_error"
        reason = "" if own else f": {first['msg'][:MAX_QUOTE_LENGTH]}"
        invalid = ValueError(f"The file {name} is not valid{field}{reason}. {CHOOSE_EXPORT}")
        invalid.add_note(first["msg"])
        raise invalid from error


def check_limit(what: str, count: int, maximum: int) -> None:
    """Raises ValueError where there are more than ``maximum`` of something in a file."""
    if count > maximum:
        raise ValueError(f"There are too many {what}: {count:,}. The limit is {maximum:,}.")
