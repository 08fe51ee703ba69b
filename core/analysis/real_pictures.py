"""Accuracy on real pictures: ``python -m core.analysis.real_pictures`` measures every model.

The environment variable ``DIGITLAB_REAL_PICTURES`` names a folder with pictures that people took or
painted, and a file ``index.json``: a list of ``{"file": …, "digits": "7", "kind": …, "source": …,
"cut_from_sheet": …}``. Such pictures are validation data, never training data.

With ``--save``, the figures are added to the cards of the models, which are not trained again.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.analysis.picture_results import (
    LabelledPicture,
    Results,
    estimate_by,
    estimate_mean_over,
    find_timed,
    list_numbers,
    list_whole_photographs,
    measure_digit_share,
    predict_pictures,
)
from core.digits.image_file import read_image
from core.inference.classifier import load_classifier
from core.inference.number import find_in_image
from core.models.card import Estimate
from core.models.files import list_model_ids
from core.models.publish import replace_metrics

FOLDER_VARIABLE = "DIGITLAB_REAL_PICTURES"
INDEX_FILE = "index.json"
# What the names of these figures on a card begin with.
METRIC_PREFIX = "real_pictures_"


def load_pictures(folder: Path) -> list[LabelledPicture]:
    """Find the digits in all pictures of a folder.

    Raises:
        ValueError: its index is missing, has another form, or lists no picture of one digit.
    """
    try:
        items = json.loads((folder / INDEX_FILE).read_bytes())
        pictures = [_load_picture(folder, item) for item in items]
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"The folder {folder} has no index of pictures: {error}") from error
    if all(len(picture.digits) != 1 for picture in pictures):
        raise ValueError(f"The index of the folder {folder} lists no picture of one digit.")
    return pictures


def load_named_pictures() -> list[LabelledPicture]:
    """Find the digits in the pictures of the folder that the variable names.

    Raises:
        ValueError: it names none, or as ``load_pictures``.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise ValueError(f"Set {FOLDER_VARIABLE} to a folder of pictures.")
    return load_pictures(Path(folder))


def _load_picture(folder: Path, item: Mapping[str, object]) -> LabelledPicture:
    contents = (folder / str(item["file"])).read_bytes()
    return LabelledPicture(
        str(item["digits"]),
        str(item["kind"]),
        str(item["source"]),
        not item["cut_from_sheet"],
        *find_timed(lambda: find_in_image(read_image(contents))),
    )


def measure_metrics(results: Results) -> dict[str, Estimate]:
    """The figures for the card of a model, by the names that they have there.

    The accuracy, the share of "?" and that of wrong answers are means over kinds.
    """
    means = {"accuracy": "is_right", "not_sure": "is_refused", "wrong": "is_wrong"}
    figures = {name: estimate_mean_over(results, "kind", flag) for name, flag in means.items()}
    by_kind = estimate_by(results, "kind")
    figures |= {f"{kind}_accuracy": estimate for kind, estimate in by_kind.items()}
    return {METRIC_PREFIX + name: estimate for name, estimate in figures.items()}


def format_model(results: Results) -> list[str]:
    """The results of one model, a line for each kind, source and group of pictures."""
    lines = []
    for name in ("kind", "source"):
        lines.append(f"{f'mean over {name}s':<18}{_format(estimate_mean_over(results, name))}")
        estimates = estimate_by(results, name)
        lines += [f"  {key:<16}{_format(estimate)}" for key, estimate in estimates.items()]
    for outcome, title in (("is_refused", '"?"'), ("is_wrong", "wrong answer")):
        mean = estimate_mean_over(results, "kind", outcome)
        lines.append(f"{title:<18}{_format(mean)}, mean over kinds")
    if photos := list_whole_photographs(results):
        lines.append(
            f"whole photographs  {sum(photo.is_right for photo in photos)} of {len(photos)}"
        )
    if numbers := list_numbers(results):
        whole, share = sum(one.is_right for one in numbers), measure_digit_share(numbers)
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
    parser.add_argument("--save", action="store_true", help="add the figures to the cards")
    arguments = parser.parse_args()
    try:
        pictures = load_named_pictures()
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
        classifier = load_classifier(model_id)
        results = predict_pictures([classifier], pictures)
        print(f"\n{model_id}")
        print("\n".join(format_model(results)))
        if arguments.save:
            replace_metrics(model_id, classifier.digest, METRIC_PREFIX, measure_metrics(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
