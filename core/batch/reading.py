"""Reading a folder of pictures by Ray Data, part after part, and planning what is left to read.

Parts are handed to workers, on this machine or on a cluster, and read wherever one is free. A part
whose worker died is given to another. Models are sent along: a cluster's machines have the built-in
ones, but nobody's runs.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from core.batch.parts import (
    PARTS_FOLDER,
    InputSlice,
    Part,
    Source,
    cut_parts,
    forget_changed,
    list_shards,
    read_part,
    remove_asides,
)
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier
from core.models.files import LITERT_FILE, load_card, read_file

# More than the one row that comes back for each part. Ray Data keeps as much free for each worker.
MAX_BLOCK_BYTES = 1_000_000


class ReadingError(RuntimeError):
    """A part could not be read or written; those before it are kept."""


@dataclass(frozen=True)
class Model:
    """A trained model as it is sent to workers.

    Attributes:
        contents: of its LiteRT file.
        not_sure_below: the confidence, 0…1, below which what it says counts as "not sure".
    """

    id: str
    contents: bytes = field(repr=False)
    not_sure_below: float

    @property
    def digest(self) -> str:
        """SHA-256 of the LiteRT file, in hexadecimal."""
        return hashlib.sha256(self.contents).hexdigest()


@dataclass(frozen=True)
class Summary:
    """How a reading ended.

    Attributes:
        read: pictures that were read now.
        refused: those that could not be.
        skipped: those that were settled before.
        seconds: the reading took, without the start of Ray.
    """

    read: int
    refused: int
    skipped: int
    seconds: float

    def __str__(self) -> str:
        rate = (self.read + self.refused) / self.seconds if self.seconds else 0.0
        return (
            f"read {self.read:,}, refused {self.refused:,}, skipped {self.skipped:,}, "
            f"{rate:,.0f} images/s"
        )


@dataclass(frozen=True)
class Plan:
    """What is to be read, and what need not be."""

    parts: tuple[Part, ...]
    skipped: int

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)


def load_model(model_id: str) -> Model:
    """A model by its id, built-in or a run, whoever's it is.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: its file is missing or is not the one on its card.
    """
    contents = read_file(model_id, LITERT_FILE)
    return Model(model_id, contents, load_card(model_id).calibration.not_sure_below)


def plan_reading(source: Source, output: Path, models: Sequence[Model]) -> Plan:
    """Compare what there is with what was read, and forget what has changed since.

    Args:
        source: of the pictures.
        output: the folder that holds or will hold the parts.
        models: to read with.

    Raises:
        FileNotFoundError: there is no such source.
        ValueError: there are no pictures in it, or the output lies in it or holds what other models
            read.
    """
    if output.is_relative_to(source.path):
        raise ValueError(f"expected a folder outside of {source.path}, got {output}")
    slices = source.list_slices()
    if not slices:
        raise ValueError(f"expected pictures in {source.path}, there are none")
    remove_asides(output / PARTS_FOLDER)
    current = {input_slice.path: input_slice for input_slice in slices}
    digests = {model.id: model.digest for model in models}
    done: set[InputSlice] = set()
    for file, metadata in list_shards(output / PARTS_FOLDER).items():
        if (dict(metadata.models), metadata.frame_version) != (digests, FRAME_VERSION):
            raise ValueError(
                f"expected {output} to be read by {', '.join(digests)} as they are now, got parts "
                f"read by {', '.join(metadata.models)}, or older ones; choose another folder"
            )
        done |= set(forget_changed(file, metadata, current).slices)
    left = [input_slice for input_slice in slices if input_slice not in done]
    skipped = sum(input_slice.count for input_slice in slices) - sum(
        input_slice.count for input_slice in left
    )
    return Plan(tuple(cut_parts(left)), skipped)


def read_batch(
    plan: Plan,
    source: Source,
    output: Path,
    models: Sequence[Model],
    *,
    workers: int,
    report: Callable[[int], object],
) -> Summary:
    """Read all parts of a plan on the cluster that this process has joined.

    Args:
        plan: what to read.
        source: of the pictures, which all machines of the cluster can open.
        output: the folder of the parts, where all machines can write.
        models: to read with.
        workers: how many parts are read at once.
        report: called with the number of pictures that are done, part after part.

    Returns:
        How it ended.

    Raises:
        ReadingError: a part could not be read or written.
    """
    import ray.data  # noqa: PLC0415  who reads in bulk waits for it

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = MAX_BLOCK_BYTES
    read = refused = 0
    started = perf_counter()
    counts = ray.data.from_items(
        [{"part": part.to_json()} for part in plan.parts], override_num_blocks=len(plan.parts)
    ).map(
        _read_row,
        fn_args=(source, output / PARTS_FOLDER, tuple(models)),
        compute=ray.data.TaskPoolStrategy(size=workers),
    )
    try:
        for row in counts.iter_rows():
            read, refused = read + row["read"], refused + row["refused"]
            report(row["read"] + row["refused"])
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        raise ReadingError(f"expected to read all parts, got an error: {cause}") from error
    return Summary(read, refused, plan.skipped, perf_counter() - started)


def _read_row(
    row: dict[str, Any], source: Source, folder: Path, models: tuple[Model, ...]
) -> dict[str, Any]:
    """Read one part in a worker; gives how many pictures were read and refused."""
    part = Part.from_json(row["part"])
    metadata = read_part(part, source, _build_classifiers(models), folder)
    return {"read": len(part) - len(metadata.rejected), "refused": len(metadata.rejected)}


@cache
def _build_classifiers(models: tuple[Model, ...]) -> list[Classifier]:
    """The models, once a worker."""
    return [
        Classifier(one.id, one.id, one.contents, not_sure_below=one.not_sure_below)
        for one in models
    ]
