"""Before a training: what there is to beat, how long it will take, and what settings changed."""

from collections.abc import Sequence

import streamlit as st

from core.analysis.evaluation import evaluate, report_from_evaluation
from core.digits.datasets import MnistUnavailableError
from core.models.card import Estimate, ModelCard
from core.runs.finished import FinishedRun, list_finished
from core.runs.plan import TrainingPlan
from core.runs.same_layers import find_best_run, find_built_in
from core.runs.training_data import MY_DRAWINGS, TEST_SETS, TooFewDrawingsError
from core.server.model_cache import get_classifier
from pages.parts.train.changes import show_changes
from pages.parts.train.time_forecast import show_time
from pages.parts.train.training_data import (
    Summary,
    count_images,
    find_summary,
    split_own_drawings,
)
from pages.widgets.cache import get_built_in_cards, get_reports
from pages.widgets.data import NoDrawingsError
from pages.widgets.wording import escape_markdown, format_interval


def show_beforehand(plan: TrainingPlan, owner: str) -> None:
    """What a visitor wants to know before a training that can be started."""
    try:
        summary = find_summary(plan)
    except (MnistUnavailableError, NoDrawingsError, TooFewDrawingsError):
        return  # removed a moment ago
    finished = [found for found in list_finished(owner) if found.run.owner == owner]
    _show_to_beat(plan, finished, summary)
    show_time(plan, count_images(plan, summary), summary.validation)
    show_changes(finished)


def _show_to_beat(plan: TrainingPlan, finished: Sequence[FinishedRun], summary: Summary) -> None:
    """The accuracy of the built-in model and of the visitor's best run with the same layers."""
    card = find_built_in(plan, get_built_in_cards())
    best = find_best_run(plan, finished, sha256=summary.sha256)
    named = []
    if card and summary.test:
        named.append(f"{card.title} {_format_accuracy(_measure(card, plan))}")
    if best and best.card:
        accuracy = _format_accuracy(best.card.metrics["test_accuracy"])
        named.append(f"your most accurate run, {escape_markdown(best.run.name)}, {accuracy}")
    if named:
        st.markdown(f"**To beat** ({summary.test_title}): {'; '.join(named)}.")


def _measure(card: ModelCard, plan: TrainingPlan) -> Estimate:
    """The accuracy of a model on the test set of a plan."""
    if plan.training_data == MY_DRAWINGS:  # one visitor's alone, and different after every change
        test = split_own_drawings(plan).test
        return report_from_evaluation(evaluate(get_classifier(card), test)).accuracy
    (report,) = get_reports([card], TEST_SETS[plan.training_data])
    return report.accuracy


def _format_accuracy(accuracy: Estimate) -> str:
    return f"{accuracy.value:.2%} (95% interval {format_interval(accuracy)})"
