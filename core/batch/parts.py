"""Parts: pictures that are read together, and the file of what was read in them.

A part is there or it is not: its Parquet file is written aside and renamed, and says in its
metadata which inputs it was made from, as they were, and which of them were refused. So whoever
lists the parts knows what is left to do. This module does not know who reads a part, or where.
"""

import csv
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.digits.frame import FRAME_SIZE, FRAME_VERSION, digest_frame, frame_from_image
from core.digits.image_file import EXTENSIONS, read_image
from core.inference.classifier import Classifier

# Pictures in a part: some seconds of work, which is what a kill can cost.
PART_SIZE = 500
PARTS_FOLDER = "parts"
REFUSED_FILE = "refused.csv"
PARQUET_EXTENSION = "parquet"
# More than any picture within MAX_PIXELS takes as a file.
MAX_FILE_BYTES = 200_000_000
# Rows of a Parquet file that are in memory at once.
ROWS_AT_ONCE = 64
METADATA_KEY = b"digitlab"


@dataclass(frozen=True)
class InputSlice:
    """The pictures of one file, or some of them, and the file as it was when it was listed.

    Attributes:
        path: relative to the folder that is read, with slashes.
        size: of the file, in bytes.
        modified: when it was changed last, in nanoseconds.
        first: the first of ``count`` rows of a Parquet file; None where the file is one picture.
    """

    path: str
    size: int
    modified: int
    first: int | None = None
    count: int = 1

    @property
    def rows(self) -> Sequence[int | None]:
        """Of each picture; None where the file is one picture."""
        return [None] if self.first is None else range(self.first, self.first + self.count)


