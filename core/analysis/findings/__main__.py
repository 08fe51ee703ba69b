"""Find what is wrong with the built-in models: ``python -m core.analysis.findings``.

The findings on the MNIST test set and the bundled digits are stored beside each model.
"""

import sys

from core.analysis.evaluation import Evaluation, evaluate, load_test_evaluation
from core.analysis.findings.finding import Subject
from core.analysis.findings.registry import find_all
from core.analysis.findings.stored import save_findings
from core.analysis.measures import load_measures
from core.digits.datasets import (
    DamagedDatasetError,
    Dataset,
    MnistUnavailableError,
    load_bundled_digits,
    load_mnist,
)
from core.inference.classifier import load_classifier
from core.models.card import ModelCard
from core.models.files import DamagedArtifactError, list_model_ids, load_card


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        datasets = [load_mnist("test"), load_bundled_digits()]
        cards = [load_card(model_id) for model_id in list_model_ids()]
    except (MnistUnavailableError, DamagedDatasetError, DamagedArtifactError) as error:
        print(error, file=sys.stderr)
        return 1
    measures = {dataset.id: load_measures(dataset) for dataset in datasets}
    for card in cards:
        found = {
            dataset.id: find_all(Subject(dataset, _evaluate(card, dataset), measures[dataset.id]))
            for dataset in datasets
        }
        save_findings(card, found)
        counts = (f"{name} {len(findings)}" for name, findings in found.items())
        print(f"{card.id:<22}findings: {', '.join(counts)}")
    return 0


def _evaluate(card: ModelCard, dataset: Dataset) -> Evaluation:
    """The stored probabilities of the model's test set, and new ones of other digits."""
    if dataset.id == card.test_set:
        return load_test_evaluation(card.id, dataset, card=card)
    return evaluate(load_classifier(card.id), dataset)


if __name__ == "__main__":
    sys.exit(main())
