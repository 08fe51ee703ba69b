"""Real pictures: ``python -m tests.benchmarks.bench_real_pictures`` measures every model on them.

The pictures are those of ``core.analysis.real_pictures``, in the folder that
``DIGITLAB_REAL_PICTURES`` names. Without it, nothing is measured and the report stays as it is. The
tables go to the screen and to ``real_pictures.md`` beside this file. They have numbers only: even
the collections are numbered. Times are of the processor, whatever else the machine does.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import process_time

import numpy as np

from core.analysis.picture_results import (
    LabelledPicture,
    Results,
    estimate_by,
    estimate_mean_over,
    group_by,
    list_numbers,
    list_whole_photographs,
    measure_digit_share,
    predict_pictures,
)
from core.analysis.real_pictures import FOLDER_VARIABLE, load_named_pictures
from core.inference.classifier import load_classifier
from core.models.card import Estimate
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids
from tests.benchmarks.machine import describe_machine
from tests.docs.reports import write_table

REPORT = Path(__file__).with_name("real_pictures.md")
VOTE = "vote of the default models"


def measure_models(
    pictures: Sequence[LabelledPicture],
) -> tuple[dict[str, Results], dict[str, float]]:
    """The results, and the milliseconds to predict a picture, of each model and of the vote."""
    classifiers = {model_id: load_classifier(model_id) for model_id in list_model_ids()}
    voters = {model_id: [classifier] for model_id, classifier in classifiers.items()}
    voters[VOTE] = [classifiers[model_id] for model_id in DEFAULT_MODEL_IDS]
    results: dict[str, Results] = {}
    milliseconds = {}
    for name, models in voters.items():
        started = process_time()
        results[name] = predict_pictures(models, pictures)
        milliseconds[name] = 1000 * (process_time() - started) / len(pictures)
    return results, milliseconds


def write_models(results: Mapping[str, Results], milliseconds: Mapping[str, float]) -> str:
    """A Markdown table with one row per model."""
    header = (
        "Model", "Accuracy, mean over kinds", "Accuracy, mean over sources",
        "Answers: right", "Answers: wrong", 'Answers: "?"',
        "Whole photographs", "Pictures of several digits", "Their digits", "Predicting, ms",
    )  # fmt: skip
    return write_table(
        header,
        [
            (
                name,
                _format(estimate_mean_over(one, "kind")),
                _format(estimate_mean_over(one, "source")),
                *(
                    _format(estimate_mean_over(one, "kind", outcome))
                    for outcome in ("is_answered_right", "is_wrong", "is_refused")
                ),
                _count_right(list_whole_photographs(one)),
                _count_right(list_numbers(one)),
                _share_digits(list_numbers(one)),
                f"{milliseconds[name]:.2f}",
            )
            for name, one in results.items()
        ],
    )


def write_groups(results: Mapping[str, Results], name: str) -> str:
    """A Markdown table of accuracies with one row per ``kind`` or ``source``, a column per model.

    Kinds are sorted by name. Sources are numbered, the one with the most pictures first.
    """
    groups = group_by(next(iter(results.values())), name)
    titles = {key: key for key in groups}
    if name == "source":
        largest = sorted(groups, key=lambda key: (-len(groups[key]), key))
        titles = {key: str(number) for number, key in enumerate(largest, start=1)}
    estimates = {model: estimate_by(one, name) for model, one in results.items()}
    rows = [
        (title, len(groups[key]), *(_format(one[key]) for one in estimates.values()))
        for key, title in titles.items()
    ]
    return write_table((name.capitalize(), "Pictures", *results), rows)


def write_times(pictures: Sequence[LabelledPicture]) -> str:
    """A Markdown table of the time to find digits, with one row per kind, of all pictures."""
    kinds = sorted({picture.kind for picture in pictures})
    groups = [(kind, [one for one in pictures if one.kind == kind]) for kind in kinds]
    rows = []
    for kind, group in [*groups, ("all", pictures)]:
        milliseconds = 1000 * np.array([picture.seconds for picture in group])
        rows.append(
            (
                kind,
                len(group),
                sum(not picture.rows for picture in group),
                f"{np.median(milliseconds):.0f}",
                f"{milliseconds.max():.0f}",
            )
        )
    header = ("Kind", "Pictures", "No digit found", "Finding, median, ms", "Finding, longest, ms")
    return write_table(header, rows)


def main() -> int:
    """Run the benchmark; returns the exit status."""
    if not os.environ.get(FOLDER_VARIABLE):
        print(f"Real pictures were not measured: set {FOLDER_VARIABLE} to a folder of pictures.")
        return 0
    try:
        pictures = load_named_pictures()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    results, milliseconds = measure_models(pictures)
    tables = (
        write_models(results, milliseconds),
        write_groups(results, "kind"),
        write_groups(results, "source"),
        write_times(pictures),
    )
    report = "\n\n".join(tables) + "\n"
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    print(report)
    return 0


def _format(estimate: Estimate) -> str:
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def _count_right(results: Results) -> str:
    return f"{sum(result.is_right for result in results)} of {len(results)}" if results else "–"


def _share_digits(results: Results) -> str:
    return f"{measure_digit_share(results):.1%}" if results else "–"


def write_introduction() -> str:
    """Describe in Markdown what the report measures."""
    return (
        "# Accuracy on real pictures\n\n"
        "Written by `make bench` where the folder of pictures is at hand. People took, scanned\n"
        "or painted these pictures to try their own programs. They are validation data: no model\n"
        "was trained on them, but the way to find digits was chosen with their help. They are not\n"
        "part of this repository. Each cell is a share of pictures of one digit with its 95 %\n"
        "Wilson interval. A mean over kinds or sources gives each of them the same weight; its\n"
        "interval has Kish's effective number of trials.\n\n"
        "The accuracy counts the most probable digit, as on other data sets; a picture in which\n"
        "no digit or several were found is wrong. The answers are those that a page shows. An\n"
        'answer with "?", or none, is neither right nor wrong, and counted on its own. Whole\n'
        "photographs are those of one digit that was not cut out. Of pictures of several digits,\n"
        "those with all digits right are counted, and the share of right digits by edit distance.\n"
        "Times are of the processor, for one picture.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
