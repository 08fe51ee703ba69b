"""Accuracy on numbers: ``python -m core.analysis.numbers FILE`` measures every model.

FILE is a collection of drawings as for ``core.analysis.handwriting``. Digits of one writer are put
side by side to numbers of one to four digits: with random gaps, boxes that may overlap, and random
sizes and baselines. One number in five has a second row. Each is predicted from its strokes and
from a picture of them, dark on white. The numbers are simulated, the digits are not.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.analysis.handwriting import (
    DRAWING_SHARES,
    PEN_WIDTHS,
    PICTURE_SIDE,
    DrawingCollection,
    draw_dark_on_white,
    load_named_collection,
)
from core.analysis.metrics import estimate_share
from core.digits.found_digits import DigitRows
from core.digits.strokes import Stroke
from core.inference.classifier import load_classifier
from core.inference.number import find_in_image, find_in_strokes
from core.inference.number_prediction import predict_numbers
from core.models.files import list_model_ids

MAX_DIGITS = 4
# Of paper around a number, in pixels.
MARGIN = 20
ROWS_SHARE = 0.2
# Smallest and largest, as shares of the digits' size: the gap between two boxes, the change of
# size, the distance of a digit from the line of writing, the gap between two rows.
GAPS = (-0.05, 0.5)
SIZES = (0.85, 1.15)
OFFSETS = (-0.1, 0.1)
ROW_GAPS = (0.15, 0.6)


@dataclass(frozen=True, eq=False)
class WrittenNumber:
    """A number.

    Attributes:
        text: its digits, rows apart by a newline.
        strokes: ``(n, 2)`` each, in pixels.
        pen: its width in pixels.
    """

    text: str
    strokes: Sequence[Stroke]
    pen: int


def compose_numbers(
    collection: DrawingCollection, *, random: np.random.Generator, add_pen_to_gaps: bool = False
) -> Iterator[WrittenNumber]:
    """Make numbers in which each drawing of a collection occurs once.

    The sizes of digits and pens are those of ``handwriting.picture_from_strokes``.

    Args:
        collection: drawings by several writers; a number has digits of one of them.
        random: generator of what is written and of its layout.
        add_pen_to_gaps: whether gaps lie between ink, as in pictures, not between strokes.
    """
    writers = np.array(collection.writers)
    for writer in np.unique(writers):
        rest = random.permutation(np.flatnonzero(writers == writer)).tolist()
        while rest:
            rows = [_take(rest, random)]
            if rest and random.random() < ROWS_SHARE:
                rows.append(_take(rest, random))
            pen = int(random.integers(PEN_WIDTHS[0], PEN_WIDTHS[1] + 1))
            size = PICTURE_SIDE * random.uniform(*DRAWING_SHARES)
            strokes = _write_rows(rows, collection, pen / size * add_pen_to_gaps, random)
            text = "\n".join("".join(str(collection.labels[item]) for item in row) for row in rows)
            yield WrittenNumber(text, [stroke * size for stroke in strokes], pen)


def draw_number(number: WrittenNumber) -> Image.Image:
    """Draw a number dark on white."""
    margin = MARGIN + number.pen / 2
    points = np.concatenate(number.strokes)
    width, height = np.ceil(np.ptp(points, axis=0) + 2 * margin).astype(int).tolist()
    offset = margin - points.min(axis=0)
    return draw_dark_on_white(
        [stroke + offset for stroke in number.strokes], number.pen, (width, height)
    )


def _take(rest: list[int], random: np.random.Generator) -> list[int]:
    count = int(random.integers(1, MAX_DIGITS + 1))
    taken = rest[:count]
    del rest[:count]
    return taken


def _write_rows(
    rows: Sequence[Sequence[int]],
    collection: DrawingCollection,
    pen: float,
    random: np.random.Generator,
) -> list[Stroke]:
    """Rows one below another. Digits are about 1 long; gaps grow by the pen's width."""
    strokes: list[Stroke] = []
    bottom = 0.0
    for row in rows:
        written = _write_row([collection.drawings[index] for index in row], pen, random)
        points = np.concatenate(written)
        top = bottom + random.uniform(*ROW_GAPS) + pen - points[:, 1].min()
        strokes += [stroke + np.array([0, top]) for stroke in written]
        bottom = top + points[:, 1].max()
    return strokes


def _write_row(
    drawings: Sequence[Sequence[Stroke]], pen: float, random: np.random.Generator
) -> list[Stroke]:
    """The digits side by side on a line of writing at 0."""
    strokes: list[Stroke] = []
    right = 0.0
    for drawing in drawings:
        points = np.concatenate(drawing)
        (left, _), extent = points.min(axis=0), np.ptp(points, axis=0)
        scale = random.uniform(*SIZES) / max(float(extent.max()), 1.0)
        left_bottom = np.array([left, points[:, 1].max()])
        place = np.array([right + random.uniform(*GAPS) + pen, random.uniform(*OFFSETS)])
        strokes += [(stroke - left_bottom) * scale + place for stroke in drawing]
        right = place[0] + float(extent[0]) * scale
    return strokes


def find_numbers(
    collection: DrawingCollection,
) -> dict[str, tuple[list[str], list[DigitRows]]]:
    """The true texts and the digits found, from ``strokes`` and from ``pictures``."""
    numbers = [*compose_numbers(collection, random=np.random.default_rng(0))]
    drawn = [*compose_numbers(collection, random=np.random.default_rng(0), add_pen_to_gaps=True)]
    return {
        "strokes": (
            [number.text for number in numbers],
            [find_in_strokes(number.strokes) for number in numbers],
        ),
        "pictures": (
            [number.text for number in drawn],
            [find_in_image(draw_number(number)) for number in drawn],
        ),
    }


def format_result(texts: Sequence[str], predicted: Sequence[str]) -> str:
    """The share of numbers that are right, with the interval; then by number of digits."""
    right = np.array([text == other for text, other in zip(texts, predicted, strict=True)])
    rows = np.array(["\n" in text for text in texts])
    groups = [~rows & (np.array([*map(len, texts)]) == count) for count in range(1, MAX_DIGITS + 1)]
    whole = estimate_share(int(right.sum()), len(right))
    shares = "  ".join(f"{right[group].mean():6.1%}" for group in [*groups, rows] if group.any())
    return f"{whole.value:7.2%} ({whole.low:.2%} to {whole.high:.2%})   {shares}"


def main() -> int:
    """Run the command line; returns the exit status."""
    collection = load_named_collection("core.analysis.numbers", "Measure models on numbers.")
    if collection is None:
        return 1
    sources = find_numbers(collection)
    print("accuracy (95% interval), then of numbers of one to four digits and of two rows")
    for model_id in list_model_ids():
        classifier = load_classifier(model_id)
        for source, (texts, found) in sources.items():
            predicted = [number.text for number in predict_numbers(found, [classifier])]
            print(f"{model_id:<22}{source:<10}{format_result(texts, predicted)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
