"""Fine-tuning: ``python -m tests.benchmarks.bench_fine_tuning`` adapts models to one writer.

The simulated writer has styles that MNIST lacks: small zeros with a long slash, ones with a foot,
fours like an L. A model is trained without augmentation, and then fine-tuned with twenty drawings
of the writer, with the settings that the Train page proposes. The gain is measured on further
drawings in the same styles, the loss on the MNIST test set. The table goes to the screen and to
``fine_tuning.md`` beside this file. The exit status is 1 when the gain is too small, or the loss
beyond chance.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.analysis.agreement import Difference, compare_predictions
from core.analysis.metrics import estimate_share
from core.digits.datasets import Dataset, load_mnist
from core.digits.frame import frame_from_strokes
from core.inference.classifier import load_classifier
from core.models.card import Estimate
from core.models.files import RUNS_VARIABLE, load_card
from core.runs.job_files import DRAWINGS
from core.runs.launcher import acquire
from core.runs.plan import TrainingPlan, change_settings
from core.runs.proposals import TUNING_EPOCHS, propose_fine_tuning, propose_plan
from core.runs.recipe import Recipe
from core.runs.run import JOB_DIRECTORY, Run, new_run_id, save_run
from core.synthesis.glyphs import draw_sample
from tests.benchmarks.machine import describe_machine

REPORT = Path(__file__).with_name("fine_tuning.md")
STYLES = ((0, "small with a long slash"), (1, "footed"), (4, "like an L"))
DRAWN, HELD_OUT = 20, 600
MODELS = {"lenet5": "LeNet-5", "logistic_regression": "Logistic regression"}
# The base models have not seen these styles: no augmentation, no painted styles.
PLAIN = TrainingPlan(
    train_fraction=1.0,
    recipe=Recipe(epochs=5, augmentation=False, styles=False, learning_rate=0.001),
)
MIN_GAIN = 0.20


@dataclass(frozen=True)
class Outcome:
    """Accuracy on the writer's further drawings, and on the MNIST test set with its change."""

    style_before: Estimate
    style_after: Estimate
    test_before: Estimate
    test_after: Estimate
    test_change: Difference

    @property
    def gain(self) -> float:
        """On the writer's drawings, 0…1."""
        return self.style_after.value - self.style_before.value


def write_drawings(count: int, *, seed: int) -> Dataset:
    """Drawings of the writer in each style in turn, as frames."""
    random = np.random.default_rng(seed)
    images, labels = [], []
    for number in range(count):
        digit, style = STYLES[number % len(STYLES)]
        strokes = draw_sample(digit, style=style, canvas_size=320, random=random)
        images.append(np.round(frame_from_strokes(strokes) * 255))
        labels.append(digit)
    return Dataset(
        "my_drawings", "My drawings", np.array(images, np.uint8), np.array(labels, np.uint8)
    )


def train(plan: TrainingPlan, drawings: Dataset | None = None) -> str:
    """Train a run as the Train page's process does; returns its id."""
    # It imports TensorFlow, which takes seconds.
    from core.training.train_run import train_run

    run = Run(id=new_run_id(), name="Benchmark", plan=plan.to_fields())
    job = save_run(run) / JOB_DIRECTORY
    job.mkdir()
    if drawings:
        np.savez(job / DRAWINGS, images=drawings.images, labels=drawings.labels)
    if not train_run(run.id, acquire(run.id)):
        raise RuntimeError(f"expected a model, got none; see {job}")
    return run.id


def measure() -> dict[str, Outcome]:
    """Train and fine-tune each model; the outcomes by title."""
    drawn, held_out = write_drawings(DRAWN, seed=1), write_drawings(HELD_OUT, seed=2)
    outcomes = {}
    for model_id, title in MODELS.items():
        plain = change_settings(PLAIN, architecture=model_id)
        before = train(plain)
        proposed = propose_fine_tuning(propose_plan(load_card(model_id)).recipe)
        after = train(change_settings(plain, start_from=before, **proposed), drawn)
        outcomes[title] = compare(before, after, held_out)
    return outcomes


def compare(before: str, after: str, held_out: Dataset) -> Outcome:
    """Two runs on the writer's further drawings and on the MNIST test set."""
    samples = (held_out, load_mnist("test"))
    runs = [load_classifier(run_id) for run_id in (before, after)]
    style, test = (
        [run.probabilities(sample.frames).argmax(axis=1) == sample.labels for run in runs]
        for sample in samples
    )
    estimates = [
        estimate_share(int(right.sum()), len(right)) for rights in (style, test) for right in rights
    ]
    change = compare_predictions("after", "before", test[1], test[0]).difference
    return Outcome(*estimates, change)


def write_report(outcomes: dict[str, Outcome]) -> str:
    """The table, in Markdown."""
    rows = "".join(
        f"| {title} | {_format(one.style_before)} | {_format(one.style_after)} "
        f"| **{100 * one.gain:+.1f}** | {_format(one.test_before)} | {_format(one.test_after)} "
        f"| **{100 * one.test_change.value:+.2f} ({100 * one.test_change.low:+.2f} to "
        f"{100 * one.test_change.high:+.2f})** |\n"
        for title, one in outcomes.items()
    )
    return (
        "| Model | Style before | Style after | **Points** | MNIST test before | MNIST test after "
        f"| **Points** |\n|---|---|---|---|---|---|---|\n{rows}"
    )


def find_shortfalls(outcomes: dict[str, Outcome]) -> list[str]:
    """A sentence for every figure that misses its limit."""
    shortfalls = []
    for title, one in outcomes.items():
        if one.gain < MIN_GAIN:
            shortfalls.append(
                f"expected {title} to gain {100 * MIN_GAIN:.0f} points, got {100 * one.gain:.1f}"
            )
        if one.test_change.high < 0:
            shortfalls.append(
                f"expected {title} to lose nothing on MNIST beyond chance, got "
                f"{100 * one.test_change.value:+.2f} points"
            )
    return shortfalls


def main() -> int:
    """Run the benchmark; returns the exit status."""
    with tempfile.TemporaryDirectory() as runs:
        os.environ[RUNS_VARIABLE] = runs
        outcomes = measure()
    report = write_report(outcomes)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    shortfalls = find_shortfalls(outcomes)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def _format(estimate: Estimate) -> str:
    return f"{estimate.value:.2%} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# What fine-tuning with twenty drawings changes\n\n"
        "Written by `make bench`. The writer is simulated: small zeros with a long slash, ones\n"
        "with a foot, fours like an L. The base models were trained without augmentation and have\n"
        "never seen these styles. Each is trained further with the settings that the Train page\n"
        f"proposes: {TUNING_EPOCHS} epochs on a fifth of MNIST and those of {DRAWN} drawings that\n"
        "are not held out, with a quarter of the learning rate. *Style* is the\n"
        f"accuracy on {HELD_OUT} further drawings in the same styles. In brackets: 95 %\n"
        "intervals; that of the change on MNIST is of the digits that only one of both predicts\n"
        "correctly.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
