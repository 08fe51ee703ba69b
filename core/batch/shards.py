"""Shards: groups of pictures that are classified together, and the Parquet files of the results.

The file of a shard is written under a temporary name and renamed, so that it is complete or absent.
Its metadata lists the inputs it was made from, with their size and time, and the rejected pictures.
From the metadata of all shards follows what is left to do. This module does not know in which
process or on which machine a shard is processed.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.atomic_files import replace_file
from core.digits.found_digits import DigitRows
from core.digits.frame import FRAME_VERSION, digest_frame
from core.digits.image_file import EXTENSIONS
from core.inference.classifier import Classifier
from core.inference.number import find_in_file
from core.inference.number_prediction import predict_numbers

# Pictures in a shard. They take a few seconds, which is the most that is lost when a job is killed.
SHARD_SIZE = 500
SHARDS_FOLDER = "parts"
REJECTED_FILE = "refused.csv"
PARQUET_EXTENSION = "parquet"
# More than the file of any image within MAX_PIXELS.
MAX_PICTURE_BYTES = 200_000_000
# Rows of a Parquet file that are in memory at the same time.
MAX_ROWS_IN_MEMORY = 64
METADATA_KEY = b"digitlab"
# Names in the metadata of earlier versions.
FORMER_NAMES = {"spans": "slices", "refusals": "rejected"}


@dataclass(frozen=True)
class InputSlice:
    """All or some of the pictures of one file, and the state of the file when it was listed.

    Attributes:
        path: relative to the input folder, with slashes.
        size: of the file, in bytes.
        modified: time of the last change, in nanoseconds since 1970.
        first: the first of ``count`` rows of a Parquet file, counted from 0; None for an image
            file.
        count: number of pictures.
    """

    path: str
    size: int
    modified: int
    first: int | None = None
    count: int = 1

    @property
    def rows(self) -> Sequence[int | None]:
        """The row of each picture; None for an image file."""
        return [None] if self.first is None else range(self.first, self.first + self.count)


@dataclass(frozen=True)
class Rejected:
    """A picture that could not be classified.

    Attributes:
        path: of its file, relative to the input folder, with slashes.
        row: in a Parquet file, counted from 0; None for an image file.
        reason: in a sentence.
    """

    path: str
    row: int | None
    reason: str


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """A picture and the digits found in it; the other fields are as in ``Rejected``."""

    path: str
    row: int | None
    rows: DigitRows


@dataclass(frozen=True)
class Shard:
    """Pictures that are classified together; the results become one Parquet file."""

    slices: tuple[InputSlice, ...]

    def __post_init__(self) -> None:
        if not self.slices:
            raise ValueError("expected a shard of at least one file, got an empty one")

    def __len__(self) -> int:
        return sum(input_slice.count for input_slice in self.slices)

    @property
    def name(self) -> str:
        """The name of the Parquet file, which depends on the inputs alone."""
        return f"part-{hashlib.sha256(self.to_json().encode()).hexdigest()[:16]}.parquet"

    def to_json(self) -> str:
        """Convert to JSON text."""
        return json.dumps([asdict(input_slice) for input_slice in self.slices])

    @classmethod
    def from_json(cls, text: str) -> "Shard":
        """Convert JSON text from ``to_json`` back to a shard."""
        return cls(tuple(InputSlice(**fields) for fields in json.loads(text)))


@dataclass(frozen=True)
class ShardMetadata:
    """The metadata in the Parquet file of a shard.

    Attributes:
        slices: inputs whose pictures were classified, or rejected because of their contents. Inputs
            that could not be opened are not among them, so that the next job tries them again.
        rejected: all rejected pictures, also those of inputs that could not be opened.
        models: SHA-256 of the models' LiteRT files, by model id.
        frame_version: ``core.digits.frame.FRAME_VERSION`` when the file was written.
    """

    slices: tuple[InputSlice, ...]
    rejected: tuple[Rejected, ...]
    models: Mapping[str, str]
    frame_version: int = FRAME_VERSION

    def to_metadata(self) -> dict[bytes, bytes]:
        """Convert to the metadata of a Parquet file."""
        return {METADATA_KEY: json.dumps(asdict(self)).encode()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[bytes, bytes] | None) -> "ShardMetadata":
        """Convert the metadata of a Parquet file back; also that of earlier versions.

        Raises:
            ValueError: the metadata is missing or malformed.
        """
        try:
            fields = json.loads((metadata or {})[METADATA_KEY])
            fields = {FORMER_NAMES.get(name, name): value for name, value in fields.items()}
            return cls(
                tuple(InputSlice(**item) for item in fields["slices"]),
                tuple(Rejected(**item) for item in fields["rejected"]),
                fields["models"],
                fields["frame_version"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"expected the metadata of a shard, got {error!r}") from error


@dataclass(frozen=True)
class Source:
    """The source of the pictures: a folder of any depth, or a single file.

    Attributes:
        path: of the folder or the file.
        column: of Parquet files, with the pictures; None where there is only one such column.
    """

    path: Path
    column: str | None = None

    @cached_property
    def root(self) -> Path:
        """The folder that the paths of slices are relative to."""
        return self.path if self.path.is_dir() else self.path.parent

    def list_slices(self) -> list[InputSlice]:
        """List all pictures; those of Parquet files in slices of at most ``SHARD_SIZE`` rows.

        Raises:
            FileNotFoundError: the folder or file does not exist.
            ValueError: a Parquet file is damaged or has no column of pictures.
        """
        if not self.path.exists():
            raise FileNotFoundError(f"The input {self.path} does not exist.")
        files = sorted(self.path.rglob("*")) if self.path.is_dir() else [self.path]
        return [
            input_slice for file in files if file.is_file() for input_slice in self._list_file(file)
        ]

    def open_pictures(self, input_slice: InputSlice) -> Iterator[tuple[int | None, bytes | None]]:
        """Yield the row and the contents of each picture of a slice; None where a row has none.

        Raises:
            OSError, ValueError, pyarrow.ArrowException: the file cannot be read.
        """
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
        for first in range(0, total, SHARD_SIZE):
            count = min(SHARD_SIZE, total - first)
            yield InputSlice(whole.path, whole.size, whole.modified, first, count)


def find_image_column(file: Path, named: str | None = None) -> str:
    """Find the column of a Parquet file with pictures: bytes, or a struct with a field ``bytes``.

    Args:
        file: the Parquet file.
        named: the name that the column must have; None where there is only one such column.

    Returns:
        The name of the column.

    Raises:
        ValueError: the file is damaged, there is no such column, or there are several.
    """
    try:
        schema = pq.read_schema(file)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"The Parquet file {file} is damaged: {error}") from error
    found = [field.name for field in schema if _holds_bytes(field.type)]
    if named in found:
        return str(named)
    if named is not None:
        raise ValueError(
            f"The file {file} has no column {named!r} with pictures. "
            f"Its columns with pictures are: {', '.join(found) or 'none'}."
        )
    if not found:
        raise ValueError(f"The file {file} has no column with pictures.")
    if len(found) > 1:
        raise ValueError(
            f"The file {file} has several columns with pictures: {', '.join(found)}. "
            "Choose one with --column."
        )
    return found[0]


def group_slices(slices: Sequence[InputSlice]) -> list[Shard]:
    """Group slices, in their order, into shards of at most ``SHARD_SIZE`` pictures."""
    groups: list[list[InputSlice]] = []
    remaining = 0
    for input_slice in slices:
        if input_slice.count > remaining:
            groups.append([])
            remaining = SHARD_SIZE
        groups[-1].append(input_slice)
        remaining -= input_slice.count
    return [Shard(tuple(group)) for group in groups]


def predict_shard(
    shard: Shard, source: Source, classifiers: Sequence[Classifier], folder: Path
) -> ShardMetadata:
    """Classify the pictures of a shard, and write its Parquet file.

    Args:
        shard: the pictures.
        source: of the pictures.
        classifiers: one or several.
        folder: for the files of shards, which is created if it does not exist.

    Returns:
        The metadata in the file.
    """
    images: list[DecodedImage] = []
    rejected: list[Rejected] = []
    done = []
    for input_slice in shard.slices:
        try:
            outcomes = _decode_slice(input_slice, source)
        except (OSError, ValueError, pa.ArrowException) as error:
            reason = f"This file cannot be opened: {error}."
            rejected += [Rejected(input_slice.path, row, reason) for row in input_slice.rows]
            continue
        images += [outcome for outcome in outcomes if isinstance(outcome, DecodedImage)]
        rejected += [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        done.append(input_slice)
    models = {classifier.model_id: classifier.digest for classifier in classifiers}
    metadata = ShardMetadata(tuple(done), tuple(rejected), models)
    _write_shard(_tabulate(images, classifiers), metadata, folder / shard.name)
    return metadata


def list_shards(folder: Path) -> dict[Path, ShardMetadata]:
    """Read the metadata of all shards in a folder, by file.

    Raises:
        ValueError: a Parquet file is damaged, or was not written by this program.
    """
    shards = {}
    for file in sorted(folder.glob("part-*.parquet")):
        try:
            shards[file] = ShardMetadata.from_metadata(pq.read_metadata(file).metadata)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise ValueError(
                f"The output file {file} is damaged, or was not written by this program. "
                f"Delete it, or choose another output folder. The cause was: {error}"
            ) from error
    return shards


def remove_temporary_files(folder: Path) -> None:
    """Remove files that were incomplete when an earlier job was killed."""
    for file in folder.glob(".part-*"):
        file.unlink(missing_ok=True)


def drop_changed(
    file: Path, metadata: ShardMetadata, current: Mapping[str, InputSlice]
) -> ShardMetadata:
    """Remove from a shard what has changed since, or could not be opened, so that it is done again.

    Args:
        file: of the shard.
        metadata: in that file.
        current: one slice of each input file that exists now, by path. Results of deleted files are
            kept.

    Returns:
        The new metadata.
    """
    kept = tuple(
        input_slice
        for input_slice in metadata.slices
        if _is_unchanged(input_slice, current.get(input_slice.path))
    )
    paths = {input_slice.path for input_slice in kept}
    rejected = tuple(item for item in metadata.rejected if item.path in paths)
    if (kept, rejected) == (metadata.slices, metadata.rejected):
        return metadata
    table = pq.read_table(file)
    table = table.filter(
        pa.array([path in paths for path in table["path"].to_pylist()], pa.bool_())
    )
    shorter = ShardMetadata(kept, rejected, metadata.models, metadata.frame_version)
    _write_shard(table, shorter, file)
    return shorter


def write_rejected(shards: Sequence[ShardMetadata], file: Path) -> None:
    """Write the rejected pictures of all shards to a CSV file, one a line, by path and row."""
    rejected = [item for metadata in shards for item in metadata.rejected]
    with (
        replace_file(file) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as stream,
    ):
        writer = csv.writer(stream)
        writer.writerow(["path", "row", "reason"])
        writer.writerows(
            (item.path, "" if item.row is None else item.row, item.reason)
            for item in sorted(rejected, key=lambda item: (item.path, item.row or 0))
        )


def _decode_slice(input_slice: InputSlice, source: Source) -> list[DecodedImage | Rejected]:
    if input_slice.first is None and input_slice.size > MAX_PICTURE_BYTES:
        reason = f"This file is larger than {MAX_PICTURE_BYTES // 1_000_000} MB. Make it smaller."
        return [Rejected(input_slice.path, None, reason)]
    return [
        _decode_picture(input_slice.path, row, contents)
        for row, contents in source.open_pictures(input_slice)
    ]


def _decode_picture(path: str, row: int | None, contents: bytes | None) -> DecodedImage | Rejected:
    if contents is None:
        return Rejected(path, row, "This row contains no picture.")
    try:
        return DecodedImage(path, row, find_in_file(contents))
    except ValueError as error:
        return Rejected(path, row, str(error))


def _tabulate(images: Sequence[DecodedImage], classifiers: Sequence[Classifier]) -> pa.Table:
    """Build a table with one row for each picture and five columns for each model.

    The columns of a model, and the frame, are those of the first digit.
    """
    numbers = predict_numbers([image.rows for image in images], classifiers)
    firsts = [number.digits[0] for number in numbers]
    columns = {
        "path": pa.array([image.path for image in images], pa.string()),
        "row": pa.array([image.row for image in images], pa.int64()),
        "text": pa.array([number.text for number in numbers], pa.string()),
        "frame_sha256": pa.array(
            [digest_frame(first.found.frame) for first in firsts], pa.string()
        ),
    }
    for index, classifier in enumerate(classifiers):
        predictions = [first.predictions[index] for first in firsts]
        probabilities = np.array([one.probabilities for one in predictions], np.float32)
        name = classifier.model_id
        columns |= {
            f"{name}_digit": pa.array([one.digit for one in predictions], pa.int8()),
            f"{name}_confidence": pa.array([one.confidence for one in predictions], pa.float32()),
            f"{name}_probabilities": pa.FixedSizeListArray.from_arrays(probabilities.ravel(), 10),
            f"{name}_not_sure": pa.array([one.not_sure for one in predictions], pa.bool_()),
            f"{name}_model_sha256": pa.array([classifier.digest] * len(firsts), pa.string()),
        }
    return pa.table(columns)


def _write_shard(table: pa.Table, metadata: ShardMetadata, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(file) as temporary:
        pq.write_table(table.replace_schema_metadata(metadata.to_metadata()), temporary)


def _is_unchanged(input_slice: InputSlice, current: InputSlice | None) -> bool:
    return current is None or (input_slice.size, input_slice.modified) == (
        current.size,
        current.modified,
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    """Whether values of a type are bytes, or structs with a field ``bytes``."""
    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_bytes(kind.field(place).type)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _read_rows(file: Path, column: str, first: int, count: int) -> Iterator[bytes | None]:
    """Yield the contents of ``count`` rows from row ``first`` on, with few in memory at once."""
    with pq.ParquetFile(file) as parquet:
        sizes = [parquet.metadata.row_group(i).num_rows for i in range(parquet.num_row_groups)]
        ends = np.cumsum(sizes)
        groups = [i for i, end in enumerate(ends) if end > first and end - sizes[i] < first + count]
        row = int(ends[groups[0]]) - sizes[groups[0]]
        for batch in parquet.iter_batches(MAX_ROWS_IN_MEMORY, row_groups=groups, columns=[column]):
            start, end = max(first, row), min(first + count, row + len(batch))
            for value in batch.column(0).slice(start - row, max(end - start, 0)).to_pylist():
                yield value["bytes"] if isinstance(value, dict) else value
            row += len(batch)
