"""Accuracy on drawings: ``python -m core.analysis.handwriting FILE`` measures every model.

FILE is a gzipped JSON list of ``{"label": 0..9, "strokes": [[[x, y], ...], ...]}``, y downwards.
Each drawing is predicted twice: from its strokes, and from a picture of them, dark on white and off
centre, similar to an uploaded picture. Such a collection is validation data, never training data.
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
from core.digits.found_digits import list_digits
from core.digits.frame import frame_from_strokes
from core.digits.strokes import Stroke
from core.inference.classifier import Classifier, load_classifier
from core.inference.number import find_in_image
from core.models.files import list_model_ids

PICTURE_SIDE = 280
PEN_WIDTHS = (10, 28)
# Smallest and largest share of the picture that the longer side of a drawing takes.
DRAWING_SHARES = (0.35, 0.8)
# Lines are drawn at this many times their size and reduced, which smooths their edges.
OVERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class DrawingCollection:
    """Labels ``(N,)``, the strokes of each drawing, and who drew it where the file says so."""

    labels: npt.NDArray[np.uint8]
    drawings: Sequence[Sequence[Stroke]]
    writers: Sequence[str]


def load_collection(path: Path) -> DrawingCollection:
    """Load a collection of drawings; raises ValueError where the file is not one."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            items = json.load(file)
        labels = np.array([item["label"] for item in items], np.uint8)
        drawings = [
            [np.array(stroke, dtype=np.float64) for stroke in item["strokes"]] for item in items
        ]
        writers = [str(item.get("writer", "")) for item in items]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The file {path} is not a gzipped JSON list of labels and strokes: {error}"
        ) from error
    return DrawingCollection(labels, drawings, writers)


def picture_from_strokes(
    strokes: Sequence[Stroke], *, random: np.random.Generator, side: int = PICTURE_SIDE
) -> Image.Image:
    """Draw strokes dark on white, with a random pen width, size and position.

    Args:
        strokes: ``(n, 2)`` each, x rightwards and y downwards, in any unit.
        random: generator of pen width, size and position.
        side: of the square picture, in pixels.
    """
    pen = int(random.integers(PEN_WIDTHS[0], PEN_WIDTHS[1] + 1)) * side / PICTURE_SIDE
    points = np.concatenate(strokes)
    extent = np.ptp(points, axis=0)
    scale = (side - 2 - pen) * random.uniform(*DRAWING_SHARES) / max(float(extent.max()), 1.0)
    # One pixel of paper is left on every side.
    free_space = side - 2 - pen - extent * scale
    offset = 1 + pen / 2 + random.uniform(0, 1, 2) * free_space - points.min(axis=0) * scale
    return draw_dark_on_white([stroke * scale + offset for stroke in strokes], pen, (side, side))


def draw_dark_on_white(strokes: Sequence[Stroke], pen: float, size: tuple[int, int]) -> Image.Image:
    """Draw strokes with round ends on white paper.

    Args:
        strokes: ``(n, 2)`` each, in pixels.
        pen: its width in pixels.
        size: width and height of the picture in pixels.
    """
    picture = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING), 255)
    draw = ImageDraw.Draw(picture)
    radius = pen * OVERSAMPLING / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in stroke * OVERSAMPLING]
        draw.line(line, fill=0, width=round(2 * radius), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return picture.resize(size, Image.Resampling.BOX)


def build_frames(collection: DrawingCollection) -> dict[str, npt.NDArray[np.float32]]:
    """Convert drawings to frames, ``(N, 28, 28)``, from ``strokes`` and from ``pictures``."""
    random = np.random.default_rng(0)
    pictures = (picture_from_strokes(drawing, random=random) for drawing in collection.drawings)
    return {
        "strokes": np.stack([frame_from_strokes(drawing) for drawing in collection.drawings]),
        "pictures": np.stack(
            [list_digits(find_in_image(picture))[0].frame for picture in pictures]
        ),
    }


def format_accuracy(
    classifier: Classifier, labels: npt.NDArray[np.uint8], frames: np.ndarray
) -> str:
    """Evaluate a model and format its accuracy, with the interval, then the accuracy by digit.

    Args:
        classifier: the model.
        labels: ``(N,)`` true classes.
        frames: ``(N, 28, 28)``.
    """
    evaluation = Evaluation(
        classifier.model_id, classifier.title, labels, classifier.probabilities(frames)
    )
    accuracy = estimate_accuracy(labels, evaluation.probabilities)
    right = evaluation.predicted == labels
    digits = "  ".join(f"{right[labels == digit].mean():6.1%}" for digit in np.unique(labels))
    return f"{accuracy.value:7.2%} ({accuracy.low:.2%} to {accuracy.high:.2%})   {digits}"


def load_named_collection(module: str, description: str) -> DrawingCollection | None:
    """Load the collection that the command line names; None, after a message, where it is none."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("file", type=Path, help="a gzipped JSON list of labelled strokes")
    try:
        return load_collection(parser.parse_args().file)
    except ValueError as error:
        print(error, file=sys.stderr)
        return None


def main() -> int:
    """Run the command line; returns the exit status."""
    collection = load_named_collection("core.analysis.handwriting", "Measure models on drawings.")
    if collection is None:
        return 1
    sources = build_frames(collection)
    print(f"{len(collection.labels)} drawings: accuracy (95% interval), then for each digit")
    for model_id in list_model_ids():
        classifier = load_classifier(model_id)
        for source, frames in sources.items():
            accuracy = format_accuracy(classifier, collection.labels, frames)
            print(f"{model_id:<22}{source:<10}{accuracy}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
