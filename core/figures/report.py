"""The report of a comparison: models side by side on one data set, as a page for a lab notebook.

The page is one HTML file without a script, which needs no network and fits a sheet of A4; many
models may need a second one. This module does not know where its values come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil, floor
from pathlib import Path

import numpy as np

from core.analysis.agreement import (
    compare_pairs,
    explain_tests,
    format_p_value,
    list_regions,
)
from core.analysis.cost import PREDICTIONS, Cost
from core.analysis.evaluation import AccuracyReport, Evaluation, report_from_evaluation
from core.analysis.findings.finding import Finding
from core.analysis.findings.model_differences import MAX_BESIDES
from core.analysis.label_errors import list_known_errors
from core.digits.datasets import Dataset
from core.figures.confusion import COLOUR_POWER, find_highest_error_share
from core.figures.digit import png_address
from core.models.card import ModelCard
from core.models.files import LITERT_FILE, is_run
from core.runs.learned_drawings import explain_learned, has_learned_from

# Of all models together.
MAX_PICTURES = 12
# Bounds of the chart of accuracies are multiples of one in so many.
BOUNDS_PER_UNIT = 200


@dataclass(frozen=True, eq=False)
class ReportedModel:
    """A model in a report.

    Attributes:
        colour: in the pages' charts.
        settings: of the training of a run, in words; of a built-in model none, as a command trains
            it again.
    """

    card: ModelCard
    evaluation: Evaluation
    cost: Cost
    colour: str
    settings: Mapping[str, str]

    @cached_property
    def figures(self) -> AccuracyReport:
        """Its accuracy and confusion matrix."""
        return report_from_evaluation(self.evaluation)

    @property
    def command(self) -> str:
        """The command that trains a built-in model again; empty for a run."""
        return "" if is_run(self.card.id) else f"python -m core.training {self.card.id}"

    @property
    def digest(self) -> str:
        """SHA-256 of its LiteRT file, which tells whether a model is the same one."""
        return self.card.files[LITERT_FILE]


@dataclass(frozen=True)
class Advantage:
    """Where one model beats another: slices, the most important first."""

    better: str
    other: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class ReportedDigit:
    """The picture of a digit that one model alone misclassifies; ``index`` is in the data set."""

    index: int
    true: int
    predicted: int
    address: str


@dataclass(frozen=True)
class SingleErrors:
    """The digits that one model alone misclassifies: how many, and some of them."""

    title: str
    total: int
    digits: Sequence[ReportedDigit]


@dataclass(frozen=True)
class Cell:
    """A cell of a confusion matrix; ``strength`` of its colour, 0…1."""

    count: int
    strength: float


def write_report(
    models: Sequence[ReportedModel],
    dataset: Dataset,
    advantages: Sequence[Advantage],
    *,
    address: str,
    created_at: datetime,
) -> str:
    """The HTML file of a comparison.

    Args:
        models: at least two, evaluated on the data set.
        dataset: the digits.
        advantages: of two of the models.
        address: of the page that shows the comparison.
        created_at: with a time zone.
    """
    # The import takes time that only this needs.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,  # names are written by people
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["p_value"] = format_p_value
    evaluations = [model.evaluation for model in models]
    low, high = find_bounds(models)
    return environment.get_template("report.html").render(
        models=models,
        dataset=dataset,
        created_at=created_at,
        address=address,
        learned=[one.card.title for one in models if has_learned_from(one.card, dataset.id)],
        explain_learned=explain_learned,
        low=low,
        high=high,
        pairs=compare_pairs(evaluations),
        matrices=shade_matrices(models),
        advantages=advantages,
        max_slices=MAX_BESIDES,
        single_errors=find_single_errors(evaluations, dataset),
        predictions=PREDICTIONS,
        explain_tests=explain_tests,
        versions=merge_versions(models),
    )


def find_bounds(models: Sequence[ReportedModel]) -> tuple[float, float]:
    """Bounds of an axis with the intervals of all accuracies, 0…1."""
    accuracies = [model.figures.accuracy for model in models]
    low = floor(min(one.low for one in accuracies) * BOUNDS_PER_UNIT) / BOUNDS_PER_UNIT
    high = ceil(max(one.high for one in accuracies) * BOUNDS_PER_UNIT) / BOUNDS_PER_UNIT
    return low, high


def shade_matrices(models: Sequence[ReportedModel]) -> list[list[list[Cell]]]:
    """The cells of the errors of each model, row by row, coloured as on the Compare page."""
    highest = find_highest_error_share(model.figures.confusion for model in models)
    shaded = []
    for model in models:
        confusion = model.figures.confusion
        counts = confusion.counts * (1 - np.eye(len(confusion.counts), dtype=np.int64))
        strengths = (confusion.row_shares / highest).clip(0, 1) ** COLOUR_POWER
        shaded.append(
            [
                [Cell(int(count), float(strength)) for count, strength in zip(*row, strict=True)]
                for row in zip(counts, strengths, strict=True)
            ]
        )
    return shaded


def find_single_errors(evaluations: Sequence[Evaluation], dataset: Dataset) -> list[SingleErrors]:
    """The digits that each model alone misclassifies; those of its most confident errors are shown.

    Digits whose labels are known to be wrong are counted, but not shown.
    """
    known_errors = list_known_errors(dataset.id)
    regions = {region.right: region.indices for region in list_regions(evaluations)}
    found = []
    for place, evaluation in enumerate(evaluations):
        indices = regions[tuple(other != place for other in range(len(evaluations)))]
        sure_first = indices[np.argsort(-evaluation.confidence[indices], kind="stable")]
        shown = [int(index) for index in sure_first if int(index) not in known_errors]
        digits = [
            ReportedDigit(
                index,
                int(dataset.labels[index]),
                int(evaluation.predicted[index]),
                png_address(dataset.images[index]),
            )
            for index in shown[: MAX_PICTURES // len(evaluations)]
        ]
        found.append(SingleErrors(evaluation.title, len(indices), digits))
    return found


def merge_versions(models: Sequence[ReportedModel]) -> list[str]:
    """The versions of the libraries that the models were trained with, such as ``keras 3.15.1``."""
    versions = {
        f"{name} {version}"
        for model in models
        for name, version in model.card.library_versions.items()
    }
    return sorted(versions)
