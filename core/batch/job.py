"""The batch job: plans which pictures are left, and classifies them by Ray Data, shard by shard.

Shards are processed by workers on this machine or on a cluster. If a worker dies, another one gets
its shard. The models are sent to the workers, because the machines of a cluster have the built-in
models, but not the runs. This module does not know the format of the shards.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from core.batch.shards import (
    SHARDS_FOLDER,
    InputSlice,
    Shard,
    Source,
    drop_changed,
    group_slices,
    list_shards,
    predict_shard,
    remove_temporary_files,
)
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier
from core.models.files import LITERT_FILE, read_with_card

# Each shard returns one short row, for which this is enough. Ray Data reserves as much memory for
# each worker.
MAX_BLOCK_BYTES = 1_000_000


class BatchError(RuntimeError):
    """A shard could not be processed or written. Those before it are complete."""


@dataclass(frozen=True)
class PackedModel:
    """A trained model as it is sent to workers.

    Attributes:
        id: of the model.
        contents: of its LiteRT file.
        not_sure_below: the confidence, 0…1, below which a prediction is "not sure".
        vote_weight: in a vote of several models.
    """

    id: str
    contents: bytes = field(repr=False)
    not_sure_below: float
    vote_weight: float

    @property
    def digest(self) -> str:
        """SHA-256 of the LiteRT file, in hexadecimal."""
        return hashlib.sha256(self.contents).hexdigest()


@dataclass(frozen=True)
class Summary:
    """The result of a batch job.

    Attributes:
        predicted: number of pictures that were classified.
        rejected: number of pictures that could not be.
        skipped: number of pictures that were processed in an earlier job.
        seconds: duration without the start of Ray.
    """

    predicted: int
    rejected: int
    skipped: int
    seconds: float

    def __str__(self) -> str:
        rate = (self.predicted + self.rejected) / self.seconds if self.seconds else 0.0
        return (
            f"Classified {self.predicted:,} pictures, rejected {self.rejected:,}, "
            f"skipped {self.skipped:,}, {rate:,.0f} pictures/s"
        )


@dataclass(frozen=True)
class BatchPlan:
    """The shards to process, and the number of pictures to skip."""

    shards: tuple[Shard, ...]
    skipped: int

    def __len__(self) -> int:
        return sum(len(shard) for shard in self.shards)


def load_model(model_id: str) -> PackedModel:
    """Load a model by its id: a built-in one, or a run of any owner.

    Raises:
        FileNotFoundError: there is no such model.
        DamagedArtifactError: its file is missing, or does not have the digest on the model card.
    """
    card, contents = read_with_card(model_id, LITERT_FILE)
    calibration = card.calibration
    return PackedModel(model_id, contents, calibration.not_sure_below, calibration.vote_weight)


def plan_batch(source: Source, output: Path, models: Sequence[PackedModel]) -> BatchPlan:
    """Compare the input with the shards on disk, and remove from them what has changed since.

    Args:
        source: of the pictures.
        output: the folder with the shards, which need not exist.
        models: to classify with.

    Raises:
        FileNotFoundError: the source does not exist.
        ValueError: the source has no pictures, the output folder is inside of it, or the output
            folder has predictions of other models.
    """
    if output.is_relative_to(source.path):
        raise ValueError(
            f"The output folder {output} is inside the input folder. Choose another output folder."
        )
    slices = source.list_slices()
    if not slices:
        raise ValueError(f"There are no pictures in {source.path}.")
    remove_temporary_files(output / SHARDS_FOLDER)
    current = {input_slice.path: input_slice for input_slice in slices}
    digests = {model.id: model.digest for model in models}
    done: set[InputSlice] = set()
    for file, metadata in list_shards(output / SHARDS_FOLDER).items():
        if (dict(metadata.models), metadata.frame_version) != (digests, FRAME_VERSION):
            raise ValueError(
                f"The output folder {output} has predictions of other models "
                f"({', '.join(metadata.models)}) or of older versions of these. "
                "Choose another output folder."
            )
        done |= set(drop_changed(file, metadata, current).slices)
    left = [input_slice for input_slice in slices if input_slice not in done]
    return BatchPlan(tuple(group_slices(left)), _count(slices) - _count(left))


def run_batch(
    plan: BatchPlan,
    source: Source,
    output: Path,
    models: Sequence[PackedModel],
    *,
    workers: int,
    report: Callable[[int], object],
) -> Summary:
    """Process all shards of a plan on the Ray cluster that this process has joined.

    Args:
        plan: the shards to process.
        source: of the pictures, which all machines of the cluster can open.
        output: the folder for the shards, which all machines can write to.
        models: to classify with.
        workers: how many shards are processed at once.
        report: called after each shard with its number of pictures.

    Raises:
        BatchError: a shard could not be processed or written.
    """
    import ray.data  # noqa: PLC0415  slow to import, and needed only here

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = MAX_BLOCK_BYTES
    predicted = rejected = 0
    started = perf_counter()
    counts = ray.data.from_items(
        [{"shard": shard.to_json()} for shard in plan.shards],
        override_num_blocks=len(plan.shards),
    ).map(
        _predict_row,
        fn_args=(source, output / SHARDS_FOLDER, tuple(models)),
        compute=ray.data.TaskPoolStrategy(size=workers),
    )
    try:
        for row in counts.iter_rows():
            predicted, rejected = predicted + row["predicted"], rejected + row["rejected"]
            report(row["predicted"] + row["rejected"])
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        raise BatchError(
            "The batch job stopped before its end. Remove the cause and run the same command "
            f"again to continue. The cause was: {cause}"
        ) from error
    return Summary(predicted, rejected, plan.skipped, perf_counter() - started)


def _count(slices: Sequence[InputSlice]) -> int:
    return sum(input_slice.count for input_slice in slices)


def _predict_row(
    row: dict[str, Any], source: Source, folder: Path, models: tuple[PackedModel, ...]
) -> dict[str, Any]:
    """Process one shard in a worker; returns how many pictures were classified and rejected."""
    shard = Shard.from_json(row["shard"])
    metadata = predict_shard(shard, source, _build_classifiers(models), folder)
    rejected = len(metadata.rejected)
    return {"predicted": len(shard) - rejected, "rejected": rejected}


@cache
def _build_classifiers(models: tuple[PackedModel, ...]) -> list[Classifier]:
    """The classifiers of the models, built once in each worker."""
    return [
        Classifier(
            model.id,
            model.id,
            model.contents,
            not_sure_below=model.not_sure_below,
            weight=model.vote_weight,
        )
        for model in models
    ]
