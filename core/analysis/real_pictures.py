"""Accuracy on real pictures: ``python -m core.analysis.real_pictures`` measures every model.

The environment variable ``DIGITLAB_REAL_PICTURES`` names a folder with pictures that people took or
painted, and a file ``index.json``: a list of ``{"file": …, "digits": "7", "kind": …, "source": …,
"cut_from_sheet": …}``. Such pictures are validation data, never training data.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter

import numpy as np

from core.analysis.metrics import estimate_share
from core.digits.image_file import read_image
from core.digits.segmentation import DigitRows, list_digits
from core.inference.classifier import Classifier, load_classifier
from core.inference.number import find_in_image
from core.models.card import Estimate
from core.models.files import list_model_ids

FOLDER_VARIABLE = "DIGITLAB_REAL_PICTURES"
INDEX_FILE = "index.json"
PHOTO = "photo"


@dataclass(frozen=True, eq=False)
class RealPicture:
    """A picture and what was found in it.

    Attributes:
        digits: what it shows, in reading order, without spaces or newlines.
        kind: how it was made: ``photo``, ``scan`` or another word.
        source: the collection that it is from.
        is_whole: whether it is a picture as it was taken, not a digit cut out of one.
        rows: the digits found; none where it was refused.
        seconds: to decode it and to find them.
    """

    digits: str
    kind: str
    source: str
    is_whole: bool
    rows: DigitRows
    seconds: float


def load_pictures(folder: Path) -> list[RealPicture]:
    """Find the digits in all pictures of a folder.

    Raises:
        ValueError: its index is missing or has another form.
    """
    try:
        items = json.loads((folder / INDEX_FILE).read_bytes())
        return [_load_picture(folder, item) for item in items]
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"The folder {folder} has no index of pictures: {error}") from error


def _load_picture(folder: Path, item: Mapping[str, object]) -> RealPicture:
    contents = (folder / str(item["file"])).read_bytes()
    started = perf_counter()
    try:
        rows = find_in_image(read_image(contents))
    except ValueError:  # refused: not a picture, or no ink in it
        rows = ()
    return RealPicture(
        str(item["digits"]),
        str(item["kind"]),
        str(item["source"]),
        not item["cut_from_sheet"],
        rows,
        perf_counter() - started,
    )


def predict_texts(classifier: Classifier, pictures: Sequence[RealPicture]) -> list[str]:
    """The most probable digits of each picture in reading order; nothing where it was refused."""
    found = [list_digits(picture.rows) for picture in pictures]
    frames = np.array([digit.frame for digits in found for digit in digits], np.float32)
    predicted = classifier.probabilities(frames.reshape(-1, 28, 28)).argmax(axis=1)
    rest = iter(predicted.tolist())
    return ["".join(str(next(rest)) for _ in digits) for digits in found]


def estimate_by(
    pictures: Sequence[RealPicture], texts: Sequence[str], name: str
) -> dict[str, Estimate]:
    """The accuracy for each ``kind`` or ``source`` of pictures of one digit."""
    pairs = [
        (getattr(picture, name), text == picture.digits)
        for picture, text in zip(pictures, texts, strict=True)
        if len(picture.digits) == 1
    ]
    pairs.sort()
    groups = {key: [is_right for _, is_right in group] for key, group in groupby(pairs, _first)}
    return {key: estimate_share(sum(group), len(group)) for key, group in groups.items()}


def _first(pair: tuple[str, bool]) -> str:
    return pair[0]


def measure_edit_distance(predicted: str, true: str) -> int:
    """Levenshtein's distance: how many digits to insert, leave out or replace."""
    distances = [*range(len(true) + 1)]
    for row, character in enumerate(predicted, start=1):
        diagonal, distances[0] = distances[0], row
        for column, other in enumerate(true, start=1):
            diagonal, distances[column] = (
                distances[column],
                min(
                    distances[column] + 1,
                    distances[column - 1] + 1,
                    diagonal + (character != other),
                ),
            )
    return distances[-1]


def format_model(pictures: Sequence[RealPicture], texts: Sequence[str]) -> list[str]:
    """The results of one model, a line for each kind, source and group of pictures."""
    lines = []
    for name in ("kind", "source"):
        estimates = estimate_by(pictures, texts, name)
        mean = np.mean([estimate.value for estimate in estimates.values()])
        lines.append(f"mean over {name}s  {mean:.1%}")
        lines += [f"  {key:<10}{_format(estimate)}" for key, estimate in estimates.items()]
    pairs = [*zip(pictures, texts, strict=True)]
    photos = [
        text == picture.digits
        for picture, text in pairs
        if len(picture.digits) == 1 and picture.kind == PHOTO and picture.is_whole
    ]
    if photos:
        lines.append(f"whole photographs  {sum(photos)} of {len(photos)}")
    numbers = [(picture.digits, text) for picture, text in pairs if len(picture.digits) > 1]
    if numbers:
        wrong = sum(measure_edit_distance(text, true) for true, text in numbers)
        share = 1 - wrong / sum(len(true) for true, _ in numbers)
        whole = sum(text == true for true, text in numbers)
        lines.append(f"several digits  {whole} of {len(numbers)} pictures, {share:.1%} of digits")
    return lines


def _format(estimate: Estimate) -> str:
    return f"{estimate.value:7.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m core.analysis.real_pictures", description="Measure models on real pictures."
    )
    parser.add_argument("--models", nargs="+", default=list_model_ids(), metavar="ID")
    arguments = parser.parse_args()
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        print(f"Set {FOLDER_VARIABLE} to a folder of pictures.", file=sys.stderr)
        return 1
    try:
        pictures = load_pictures(Path(folder))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    seconds = np.array([picture.seconds for picture in pictures])
    refused = sum(not picture.rows for picture in pictures)
    print(
        f"{len(pictures)} pictures, {refused} refused; to decode one and to find its digits: "
        f"median {1000 * np.median(seconds):.0f} ms, longest {1000 * seconds.max():.0f} ms"
    )
    for model_id in arguments.models:
        print(f"\n{model_id}")
        print("\n".join(format_model(pictures, predict_texts(load_classifier(model_id), pictures))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
