"""Forecast: ``python -m tests.benchmarks.bench_forecast`` compares it with what trainings take.

For each plan the time is measured as the Train page does, the whole training is forecast, and then
it runs in a process of its own, as every training does. Nothing is known of this machine before the
first measurement. The table goes to the screen and to ``forecast.md`` beside this file. The exit
status is 1 when a forecast misses by more than a quarter.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from core.models.files import RUNS_VARIABLE
from core.runs.forecast import forecast_training
from core.runs.layers import read_layers
from core.runs.plan import TrainingPlan, change_settings
from core.runs.recipe import Recipe
from core.runs.run import JOB_DIRECTORY, Run, new_run_id, save_run
from core.runs.time_measurement import measure_time
from core.runs.training_data import MNIST_VALIDATION_SIZE
from tests.benchmarks.machine import describe_machine

REPORT = Path(__file__).with_name("forecast.md")
SHORT = TrainingPlan(train_fraction=0.1, recipe=Recipe(epochs=4))
LAYERS = "Conv2D.16.3_MaxPooling2D_Conv2D.32.3_MaxPooling2D_Flatten_Dense.64"
PLANS = {
    "LeNet-5 with a teacher, 8 epochs, a quarter of the images": change_settings(
        SHORT,
        teachers=("deep_cnn",),
        teacher_temperature=2.0,
        averaging=True,
        epochs=8,
        train_fraction=0.25,
        augmented_copies=4,
    ),
    "MLP, 4 epochs, all images": change_settings(
        SHORT, architecture="mlp", batch_size=128, train_fraction=1.0
    ),
    "Two convolutions of one's own, 4 epochs, a tenth of the images": change_settings(
        SHORT, architecture=None, layers=read_layers(LAYERS)
    ),
}
MAX_ERROR = 0.25


@dataclass(frozen=True)
class Outcome:
    """Seconds that the measurement took, that were forecast, and that the training took."""

    measuring: float
    forecast: float
    taken: float

    @property
    def ratio(self) -> float:
        """The forecast in times of what the training took."""
        return self.forecast / self.taken


def measure() -> Iterator[tuple[str, Outcome]]:
    """The outcome of each plan, by its description."""
    for name, plan in PLANS.items():
        started = perf_counter()
        measure_time(plan)
        measuring = perf_counter() - started
        forecast = forecast_training(plan, plan.images, MNIST_VALIDATION_SIZE)
        if forecast is None:
            raise RuntimeError(f"expected a forecast of {name}, got none")
        yield name, Outcome(measuring, forecast.seconds, train(plan))


def train(plan: TrainingPlan) -> float:
    """Train a run in a process of its own; the seconds it took."""
    run = Run(id=new_run_id(), name="Benchmark", plan=plan.to_fields())
    (save_run(run) / JOB_DIRECTORY).mkdir()
    started = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "core.training", "run", run.id], check=True, capture_output=True
    )
    return perf_counter() - started


def write_report(outcomes: dict[str, Outcome]) -> str:
    """The table, in Markdown."""
    rows = "".join(
        f"| {name} | {one.measuring:.0f} | {one.forecast:.0f} | {one.taken:.0f} "
        f"| **{one.ratio:.2f}** |\n"
        for name, one in outcomes.items()
    )
    header = "| Training | Measurement, s | Forecast, s | Training, s | **Ratio** |\n"
    return f"{header}|---|---|---|---|---|\n{rows}"


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How well the time of a training is forecast\n\n"
        "Written by `make bench`. The time of each plan is measured as *Estimate the training\n"
        "time* on the Train page does, and forecast from that. Then the whole training runs,\n"
        "from the start of its process to the saved model. *Ratio* is the forecast divided by\n"
        "what it took.\n\n"
    )


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with tempfile.TemporaryDirectory() as runs:
        os.environ[RUNS_VARIABLE] = runs
        outcomes = dict(measure())
    report = write_report(outcomes)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    missed = {name: one for name, one in outcomes.items() if abs(one.ratio - 1) > MAX_ERROR}
    for name, one in missed.items():
        sys.stderr.write(
            f"expected {name} within {MAX_ERROR:.0%}, got a ratio of {one.ratio:.2f}\n"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
