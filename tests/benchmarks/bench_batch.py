"""Batch prediction: ``python -m tests.benchmarks.bench_batch`` classifies 20,000 pictures.

Three more pictures are broken: they must be listed as rejected. A second run of the same command
must skip all pictures. The rates with one and with two workers are compared with plain Keras on the
same machine within the same minutes, so that the ratios hold on other machines. The tables are
printed and written to ``batch.md`` beside this file. The exit status is 1 when a picture is missing
or a ratio is below its minimum.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pyarrow.parquet as pq

from core.digits.found_digits import list_digits
from core.digits.image_file import read_image
from core.inference.number import find_in_image
from core.models.files import ARTIFACTS_DIRECTORY, DEFAULT_MODEL_IDS, KERAS_FILE
from tests.benchmarks.machine import describe_machine
from tests.pictures import write_broken_pictures, write_pictures

REPORT = Path(__file__).with_name("batch.md")
ROOT = Path(__file__).resolve().parents[2]
PICTURES = 20_000
# So many that the start of the workers hardly counts, and that Keras takes half a minute.
SOME_PICTURES = 10_000
KERAS_PICTURES = 150
MIN_RATIO = 10
MIN_SPEEDUP = 1.3
SUMMARY = re.compile(
    r"Classified ([\d,]+) pictures, rejected ([\d,]+), skipped ([\d,]+), ([\d,]+) pictures/s"
)


@dataclass(frozen=True)
class CommandResult:
    """The summary that one run of the command printed, and its duration in seconds."""

    predicted: int
    rejected: int
    skipped: int
    rate: float
    seconds: float


def run_command(folder: Path, output: Path, *, workers: int) -> CommandResult:
    """Run the command line once."""
    arguments = ["-m", "core.batch", str(folder), str(output), f"--workers={workers}"]
    started = perf_counter()
    process = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds = perf_counter() - started
    summary = SUMMARY.search(process.stdout)
    if summary is None:
        raise RuntimeError(f"expected a summary, got {process.stdout!r}")
    predicted, rejected, skipped, rate = (int(text.replace(",", "")) for text in summary.groups())
    return CommandResult(predicted, rejected, skipped, rate, seconds)


def measure_keras(files: Sequence[Path]) -> float:
    """Measure pictures per second with the same preprocessing and ``predict`` of three models."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from core.training import architectures  # noqa: F401  registers this project's layer with Keras

    models = [
        keras.saving.load_model(ARTIFACTS_DIRECTORY / model_id / KERAS_FILE, compile=False)
        for model_id in DEFAULT_MODEL_IDS
    ]

    def predict(file: Path) -> None:
        frame = list_digits(find_in_image(read_image(file.read_bytes())))[0].frame
        for model in models:
            model.predict(frame[None], verbose=0)

    predict(files[0])
    started = perf_counter()
    for file in files:
        predict(file)
    return len(files) / (perf_counter() - started)


def write_report(
    keras_rate: float,
    by_workers: dict[int, CommandResult],
    full: tuple[CommandResult, CommandResult],
) -> str:
    """Format both tables in Markdown."""
    first, second = full
    lines = [
        "| PNG files through the three models | Images/s | **Ratio** |",
        "|---|---|---|",
        f"| `keras_model.predict`, picture by picture | {keras_rate:.1f} | 1 |",
        *(
            f"| Digit Lab, {workers} worker{'s' * (workers > 1)} | {result.rate:.0f} "
            f"| **{result.rate / keras_rate:.0f}** |"
            for workers, result in by_workers.items()
        ),
        "",
        "| Start, with 2 workers | Predicted | Rejected | Skipped | Seconds in total |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {result.predicted:,} | {result.rejected:,} | {result.skipped:,} "
            f"| {result.seconds:.0f} |"
            for name, result in (("first", first), ("second", second))
        ),
    ]
    return "\n".join(lines) + "\n"


def find_shortfalls(
    keras_rate: float,
    by_workers: dict[int, CommandResult],
    full: tuple[CommandResult, CommandResult],
    rows: int,
) -> list[str]:
    """List, in sentences, the figures that are below their minimum."""
    first, second = full
    scaling = by_workers[2].rate / by_workers[1].rate
    ratio = by_workers[1].rate / keras_rate
    counts = [
        (
            (first.predicted, first.rejected, rows),
            (PICTURES, 3, PICTURES),
            "predicted, rejected and written",
        ),
        ((second.predicted, second.skipped), (0, PICTURES + 3), "predicted and skipped again"),
    ]
    sentences = [
        f"expected {expected} {what}, got {got}"
        for got, expected, what in counts
        if got != expected
    ]
    if ratio < MIN_RATIO:
        sentences.append(f"expected {MIN_RATIO} times the rate of Keras, got {ratio:.1f}")
    if scaling < MIN_SPEEDUP:
        sentences.append(f"expected two workers to be {MIN_SPEEDUP} times as fast as one, "
                         f"got {scaling:.2f}")  # fmt: skip
    return sentences


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_pictures(folder / "some", SOME_PICTURES)
        write_pictures(folder / "all", PICTURES)
        write_broken_pictures(folder / "all")
        keras_rate = measure_keras(sorted((folder / "some").rglob("*.png"))[:KERAS_PICTURES])
        by_workers = {
            workers: run_command(folder / "some", folder / f"{workers}", workers=workers)
            for workers in (1, 2)
        }
        first, second = (run_command(folder / "all", folder / "out", workers=2) for _ in range(2))
        rows = pq.read_table(folder / "out" / "parts", columns=["path"]).num_rows
    report = write_report(keras_rate, by_workers, (first, second))
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(keras_rate, by_workers, (first, second), rows)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """Describe in Markdown what the report measures."""
    return (
        "# How fast pictures in folders are predicted\n\n"
        "Written by `make bench`. The pictures are digits drawn by a program, 112 × 112 pixels\n"
        "each; three of the files are broken. `python -m core.batch` and plain Keras run on the\n"
        "same machine within the same minutes. The rates leave out the start of Ray; the seconds\n"
        "include it.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
