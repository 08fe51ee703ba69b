"""Uploads: ``python -m tests.benchmarks.bench_uploads`` measures accuracy on simulated uploads.

Each scene of ``tests.benchmarks.scenes`` is drawn many times, from generated digits in every style;
no data set is involved. The table goes to the screen and to ``uploads.md`` beside this file. The
exit status is 1 when the accuracy of LeNet-5 is below its limit on a scene of a bug report.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.analysis.metrics import estimate_share
from core.digits.found_digits import list_digits
from core.digits.frame import FRAME_SIZE, EmptyDrawingError
from core.inference.classifier import load_classifier
from core.inference.number import find_in_image
from core.models.card import Estimate
from core.models.files import list_model_ids
from core.synthesis.glyphs import draw_sample, list_styles
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.scenes import SCENES, Scene

REPORT = Path(__file__).with_name("uploads.md")
# At its limit, LeNet-5 then has an interval of about ± 2.5 percentage points.
PICTURES = 300
GUARANTEED_MODEL = "lenet5"
GUARANTEED_SHARE = 0.95
GUARANTEED_SCENES = (
    "marker on white",
    "grey on grey",
    "ballpoint on lined paper",
    "photograph with a shadow",
)
# Digits are drawn on a canvas of this side. Scenes choose the size and position in the picture.
CANVAS_SIZE = 400


@dataclass(frozen=True, eq=False)
class SceneResult:
    """The frames of one scene, drawn ``N`` times.

    Attributes:
        labels: ``(N,)`` the digits that were drawn.
        frames: ``(N, 28, 28)``; without any ink where none, or more than one digit, was found.
        milliseconds: the median time of ``find_in_image``.
    """

    labels: npt.NDArray[np.uint8]
    frames: npt.NDArray[np.float32]
    milliseconds: float


def list_digits_with_styles(count: int) -> list[tuple[int, str]]:
    """List digits with styles: every digit equally often, and each of its styles equally often."""
    return [
        (index % 10, list_styles(index % 10)[index // 10 % len(list_styles(index % 10))])
        for index in range(count)
    ]


def draw_scene(scene: Scene, *, count: int, seed: int) -> SceneResult:
    """Draw ``count`` pictures of a scene, and find the frame in each."""
    random = np.random.default_rng(seed)
    frames, seconds = [], []
    for digit, style in list_digits_with_styles(count):
        strokes = draw_sample(digit, style=style, canvas_size=CANVAS_SIZE, random=random)
        picture = scene(strokes, random)
        started = perf_counter()
        frames.append(_find_frame(picture))
        seconds.append(perf_counter() - started)
    labels = np.array([digit for digit, _ in list_digits_with_styles(count)], np.uint8)
    return SceneResult(labels, np.stack(frames), 1000 * float(np.median(seconds)))


def measure_models(
    results: Mapping[str, SceneResult], model_ids: Sequence[str]
) -> dict[str, dict[str, Estimate]]:
    """Compute the accuracy by scene and model id; a frame without ink counts as wrong."""
    shares: dict[str, dict[str, Estimate]] = {name: {} for name in results}
    for model_id in model_ids:
        classifier = load_classifier(model_id)
        for name, result in results.items():
            predicted = classifier.probabilities(result.frames).argmax(axis=1)
            right = (predicted == result.labels) & result.frames.any(axis=(1, 2))
            shares[name][model_id] = estimate_share(int(right.sum()), len(right))
    return shares


def write_table(
    results: Mapping[str, SceneResult], shares: Mapping[str, Mapping[str, Estimate]]
) -> str:
    """Format a Markdown table with one row per scene and one column per model."""
    model_ids = list(next(iter(shares.values())))
    lines = [
        "| Simulated picture | Count | " + " | ".join(model_ids) + " | Finding the ink, ms |",
        "|---|---" + "|---" * len(model_ids) + "|---|",
    ]
    for name, result in results.items():
        cells = [
            f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
            for share in shares[name].values()
        ]
        mark = " *" if name in GUARANTEED_SCENES else ""
        count = len(result.labels)
        lines.append(
            f"| {name}{mark} | {count} | {' | '.join(cells)} | {result.milliseconds:.0f} |"
        )
    return "\n".join(lines) + "\n"


def find_shortfalls(shares: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    """List, in sentences, the scenes on which the accuracy is below its limit."""
    return [
        f"expected an accuracy of {GUARANTEED_MODEL} of {GUARANTEED_SHARE:.0%} on {name!r}, got "
        f"{shares[name][GUARANTEED_MODEL].value:.1%}"
        for name in GUARANTEED_SCENES
        if shares[name][GUARANTEED_MODEL].value < GUARANTEED_SHARE
    ]


def main() -> int:
    """Run the benchmark; returns the exit status."""
    results = {
        name: draw_scene(scene, count=PICTURES, seed=seed)
        for seed, (name, scene) in enumerate(SCENES.items())
    }
    shares = measure_models(results, list_model_ids())
    table = write_table(results, shares)
    REPORT.write_text(write_introduction() + describe_machine() + table, encoding="utf-8")
    sys.stdout.write(table)
    shortfalls = find_shortfalls(shares)
    sys.stderr.writelines(f"{shortfall}\n" for shortfall in shortfalls)
    return 1 if shortfalls else 0


def _find_frame(picture: Image.Image) -> npt.NDArray[np.float32]:
    """The frame of the digit; without any ink where none, or more than one, was found."""
    try:
        digits = list_digits(find_in_image(picture))
    except EmptyDrawingError:
        digits = []
    return digits[0].frame if len(digits) == 1 else np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)


def write_introduction() -> str:
    """Describe in Markdown what the report measures."""
    return (
        "# Accuracy on simulated uploads\n\n"
        "Written by `make bench`. The pictures are simulated: a program draws digits in all\n"
        "handwriting styles and renders them as painted, scanned or photographed. No picture was\n"
        "taken with a camera. Each cell is the accuracy of a model with its 95 % Wilson interval;\n"
        "the last column is the median time to find the ink. The accuracy of LeNet-5 must be at\n"
        f"least {GUARANTEED_SHARE:.0%} for the pictures marked *.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
