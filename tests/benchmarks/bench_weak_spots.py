"""Weak spots: ``python -m tests.benchmarks.bench_weak_spots`` plants some and looks for them.

Thin and leaning digits of each class of the MNIST test set, 2 % of all digits, are mislabelled or
blurred in turn. The first finding has to name them. Then right and wrong are shuffled, and nothing
must be found. The table goes to the screen and to ``weak_spots.md`` beside this file. The exit
status is 1 when one of ten is not named, or more than one of twenty shuffles has a finding.
"""

import sys
from pathlib import Path

import numpy as np

from core.analysis.evaluation import load_test_evaluation
from core.analysis.findings.slice_search import find_slices
from core.analysis.measures import load_measures
from core.digits.datasets import load_mnist
from core.inference.classifier import load_classifier
from tests.benchmarks.machine import describe_machine
from tests.planted_slices import BLURRED, MISLABELLED, is_named, plant

REPORT = Path(__file__).with_name("weak_spots.md")
MODELS = {"lenet5": "LeNet-5", "mlp": "MLP"}
BLURS = (2.5, 3.5, 4.5)
PLANTINGS, MIN_NAMED = 10, 9
SHUFFLES, MAX_FOUND = 20, 1


def count_named(model_id: str) -> dict[str, int]:
    """How many of ten plantings, one a class, are named first, by what is planted."""
    dataset, classifier = load_mnist("test"), load_classifier(model_id)
    evaluation = load_test_evaluation(model_id, dataset)

    def count(kind: str, blur: float = 0.0) -> int:
        return sum(
            is_named(plant(kind, digit, dataset, evaluation, classifier, blur=blur))
            for digit in range(PLANTINGS)
        )

    blurred = {f"Blurred by {blur} pixels": count(BLURRED, blur) for blur in BLURS}
    return {"Mislabelled": count(MISLABELLED), **blurred}


def count_found(model_id: str) -> int:
    """In how many shuffles of right and wrong a slice is found."""
    dataset = load_mnist("test")
    wrong = load_test_evaluation(model_id, dataset).predicted != dataset.labels
    measures = load_measures(dataset)
    shuffles = (np.random.default_rng(seed).permutation(wrong) for seed in range(SHUFFLES))
    return sum(bool(find_slices(dataset.labels, measures, event)) for event in shuffles)


def write_report(named: dict[str, dict[str, int]], found: dict[str, int]) -> str:
    """The table, in Markdown.

    Args:
        named: by the title of the model, then by what is planted.
        found: by the title of the model.
    """
    titles = [*named]
    kinds = [*named[titles[0]]]
    rows = [(kind, *(f"{named[one][kind]} of {PLANTINGS}" for one in titles)) for kind in kinds]
    shuffled = ("Shuffled, something found", *(f"{found[one]} of {SHUFFLES}" for one in titles))
    table = [("", *titles), ("---",) * (len(titles) + 1), *rows, shuffled]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


def main() -> int:
    """Run the benchmark; returns the exit status."""
    named = {title: count_named(model_id) for model_id, title in MODELS.items()}
    found = {title: count_found(model_id) for model_id, title in MODELS.items()}
    report = write_report(named, found)
    REPORT.write_text(write_introduction() + describe_machine() + report, encoding="utf-8")
    sys.stdout.write(report)
    least = min(count for counts in named.values() for count in counts.values())
    return int(least < MIN_NAMED or max(found.values()) > MAX_FOUND)


def write_introduction() -> str:
    """What the report measures, in Markdown."""
    return (
        "# How often planted weak spots are found\n\n"
        "Written by `make bench`. Thin and leaning digits of one class of the MNIST test set, 2 %\n"
        "of all digits, are mislabelled as another class, or blurred with a Gaussian filter of\n"
        "this standard deviation. A planting counts as found where the first slice has more than\n"
        "half of the errors among the planted digits, and these are more than half of its errors.\n"
        "Unsure predictions count as errors where no slice is misclassified too often: the page\n"
        "shows unsure slices first then. Last, right and wrong are shuffled over all digits.\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
