"""After a training: the model beside its parent, and what to try next."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.analysis.agreement import (
    PairedComparison,
    compare_pairs,
    format_p_value,
)
from core.analysis.findings.finding import Finding
from core.analysis.findings.model_differences import MAX_BESIDES
from core.models.card import MNIST_TEST, ModelCard
from core.runs.advice import Advice, EndedTraining, advise
from core.runs.comparison import find_parent
from core.runs.jobs import Job
from core.runs.plan import TrainingPlan, list_trainable
from core.runs.training_data import MY_DRAWINGS_TEST
from pages.parts.train.address import address_plan
from pages.widgets.cache import BY_CONTENT, get_cards, get_differences, get_evaluation
from pages.widgets.data import get_dataset, has_mnist
from pages.widgets.findings import link_to_errors
from pages.widgets.wording import escape_markdown

MAX_CACHED = 60


def show_afterwards(job: Job, *, folded: bool) -> None:
    """Compare a trained model with its parent, and say what to try next; nothing without a model.

    Where it is folded, nothing is computed until it is opened.
    """
    cards = get_cards()
    if job.run.id not in cards:
        return
    if not folded:
        _show(job, cards)
        return
    label, key = "Comparison and what to try next", f"afterwards_{job.run.id}"
    with st.expander(label, key=key, on_change="rerun") as opened:
        if opened.open:
            _show(job, cards)


def _show(job: Job, cards: Mapping[str, ModelCard]) -> None:
    card = cards[job.run.id]
    parent = find_parent(card, job.run.plan, cards)
    worse = _show_comparison(card, parent) if parent and _has_digits(card.test_set) else []
    _show_advice(
        EndedTraining(
            TrainingPlan.from_fields(job.run.plan), job.progress, card, list_trainable(), worse
        ),
        cards,
    )


def _has_digits(test_set: str) -> bool:
    """Whether the digits of a test set can be had; those of drawings are not kept."""
    return test_set != MY_DRAWINGS_TEST and (test_set != MNIST_TEST or has_mnist())


def _show_comparison(card: ModelCard, parent: ModelCard) -> list[Finding]:
    """The numbers of digits, and the slices that got better and worse; returns the worse ones."""
    dataset = get_dataset(card.test_set)
    st.markdown(_describe(_compare(card, parent, dataset.id), parent, len(dataset)))
    better, worse = get_differences(parent, card, dataset), get_differences(card, parent, dataset)
    _show_slices("Better now", better, dataset.id, parent)
    _show_slices("Worse now", worse, dataset.id, card)
    if not better and not worse:
        st.caption("No slice was found that became better or worse by more than chance explains.")
    return worse


@st.cache_data(show_spinner=False, max_entries=MAX_CACHED, hash_funcs=BY_CONTENT)
def _compare(card: ModelCard, parent: ModelCard, dataset_id: str) -> PairedComparison:
    dataset = get_dataset(dataset_id)
    (comparison,) = compare_pairs([get_evaluation(one, dataset) for one in (card, parent)])
    return comparison


def _describe(comparison: PairedComparison, parent: ModelCard, digits: int) -> str:
    p_value = format_p_value(comparison.p_value)
    by_chance = comparison.better is None
    return (
        f"Compared with **{escape_markdown(parent.title)}**, of {digits:,} test digits: "
        f"**{comparison.only_first:,}** newly correct, **{comparison.only_second:,}** newly "
        f"misclassified. The difference is {'no ' if by_chance else ''}more than chance explains "
        f"(McNemar's exact test, p {'' if p_value.startswith('<') else '= '}{p_value})."
    )


def _show_slices(
    title: str, findings: Sequence[Finding], dataset_id: str, wrong: ModelCard
) -> None:
    """Slices with links to the digits in them that the model which is worse there misclassifies."""
    for finding in findings[:MAX_BESIDES]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{title}: {escape_markdown(finding.sentence)}.", width="content")
            link_to_errors(finding, dataset_id, wrong)


def _show_advice(training: EndedTraining, cards: Mapping[str, ModelCard]) -> None:
    found = advise(training)
    if not found:
        return
    st.markdown("**What to try next**")
    for advice in found:
        _show_one(advice, cards)


def _show_one(advice: Advice, cards: Mapping[str, ModelCard]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(advice.reason), width="content")
        st.page_link(
            "train.py",
            label=escape_markdown(advice.action),
            icon=":material/model_training:",
            query_params=address_plan(advice.plan, cards),
        )
