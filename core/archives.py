"""Archives: zip files from untrusted sources, with limits that are checked before unpacking.

Nothing is unpacked to disk, and no name in an archive is used as a path. What programs add to a zip
that a person unpacked and packed again is ignored. This module does not know what the files in an
archive mean.
"""

import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

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
# What macOS and Windows put into folders.
ADDED_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True, eq=False)
class Archive:
    """An open zip file.

    Attributes:
        zip_file: the file itself.
        members: its files by their names in the export, without the folder around all of them.
    """

    zip_file: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]

    def check_names(self, expected: Collection[str]) -> None:
        """Check the names of the files.

        Args:
            expected: the names that there must be, and no others.

        Raises:
            ValueError: a name is missing or unexpected.
        """
        if unexpected := self.members.keys() - set(expected):
            quoted = min(unexpected)[:MAX_QUOTE_LENGTH]
            raise ValueError(
                f"The zip has a file that does not belong to it: {quoted!r}. {CHOOSE_EXPORT}"
            )
        if missing := set(expected) - self.members.keys():
            raise ValueError(f"The zip lacks the file {min(missing)!r}. {CHOOSE_EXPORT}")

    def read(self, name: str, max_bytes: int) -> bytes:
        """Unpack a file; zipfile unpacks no more than the size that it declares.

        Args:
            name: of a file in the archive.
            max_bytes: largest allowed size of the unpacked file.

        Raises:
            ValueError: the file is missing, too large, damaged, or compressed by an unsupported
                method.
        """
        if name not in self.members:
            raise ValueError(f"The zip lacks the file {name!r}. {CHOOSE_EXPORT}")
        member = self.members[name]
        check_limit(f"bytes in {name}", member.file_size, max_bytes)
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError(
                f"The file {name} in the zip is compressed by an unsupported method. Use Deflate."
            )
        with refuse_damaged(f"The file {name} in the zip is damaged. {CHOOSE_EXPORT}"):
            return self.zip_file.read(member)

    def read_text(self, name: str, max_bytes: int) -> bytes:
        """Unpack a text file as ``read`` does, without the byte order mark of some editors."""
        return self.read(name, max_bytes).removeprefix(codecs.BOM_UTF8)


@contextmanager
def open_archive(
    contents: bytes, main_file: str, *, description: str, max_bytes: int, max_files: int
) -> Iterator[Archive]:
    """Open a zip file in memory.

    Args:
        contents: of the zip file.
        main_file: the name of the file that every such export has at its top.
        description: of the expected file, with an article, for the message.
        max_bytes: largest allowed size of the zip file.
        max_files: largest allowed number of files in it.

    Raises:
        ValueError: the contents are not a zip file, exceed a limit, or have a file twice.
    """
    check_limit("bytes in the zip", len(contents), max_bytes)
    # Counted before they are listed, because a list of a million names takes too much memory. Twice
    # as many are allowed, because macOS adds a file to each, and a few more for directories.
    check_limit("files in the zip", contents.count(b"PK\x01\x02"), 2 * max_files + 10)
    with refuse_damaged(f"This file is not {description}, or it is damaged. {CHOOSE_EXPORT}"):
        zip_file = zipfile.ZipFile(io.BytesIO(contents))
    with zip_file:
        yield Archive(zip_file, _list_members(zip_file, main_file))


def _list_members(zip_file: zipfile.ZipFile, main_file: str) -> dict[str, zipfile.ZipInfo]:
    """The files of an export by name, without directories and what other programs have added."""
    infos = [info for info in zip_file.infolist() if not _is_added(info)]
    names = {info.filename for info in infos}
    if len(names) != len(infos):
        raise ValueError(f"The zip has one of its files twice. {CHOOSE_EXPORT}")
    folder = _find_folder(names, main_file)
    return {info.filename.removeprefix(folder): info for info in infos}


def _is_added(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is an empty directory, or a file of the program that packed the zip."""
    path = PurePosixPath(info.filename)
    return (
        (info.is_dir() and not info.file_size)
        or path.parts[:1] == ("__MACOSX",)
        or path.name in ADDED_FILES
        or path.name.startswith("._")
    )


def _find_folder(names: Collection[str], main_file: str) -> str:
    """The folder around all files, with its slash; empty if there is none, or not around all."""
    paths = [name for name in names if f"/{name}".endswith(f"/{main_file}")]
    folder = min(paths, key=len, default=main_file).removesuffix(main_file)
    is_safe = not folder.startswith("/") and ".." not in PurePosixPath(folder).parts
    return folder if is_safe and all(name.startswith(folder) for name in names) else ""


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
