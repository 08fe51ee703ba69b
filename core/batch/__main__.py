"""The command line: ``python -m core.batch INPUT OUTPUT`` reads a folder of pictures.

Pictures are image files in a folder of any depth, or rows of Parquet files. What was read before is
skipped, as long as its file is as it was.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.batch.parts import PARTS_FOLDER, REFUSED_FILE, Source, list_shards, write_rejected
from core.batch.reading import (
    Model,
    Plan,
    ReadingError,
    Summary,
    load_model,
    plan_reading,
    read_batch,
)
from core.models.files import (
    DEFAULT_MODEL_IDS,
    DamagedArtifactError,
    list_model_ids,
    load_card,
    runs_directory,
)
from core.ray_cluster import RayUnavailableError, join_cluster

ALL = "all"


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line, that of the process unless it is given; returns the exit status."""
    options = _build_parser().parse_args(words)
    source = Source(options.input.resolve(), options.column)
    output = options.output.resolve()
    try:
        models = _find_models(options.model or DEFAULT_MODEL_IDS)
        plan = plan_reading(source, output, models)
        tally = _read(plan, source, output, models, options)
    except (OSError, ValueError, RayUnavailableError, ReadingError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on.", file=sys.stderr)
        return 130
    print(tally)
    if tally.refused:
        print(f"Why pictures were refused is in {output / REFUSED_FILE}.")
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.batch", description=__doc__)
    parser.add_argument(
        "input", type=Path, help="a folder of pictures, of any depth, or of Parquet files; or one"
    )
    parser.add_argument("output", type=Path, help="the folder where what is read is kept")
    parser.add_argument(
        "--model",
        action="append",
        metavar="ID",
        help="read with this model, built-in or a run that was trained or imported here; "
        "repeatable; all for the built-in ones (default: the dashboard's three)",
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


def _find_models(named: Sequence[str]) -> list[Model]:
    """The models to read with; raises FileNotFoundError for one that is not there."""
    built_in, runs = list_model_ids(), list_model_ids(runs_directory())
    for model_id in set(named) - {ALL, *built_in, *runs}:
        choices = [*built_in, *map(_name_of_run, runs)]
        raise FileNotFoundError(
            f"expected the id of a trained model, got {model_id!r}; choices are "
            f"{', '.join(choices)}"
        )
    return [load_model(one) for one in (built_in if ALL in named else dict.fromkeys(named))]


def _name_of_run(run_id: str) -> str:
    """The id of a run, and what it was called as it was trained."""
    try:
        return f"{run_id} ({load_card(run_id).title})"
    except DamagedArtifactError:
        return f"{run_id} (damaged)"


def _read(
    plan: Plan,
    source: Source,
    output: Path,
    models: Sequence[Model],
    options: argparse.Namespace,
) -> Summary:
    """Read with a progress bar; list what was refused however it ends."""
    from tqdm import tqdm  # noqa: PLC0415  as in the other command lines

    if not plan.parts:
        _list_refused(output)  # a kill may have come before it
        return Summary(0, 0, plan.skipped, 0.0)
    with (
        join_cluster(options.address, workers=options.workers) as workers,
        tqdm(total=len(plan), unit=" images") as bar,
    ):
        try:
            return read_batch(plan, source, output, models, workers=workers, report=bar.update)
        finally:
            _list_refused(output)


def _list_refused(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    shards = list_shards(output / PARTS_FOLDER).values()
    write_rejected([*shards], output / REFUSED_FILE)


if __name__ == "__main__":
    sys.exit(main())
