"""How well painted, scanned and photographed digits are read: ``make bench``.

The pictures are made from strokes that we wrote ourselves, in every habit. The table goes to the
screen and to ``uploads.md`` beside this file; the exit status is 1 when LeNet-5 reads less of a
required scene than it has to.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from core.analysis.metrics import estimate_share
from core.artifacts import list_model_ids
from core.digits.frame import FRAME_SIZE, EmptyDrawingError, frame_from_image
from core.digits.samples import draw_sample
from core.inference.classifier import load_classifier
from tests.benchmarks.scenes import REQUIRED_SCENES, SCENES, Scene

PICTURES = 200
SEED = 11
REQUIRED_SHARE = 0.95
REPORT = Path(__file__).with_name("uploads.md")


def main() -> int:
    """Measure every scene with every model; returns the exit status."""
    model_ids = list_model_ids()
    rows = [["Scene", *model_ids, "Milliseconds"]]
    shares = {}
    for name, scene in SCENES.items():
        labels, frames, milliseconds = read_scene(scene)
        cells = []
        for model_id in model_ids:
            right = load_classifier(model_id).probabilities(frames).argmax(axis=1) == labels
            share = estimate_share(int(right.sum()), len(labels))
            cells.append(f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})")
            shares[name, model_id] = share.value
        rows.append([name, *cells, f"{milliseconds:.0f}"])
    REPORT.write_text(_tabulate(rows), "utf-8")
    print(_tabulate(rows))
    missed = [name for name in REQUIRED_SCENES if shares[name, "lenet5"] < REQUIRED_SHARE]
    if missed:
        print(f"LeNet-5 reads less than {REQUIRED_SHARE:.0%} of: {', '.join(missed)}")
    return 1 if missed else 0


def read_scene(scene: Scene) -> tuple[np.ndarray, np.ndarray, float]:
    """Labels, frames and the median time in milliseconds that finding a frame took.

    A picture in which no ink is found gives an empty frame, which no model reads right but by luck.
    """
    random = np.random.default_rng(SEED)
    labels = np.arange(PICTURES) % 10
    frames, seconds = [], []
    for label in labels:
        picture = scene(draw_sample(int(label), canvas_size=1000, random=random), random)
        started = perf_counter()
        try:
            frames.append(frame_from_image(picture))
        except EmptyDrawingError:
            frames.append(np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32))
        seconds.append(perf_counter() - started)
    return labels, np.stack(frames), 1000 * float(np.median(seconds))


def _tabulate(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return (
        f"Share read right of {PICTURES} pictures a scene (95 % Wilson interval), and the median "
        "time to find the frame.\n\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
