"""Batch reading: ``python -m tests.benchmarks.bench_batch`` reads 20,000 pictures and three more.

The three are broken: they have to be listed, and the rest read; a second start has to skip it all.
How fast that is with one worker and with two is set against plain Keras in the same minutes, so
that the ratios hold elsewhere. The table goes to the screen and to ``batch.md`` beside this file.
The exit status is 1 when a picture is missing or a ratio falls short of what is promised.
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

from core.digits.frame import frame_from_image
from core.digits.image_file import read_image
from core.models.files import ARTIFACTS_DIRECTORY, DEFAULT_MODEL_IDS, KERAS_FILE
from tests.benchmarks.machine import describe_machine
from tests.pictures import write_broken_pictures, write_pictures

REPORT = Path(__file__).with_name("batch.md")
ROOT = Path(__file__).resolve().parents[2]
PICTURES = 20_000
# Enough for the start of workers to weigh little, and for Keras to take half a minute.
SOME_PICTURES = 10_000
KERAS_PICTURES = 150
MIN_RATIO = 10
MIN_SPEEDUP = 1.3
LAST_LINE = re.compile(r"read ([\d,]+), refused ([\d,]+), skipped ([\d,]+), ([\d,]+) images/s")


@dataclass(frozen=True)
class Start:
    """What one start of the command said, and the seconds that all of it took."""

    read: int
    refused: int
    skipped: int
    rate: float
    seconds: float


def start_reading(folder: Path, output: Path, *, workers: int) -> Start:
    """Run the command line once."""
    words = ["-m", "core.batch", str(folder), str(output), f"--workers={workers}"]
    started = perf_counter()
    ended = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds = perf_counter() - started
    found = LAST_LINE.search(ended.stdout)
    if found is None:
        raise RuntimeError(f"expected how many were read, got {ended.stdout!r}")
    read, refused, skipped, rate = (int(one.replace(",", "")) for one in found.groups())
    return Start(read, refused, skipped, rate, seconds)


def measure_keras(files: Sequence[Path]) -> float:
    """Pictures a second, each through the same stem and three times through ``model.predict``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from core.training import architectures  # noqa: F401  registers our own layer with Keras

    models = [
        keras.saving.load_model(ARTIFACTS_DIRECTORY / one / KERAS_FILE, compile=False)
        for one in DEFAULT_MODEL_IDS
    ]

    def read(file: Path) -> None:
        frame = frame_from_image(read_image(file.read_bytes()))
        for model in models:
            model.predict(frame[None], verbose=0)

    read(files[0])
    started = perf_counter()
    for file in files:
        read(file)
    return len(files) / (perf_counter() - started)


def write_report(keras_rate: float, by_workers: dict[int, Start], full: tuple[Start, Start]) -> str:
    """Both tables, in Markdown."""
    first, second = full
    lines = [
        "| PNG files through the three models | Images/s | **Ratio** |",
        "|---|---|---|",
        f"| `keras_model.predict`, picture by picture | {keras_rate:.1f} | 1 |",
        *(
            f"| Digit Lab, {workers} worker{'s' * (workers > 1)} | {one.rate:.0f} "
            f"| **{one.rate / keras_rate:.0f}** |"
            for workers, one in by_workers.items()
        ),
        "",
        "| Start, with 2 workers | Predicted | Refused | Skipped | Seconds in total |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {one.read:,} | {one.refused:,} | {one.skipped:,} | {one.seconds:.0f} |"
            for name, one in (("first", first), ("second", second))
        ),
    ]
    return "\n".join(lines) + "\n"


def find_shortfalls(
    keras_rate: float, by_workers: dict[int, Start], full: tuple[Start, Start], rows: int
) -> list[str]:
    """A sentence for everything that is less than promised."""
    first, second = full
    scaling = by_workers[2].rate / by_workers[1].rate
    ratio = by_workers[1].rate / keras_rate
    found = [
        ((first.read, first.refused, rows), (PICTURES, 3, PICTURES), "read, refused and kept"),
        ((second.read, second.skipped), (0, PICTURES + 3), "read and skipped again"),
    ]
    sentences = [f"expected {want} {what}, got {got}" for got, want, what in found if got != want]
    if ratio < MIN_RATIO:
        sentences.append(f"expected {MIN_RATIO} times the rate of Keras, got {ratio:.1f}")
    if scaling < MIN_SPEEDUP:
        sentences.append(f"expected two workers to read {MIN_SPEEDUP} times as fast as one, "
                         f"got {scaling:.2f}")  # fmt: skip
    return sentences


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with TemporaryDirectory() as temporary:
        place = Path(temporary)
        write_pictures(place / "some", SOME_PICTURES)
        write_pictures(place / "all", PICTURES)
        write_broken_pictures(place / "all")
        keras_rate = measure_keras(sorted((place / "some").rglob("*.png"))[:KERAS_PICTURES])
        by_workers = {
            workers: start_reading(place / "some", place / f"{workers}", workers=workers)
            for workers in (1, 2)
        }
        first, second = (start_reading(place / "all", place / "out", workers=2) for _ in range(2))
        rows = pq.read_table(place / "out" / "parts", columns=["path"]).num_rows
    report = write_report(keras_rate, by_workers, (first, second))
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(keras_rate, by_workers, (first, second), rows)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How fast pictures in folders are predicted\n\n"
        "Written by `make bench`. The pictures are digits drawn by a program, 112 × 112 pixels\n"
        "each; three of the files are broken. `python -m core.batch` and plain Keras run on the\n"
        "same machine within the same minutes. The rates leave out the start of Ray; the seconds\n"
        "include it.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
