"""A run beside another model: how their recipes differ, and whether one is really better."""

from collections.abc import Mapping

import streamlit as st

from core.analysis.agreement import compare_pairs
from core.models.card import ModelCard
from core.runs.comparison import compare_recipes, describe_training, name_architecture
from core.runs.run import Run
from pages.widgets.cache import get_built_in_cards, get_evaluation
from pages.widgets.data import MNIST_TEST, get_dataset
from pages.widgets.paired_comparison import show_comparisons
from pages.widgets.pickers import order_models
from pages.widgets.wording import format_value


def pick_rival(run_id: str, runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> str:
    """Another model; the built-in one of the same architecture to begin with."""
    options = [one for one in order_models(cards) if one != run_id]
    alike = name_architecture(cards[run_id], runs[run_id], get_built_in_cards())
    start = next((one for one in options if cards[one].title == alike), options[0])
    return st.selectbox(
        "Compare with",
        options,
        index=options.index(start),
        format_func=lambda model_id: cards[model_id].title,
        key="with",
        bind="query-params",
        width=360,
    )


def show_accuracies(*cards: ModelCard) -> None:
    """The accuracies on the MNIST test set."""
    with st.container(horizontal=True):
        for card in cards:
            accuracy = card.metrics["test_accuracy"]
            st.metric(
                card.title,
                f"{accuracy.value:.2%}",
                help=f"95 % interval: {accuracy.low:.2%} to {accuracy.high:.2%}",
                width="content",
            )


def show_settings(
    run_id: str, rival: str, runs: Mapping[str, Run], cards: Mapping[str, ModelCard]
) -> None:
    """The settings that differ, as a table."""
    first, second = cards[run_id], cards[rival]
    built_in = get_built_in_cards()
    settings = compare_recipes(
        describe_training(first, runs[run_id], built_in),
        describe_training(second, runs.get(rival), built_in),
    )
    differing = [one for one in settings if one.differs]
    if differing:
        st.table(
            [
                {
                    "Setting": one.name,
                    first.title: _say(one.first, cards),
                    second.title: _say(one.second, cards),
                }
                for one in differing
            ],
            hide_index=True,
            border="horizontal",
            width="content",
            alt=f"Settings in which {first.title} and {second.title} differ",
        )
    alike = len(settings) - len(differing)
    noun = "setting" if len(differing) == 1 else "settings"
    st.caption(f"They differ in {len(differing)} {noun}; {alike} are the same.")


def show_difference(first: ModelCard, second: ModelCard) -> None:
    """Whether one reads the MNIST test set better than the other.

    Raises:
        MnistUnavailableError: its labels are not on this machine.
    """
    dataset = get_dataset(MNIST_TEST)
    show_comparisons(compare_pairs([get_evaluation(one, dataset) for one in (first, second)]))


def _say(value: object, cards: Mapping[str, ModelCard]) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if type(value) is int else format_value(value, cards)