@dataclass(frozen=True)
class Rejected:
    """A picture that could not be read, and why, in a sentence.

    Attributes:
        row: of a Parquet file, counted from 0; None where the file is one picture.
    """

    path: str
    row: int | None
    reason: str


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A picture that became a frame, ``(28, 28)``; fields as in ``Rejected``."""

    path: str
    row: int | None
    frame: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """What is read together."""

    slices: tuple[InputSlice, ...]

    def __post_init__(self) -> None:
        if not self.slices:
            raise ValueError("expected a part of at least one file, got an empty one")

    def __len__(self) -> int:
        return sum(input_slice.count for input_slice in self.slices)

    @property
    def name(self) -> str:
        """The name of its file: the same inputs have the same one."""
        return f"part-{hashlib.sha256(self.to_json().encode()).hexdigest()[:16]}.parquet"

    def to_json(self) -> str:
        """The part as JSON text."""
        return json.dumps([asdict(input_slice) for input_slice in self.slices])

    @classmethod
    def from_json(cls, text: str) -> "Part":
        """Read a part back."""
        return cls(tuple(InputSlice(**fields) for fields in json.loads(text)))


@dataclass(frozen=True)
class ShardMetadata:
    """What the file of a part says about itself.

    Attributes:
        slices: inputs that are done: read, or rejected for what they contain. Inputs that could not
            be opened are not among them and will be tried again.
        rejected: of both kinds.
        models: SHA-256 of the LiteRT files that read it, by model id.
        frame_version: ``core.digits.frame.FRAME_VERSION`` at the time.
    """

    slices: tuple[InputSlice, ...]
    rejected: tuple[Rejected, ...]
    models: Mapping[str, str]
    frame_version: int = FRAME_VERSION

    def to_metadata(self) -> dict[bytes, bytes]:
        """The metadata as a Parquet file keeps it."""
        return {METADATA_KEY: json.dumps(asdict(self)).encode()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[bytes, bytes] | None) -> "ShardMetadata":
        """Read it back, also where an earlier version wrote it.

        Raises:
            ValueError: there is none, or it does not fit.
        """
        try:
            fields = json.loads((metadata or {})[METADATA_KEY])
            return cls(
                tuple(InputSlice(**one) for one in fields.get("slices") or fields["spans"]),
                tuple(Rejected(**one) for one in fields.get("rejected", fields.get("refusals"))),
                fields["models"],
                fields["frame_version"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"expected the metadata of a part, got {error}") from error


@dataclass(frozen=True)
class Source:
    """Where pictures come from: a folder, of any depth, or one file.

    Attributes:
        path: of the folder or the file.
        column: of Parquet files, which holds the pictures; None for the only one that can.
    """

    path: Path
    column: str | None = None

    @cached_property
    def root(self) -> Path:
        """The folder that the paths of spans start from."""
        return self.path if self.path.is_dir() else self.path.parent

    def list_slices(self) -> list[InputSlice]:
        """All pictures there are, those of Parquet files in spans of at most ``PART_SIZE``.

        Raises:
            FileNotFoundError: there is no such folder or file.
            ValueError: a Parquet file is damaged or has no column of pictures.
        """
        if not self.path.exists():
            raise FileNotFoundError(f"expected a folder or a file, {self.path} does not exist")
        files = sorted(self.path.rglob("*")) if self.path.is_dir() else [self.path]
        return [
            input_slice for file in files if file.is_file() for input_slice in self._list_file(file)
        ]

    def open_pictures(self, input_slice: InputSlice) -> Iterator[tuple[int | None, bytes | None]]:
        """The contents of each picture of a span with its row; raises OSError where it cannot."""
        file = self.root / input_slice.path
        if input_slice.first is None:
            yield None, file.read_bytes()
            return
        rows = _read_rows(
            file, find_image_column(file, self.column), input_slice.first, input_slice.count
        )
        yield from enumerate(rows, start=input_slice.first)

    def _list_file(self, file: Path) -> Iterator[InputSlice]:
        extension = file.suffix.lower().removeprefix(".")
        if extension not in (*EXTENSIONS, PARQUET_EXTENSION):
            return
        status = file.stat()
        path = file.relative_to(self.root).as_posix()
        whole = InputSlice(path, status.st_size, status.st_mtime_ns)
        if extension != PARQUET_EXTENSION:
            yield whole
            return
        find_image_column(file, self.column)
        total = pq.read_metadata(file).num_rows
        for first in range(0, total, PART_SIZE):
            count = min(PART_SIZE, total - first)
            yield InputSlice(whole.path, whole.size, whole.modified, first, count)


def find_image_column(file: Path, named: str | None = None) -> str:
    """The column of a Parquet file that holds pictures: bytes, or a struct with ``bytes`` in it.

    Raises:
        ValueError: the file is damaged, there is no such column, or there are several.
    """
    try:
        schema = pq.read_schema(file)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"expected a Parquet file, got {file}: {error}") from error
    found = [field.name for field in schema if _holds_bytes(field.type)]
    if named in found:
        return str(named)
    if named is not None or len(found) != 1:
        raise ValueError(
            f"expected one column of pictures in {file}, got {', '.join(found) or 'none'} among "
            f"{', '.join(schema.names)}; name it with --column"
        )
    return found[0]


def cut_parts(slices: Sequence[InputSlice]) -> list[Part]:
    """Spans in their order, as many together as ``PART_SIZE`` pictures allow."""
    parts: list[list[InputSlice]] = []
    room = 0
    for input_slice in slices:
        if input_slice.count > room:
            parts.append([])
            room = PART_SIZE
        parts[-1].append(input_slice)
        room -= input_slice.count
    return [Part(tuple(part)) for part in parts]


def read_part(
    part: Part, source: Source, classifiers: Sequence[Classifier], folder: Path
) -> ShardMetadata:
    """Read every picture of a part, and write its file.

    Args:
        part: what to read.
        source: where its pictures are.
        classifiers: one or several.
        folder: of parts, which is made where it is missing.

    Returns:
        What the file says about itself.
    """
    images: list[DecodedImage] = []
    rejected: list[Rejected] = []
    done = []
    for input_slice in part.slices:
        try:
            outcomes = _read_slice(input_slice, source)
        except (OSError, ValueError, pa.ArrowException) as error:
            reason = f"expected a file that can be opened, got an error: {error}"
            rejected += [Rejected(input_slice.path, row, reason) for row in input_slice.rows]
            continue
        images += [one for one in outcomes if isinstance(one, DecodedImage)]
        rejected += [one for one in outcomes if isinstance(one, Rejected)]
        done.append(input_slice)
    models = {one.model_id: one.digest for one in classifiers}
    metadata = ShardMetadata(tuple(done), tuple(rejected), models)
    _write(_tabulate(images, classifiers), metadata, folder / part.name)
    return metadata


def list_shards(folder: Path) -> dict[Path, ShardMetadata]:
    """What each part in a folder says about itself, by file.

    Raises:
        ValueError: a Parquet file there is no part, or is damaged.
    """
    shards = {}
    for file in sorted(folder.glob("part-*.parquet")):
        try:
            shards[file] = ShardMetadata.from_metadata(pq.read_metadata(file).metadata)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise ValueError(
                f"expected a part of an earlier reading, {file} is none; take it away: {error}"
            ) from error
    return shards


def remove_asides(folder: Path) -> None:
    """Remove what was being written when an earlier reading was killed."""
    for file in folder.glob(".part-*"):
        file.unlink(missing_ok=True)


def forget_changed(
    file: Path, metadata: ShardMetadata, current: Mapping[str, InputSlice]
) -> ShardMetadata:
    """Leave out of a part what has changed since or could not be opened, so that it is read anew.

    Args:
        file: of the part.
        metadata: of the part.
        current: a span of each file that is there now, by path; files that have gone are kept.

    Returns:
        The receipt as it is now.
    """
    kept = tuple(
        input_slice
        for input_slice in metadata.slices
        if _is_as_it_was(input_slice, current.get(input_slice.path))
    )
    paths = {input_slice.path for input_slice in kept}
    rejected = tuple(one for one in metadata.rejected if one.path in paths)
    if (kept, rejected) == (metadata.slices, metadata.rejected):
        return metadata
    table = pq.read_table(file)
    table = table.filter(
        pa.array([path in paths for path in table["path"].to_pylist()], pa.bool_())
    )
    shorter = ShardMetadata(kept, rejected, metadata.models, metadata.frame_version)
    _write(table, shorter, file)
    return shorter


def write_rejected(shards: Sequence[ShardMetadata], file: Path) -> None:
    """A line for each picture that was refused, as CSV, aside first."""
    rejected = [refusal for metadata in shards for refusal in metadata.rejected]
    aside = _name_aside(file)
    with aside.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["path", "row", "reason"])
        writer.writerows(
            (one.path, "" if one.row is None else one.row, one.reason)
            for one in sorted(rejected, key=lambda one: (one.path, one.row or 0))
        )
    os.replace(aside, file)


def _read_slice(input_slice: InputSlice, source: Source) -> list[DecodedImage | Rejected]:
    if input_slice.first is None and input_slice.size > MAX_FILE_BYTES:
        limit = f"{MAX_FILE_BYTES // 1_000_000} MB"
        return [
            Rejected(
                input_slice.path, None, f"expected a file of at most {limit}, got a larger one"
            )
        ]
    return [_read_picture(input_slice.path, *one) for one in source.open_pictures(input_slice)]


def _read_picture(path: str, row: int | None, contents: bytes | None) -> DecodedImage | Rejected:
    try:
        return DecodedImage(path, row, frame_from_image(read_image(contents or b"")))
    except ValueError as error:
        return Rejected(path, row, str(error))


def _tabulate(images: Sequence[DecodedImage], classifiers: Sequence[Classifier]) -> pa.Table:
    """A row a picture, and for each model what it says of it."""
    frames = [one.frame for one in images]
    stacked = np.array(frames, np.float32).reshape(-1, FRAME_SIZE, FRAME_SIZE)
    columns = {
        "path": pa.array([one.path for one in images], pa.string()),
        "row": pa.array([one.row for one in images], pa.int64()),
        "frame_sha256": pa.array([digest_frame(frame) for frame in frames], pa.string()),
    }
    for classifier in classifiers:
        probabilities = classifier.probabilities(stacked)  # (N, 10)
        confidence = probabilities.max(axis=1)
        name = classifier.model_id
        columns |= {
            f"{name}_digit": pa.array(probabilities.argmax(axis=1), pa.int8()),
            f"{name}_confidence": pa.array(confidence),
            f"{name}_probabilities": pa.FixedSizeListArray.from_arrays(probabilities.ravel(), 10),
            f"{name}_not_sure": pa.array(confidence < classifier.not_sure_below),
            f"{name}_model_sha256": pa.array([classifier.digest] * len(frames), pa.string()),
        }
    return pa.table(columns)


def _write(table: pa.Table, metadata: ShardMetadata, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = _name_aside(file)
    pq.write_table(table.replace_schema_metadata(metadata.to_metadata()), aside)
    os.replace(aside, file)


def _name_aside(file: Path) -> Path:
    """A name that no other writer has, and that whoever lists parts passes over."""
    return file.with_name(f".{file.name}.{secrets.token_hex(4)}")


def _is_as_it_was(input_slice: InputSlice, now: InputSlice | None) -> bool:
    return now is None or (input_slice.size, input_slice.modified) == (now.size, now.modified)


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_bytes(kind.field(place).type)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _read_rows(file: Path, column: str, first: int, count: int) -> Iterator[bytes | None]:
    """The pictures in some rows, few in memory at once."""
    with pq.ParquetFile(file) as parquet:
        sizes = [parquet.metadata.row_group(i).num_rows for i in range(parquet.num_row_groups)]
        ends = np.cumsum(sizes)
        groups = [i for i, end in enumerate(ends) if end > first and end - sizes[i] < first + count]
        row = int(ends[groups[0]]) - sizes[groups[0]]
        for batch in parquet.iter_batches(ROWS_AT_ONCE, row_groups=groups, columns=[column]):
            start, end = max(first, row), min(first + count, row + len(batch))
            for value in batch.column(0).slice(start - row, max(end - start, 0)).to_pylist():
                yield value["bytes"] if isinstance(value, dict) else value
            row += len(batch)
