"""Batch reading: ``python -m core.inference.batch INPUT OUTPUT`` reads a folder of pictures.

Pictures are image files in a folder of any depth, or rows of Parquet files. They are cut into
parts, which Ray Data hands to workers, on this machine or on a cluster; each part that is read is
one Parquet file. What was read before is skipped, as long as its file is as it was.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from core.artifacts import (
    DEFAULT_MODEL_IDS,
    LITERT_FILE,
    list_model_ids,
    load_card,
)
from core.cluster import RayUnavailableError, join_cluster
from core.digits.frame import FRAME_VERSION
from core.inference.classifier import Classifier, load_classifier
from core.inference.parts import (
    PARTS_FOLDER,
    REFUSED_FILE,
    Part,
    Source,
    Span,
    cut_parts,
    forget_changed,
    list_receipts,
    read_part,
    remove_asides,
    write_refusals,
)

COMMAND = "python -m core.inference.batch"
# More than the one row that comes back for each part. Ray Data keeps as much free for each worker.
LARGEST_BLOCK = 1_000_000


@dataclass(frozen=True)
class Tally:
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


def plan_reading(source: Source, output: Path, models: Mapping[str, str]) -> Plan:
    """Compare what there is with what was read, and forget what has changed since.

    Args:
        source: of the pictures.
        output: the folder that holds or will hold the parts.
        models: SHA-256 of the LiteRT files to read with, by id.

    Raises:
        FileNotFoundError: there is no such source.
        ValueError: there are no pictures in it, or the output lies in it or holds what other models
            read.
    """
    if output.is_relative_to(source.path):
        raise ValueError(f"expected a folder outside of {source.path}, got {output}")
    spans = source.list_spans()
    if not spans:
        raise ValueError(f"expected pictures in {source.path}, there are none")
    remove_asides(output / PARTS_FOLDER)
    current = {span.path: span for span in spans}
    settled: set[Span] = set()
    for file, receipt in list_receipts(output / PARTS_FOLDER).items():
        if (dict(receipt.models), receipt.frame_version) != (dict(models), FRAME_VERSION):
            raise ValueError(
                f"expected {output} to be read by {', '.join(models)} as they are now, got parts "
                f"read by {', '.join(receipt.models)}, or older ones; choose another folder"
            )
        settled |= set(forget_changed(file, receipt, current).spans)
    left = [span for span in spans if span not in settled]
    skipped = sum(span.count for span in spans) - sum(span.count for span in left)
    return Plan(tuple(cut_parts(left)), skipped)


def read_batch(
    plan: Plan,
    source: Source,
    output: Path,
    models: Mapping[str, str],
    *,
    workers: int,
    report: Callable[[int], object],
) -> Tally:
    """Read all parts of a plan on the cluster that this process has joined.

    Args:
        plan: what to read.
        source: of the pictures, which all machines of the cluster can open.
        output: the folder of the parts, where all machines can write.
        models: SHA-256 of the LiteRT files to read with, by id.
        workers: how many parts are read at once.
        report: called with the number of pictures that are done, part after part.

    Returns:
        How it ended.
    """
    import ray  # noqa: PLC0415  who joined a cluster has it loaded

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = LARGEST_BLOCK
    read = refused = 0
    started = perf_counter()
    counts = ray.data.from_items(
        [{"part": part.to_json()} for part in plan.parts], override_num_blocks=len(plan.parts)
    ).map(
        _read_row,
        fn_args=(source, output / PARTS_FOLDER, tuple(models.items())),
        compute=ray.data.TaskPoolStrategy(size=workers),
    )
    for row in counts.iter_rows():
        read, refused = read + row["read"], refused + row["refused"]
        report(row["read"] + row["refused"])
    return Tally(read, refused, plan.skipped, perf_counter() - started)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line, that of the process unless it is given; returns the exit status."""
    options = _build_parser().parse_args(words)
    source = Source(options.input.resolve(), options.column)
    output = options.output.resolve()
    try:
        models = _find_models(options.model or DEFAULT_MODEL_IDS)
        plan = plan_reading(source, output, models)
        tally = _read(plan, source, output, models, options)
    except (OSError, ValueError, RayUnavailableError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on.", file=sys.stderr)
        return 130
    print(tally)
    if tally.refused:
        print(f"Why pictures were refused is in {output / REFUSED_FILE}.")
    return 0


def _read_row(
    row: dict[str, Any], source: Source, folder: Path, models: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Read one part in a worker; gives how many pictures were read and refused."""
    part = Part.from_json(row["part"])
    receipt = read_part(part, source, _load_classifiers(models), folder)
    return {"read": len(part) - len(receipt.refusals), "refused": len(receipt.refusals)}


@cache
def _load_classifiers(models: tuple[tuple[str, str], ...]) -> list[Classifier]:
    """The models, once a worker; raises ValueError where they are not those of the SHA-256s."""
    classifiers = [load_classifier(model_id) for model_id, _ in models]
    for classifier, (model_id, digest) in zip(classifiers, models, strict=True):
        if classifier.digest != digest:
            raise ValueError(
                f"expected {model_id} of SHA-256 {digest[:12]}…, this machine has "
                f"{classifier.digest[:12]}…; bring all machines to one version"
            )
    return classifiers


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument(
        "input", type=Path, help="a folder of pictures, of any depth, or of Parquet files; or one"
    )
    parser.add_argument("output", type=Path, help="the folder where what is read is kept")
    parser.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help="read with this model; repeatable, or all (default: the dashboard's three)",
    )
    parser.add_argument(
        "--column", help="of Parquet files, which holds the pictures (default: the only one)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="how many parts are read at once (default: one a processor)",
    )
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="of a Ray cluster (default: this machine alone)"
    )
    return parser


def _find_models(named: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the LiteRT file by id; raises FileNotFoundError for a model there is not."""
    chosen = list_model_ids() if "all" in named else dict.fromkeys(named)
    return {one: load_card(one).files[LITERT_FILE] for one in chosen}


def _read(
    plan: Plan,
    source: Source,
    output: Path,
    models: Mapping[str, str],
    options: argparse.Namespace,
) -> Tally:
    """Read with a progress bar; list what was refused however it ends."""
    from tqdm import tqdm  # noqa: PLC0415  as in the other command lines

    if not plan.parts:
        return Tally(0, 0, plan.skipped, 0.0)
    try:
        with (
            join_cluster(options.address, workers=options.workers) as workers,
            tqdm(total=len(plan), unit=" images") as bar,
        ):
            return read_batch(plan, source, output, models, workers=workers, report=bar.update)
    finally:
        receipts = list_receipts(output / PARTS_FOLDER).values()
        write_refusals([*receipts], output / REFUSED_FILE)


if __name__ == "__main__":
    sys.exit(main())
