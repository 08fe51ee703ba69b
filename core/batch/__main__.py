"""The command line: ``python -m core.batch INPUT OUTPUT`` classifies a folder of pictures.

Pictures are image files in a folder of any depth, or rows of Parquet files. Files that were
processed before and have not changed since are skipped.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.batch.job import (
    BatchError,
    BatchPlan,
    PackedModel,
    Summary,
    load_model,
    plan_batch,
    run_batch,
)
from core.batch.shards import REJECTED_FILE, SHARDS_FOLDER, Source, list_shards, write_rejected
from core.models.files import (
    DEFAULT_MODEL_IDS,
    DamagedArtifactError,
    is_run,
    list_model_ids,
    load_card,
    runs_directory,
    sign_model_file,
)
from core.ray_cluster import RayUnavailableError, join_cluster

ALL = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, or those of the process; returns the exit status.

    The status is 0, 1 after an error, or 130 after an interrupt.
    """
    options = _build_parser().parse_args(arguments)
    source = Source(options.input.resolve(), options.column)
    output = options.output.resolve()
    try:
        models = _load_models(options.model or DEFAULT_MODEL_IDS)
        plan = plan_batch(source, output, models)
        summary = _run(plan, source, output, models, options)
    except (OSError, ValueError, RayUnavailableError, BatchError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to continue.", file=sys.stderr)
        return 130
    print(summary)
    if summary.rejected:
        print(f"The reasons for rejected pictures are in {output / REJECTED_FILE}.")
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.batch", description=__doc__)
    parser.add_argument(
        "input", type=Path, help="a folder with pictures or Parquet files, or a single such file"
    )
    parser.add_argument("output", type=Path, help="the folder for the predictions")
    parser.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help="a built-in model, or a run that was trained or imported on this machine; repeatable; "
        "all for every built-in model (default: the three models of the dashboard)",
    )
    parser.add_argument(
        "--column", help="the column of Parquet files with the pictures (default: the only one)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="number of worker processes (default: one for each processor)",
    )
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="of a Ray cluster (default: this machine alone)"
    )
    return parser


def _load_models(requested: Sequence[str]) -> list[PackedModel]:
    """Load the requested models; raises FileNotFoundError for one that does not exist."""
    built_in = list_model_ids()
    for model_id in requested:
        if model_id not in (ALL, *built_in) and not (
            is_run(model_id) and sign_model_file(model_id)
        ):
            choices = [*built_in, *map(_describe_run, list_model_ids(runs_directory()))]
            raise FileNotFoundError(
                f"There is no trained model {model_id!r}. Choose one of {', '.join(choices)}."
            )
    model_ids = built_in if ALL in requested else dict.fromkeys(requested)
    return [load_model(model_id) for model_id in model_ids]


def _describe_run(run_id: str) -> str:
    """The id of a run and the title of its model."""
    try:
        return f"{run_id} ({load_card(run_id).title})"
    except DamagedArtifactError:
        return f"{run_id} (damaged)"


def _run(
    plan: BatchPlan,
    source: Source,
    output: Path,
    models: Sequence[PackedModel],
    options: argparse.Namespace,
) -> Summary:
    """Run a plan with a progress bar. The rejected pictures are listed even after an error."""
    from tqdm import tqdm  # noqa: PLC0415  as in the other command lines

    if not plan.shards:
        _list_rejected(output)  # the command may have been killed before it wrote the list
        return Summary(0, 0, plan.skipped, 0.0)
    with (
        join_cluster(options.address, workers=options.workers) as workers,
        tqdm(total=len(plan), unit=" pictures") as bar,
    ):
        try:
            return run_batch(plan, source, output, models, workers=workers, report=bar.update)
        finally:
            _list_rejected(output)


def _list_rejected(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    shards = list_shards(output / SHARDS_FOLDER).values()
    write_rejected([*shards], output / REJECTED_FILE)


if __name__ == "__main__":
    sys.exit(main())
