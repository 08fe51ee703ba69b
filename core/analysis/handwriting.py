"""Accuracy on drawings: ``python -m core.analysis.handwriting FILE`` measures every model.

FILE is a gzipped JSON list of ``{"label": 0..9, "strokes": [[[x, y], ...], ...]}``, y downwards.
Each drawing is read twice: as strokes, and as a picture of them, dark on white and off centre, the
way a stranger would upload it. Such a collection serves as validation data and is never trained on.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from core.analysis.evaluation import Evaluation
from core.analysis.metrics import estimate_accuracy
from core.digits.frame import frame_from_image, frame_from_strokes
from core.digits.strokes import Stroke
from core.inference.classifier import Classifier, load_classifier
from core.models.files import list_model_ids

PICTURE_SIDE = 280
PEN_WIDTHS = (10, 28)
# The longer side of a drawing as a share of the picture, least and greatest.
DRAWING_SHARES = (0.35, 0.8)
# Lines are drawn this many times as large and reduced, which smooths their edges.
OVERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class Collection:
    """Labels ``(N,)`` and the strokes of each drawing."""

    labels: npt.NDArray[np.uint8]
    drawings: Sequence[Sequence[Stroke]]


def load_collection(path: Path) -> Collection:
    """Read a collection; raises ValueError when the file is not one."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            items = json.load(file)
        labels = np.array([item["label"] for item in items], np.uint8)
        drawings = [
            [np.array(stroke, dtype=np.float64) for stroke in item["strokes"]] for item in items
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"expected {path.name} to be a gzipped JSON list of label and strokes: {error}"
        ) from error
    return Collection(labels, drawings)


def picture_from_strokes(
    strokes: Sequence[Stroke], *, random: np.random.Generator, side: int = PICTURE_SIDE
) -> Image.Image:
    """Draw strokes dark on white, with a pen, a size and a place that ``random`` chooses."""
    pen = int(random.integers(PEN_WIDTHS[0], PEN_WIDTHS[1] + 1)) * side / PICTURE_SIDE
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0)
    scale = (side - 2 - pen) * random.uniform(*DRAWING_SHARES) / max(float(extent.max()), 1.0)
    # One pixel of paper is left on every side.
    room = side - 2 - pen - extent * scale
    offset = 1 + pen / 2 + random.uniform(0, 1, 2) * room - points.min(axis=0) * scale
    picture = Image.new("L", (side * OVERSAMPLING,) * 2, 255)
    draw = ImageDraw.Draw(picture)
    radius = pen * OVERSAMPLING / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in (stroke * scale + offset) * OVERSAMPLING]
        draw.line(line, fill=0, width=round(2 * radius), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return picture.resize((side, side), Image.Resampling.BOX)


def read_frames(collection: Collection) -> dict[str, npt.NDArray[np.float32]]:
    """The drawings as frames, ``(N, 28, 28)``: from their ``strokes``, and from ``pictures``."""
    random = np.random.default_rng(0)
    pictures = (picture_from_strokes(one, random=random) for one in collection.drawings)
    return {
        "strokes": np.stack([frame_from_strokes(one) for one in collection.drawings]),
        "pictures": np.stack([frame_from_image(one) for one in pictures]),
    }


def measure(classifier: Classifier, labels: npt.NDArray[np.uint8], frames: np.ndarray) -> str:
    """One line of the report: accuracy with its interval, then accuracy digit by digit."""
    evaluation = Evaluation(
        classifier.model_id, classifier.title, labels, classifier.probabilities(frames)
    )
    whole = estimate_accuracy(labels, evaluation.probabilities)
    right = evaluation.predicted == labels
    digits = "  ".join(f"{right[labels == digit].mean():6.1%}" for digit in np.unique(labels))
    return f"{whole.value:7.2%} ({whole.low:.2%} to {whole.high:.2%})   {digits}"


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m core.analysis.handwriting", description="Measure models on drawings."
    )
    parser.add_argument("file", type=Path, help="a gzipped JSON list of labelled strokes")
    arguments = parser.parse_args()
    try:
        collection = load_collection(arguments.file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    sources = read_frames(collection)
    print(f"{len(collection.labels)} drawings: accuracy (95 % interval), then for each digit")
    for model_id in list_model_ids():
        classifier = load_classifier(model_id)
        for source, frames in sources.items():
            print(f"{model_id:<22}{source:<10}{measure(classifier, collection.labels, frames)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
