"""A run beside a reference model: accuracies, differences of their recipes, and a test."""

from collections.abc import Mapping

import streamlit as st

from core.analysis.agreement import compare_pairs
from core.models.card import ModelCard
from core.runs.comparison import SettingPair, compare_recipes, describe_training, name_architecture
from core.runs.run import Run
from pages.widgets.cache import get_built_in_cards, get_evaluation
from pages.widgets.data import BUNDLED_DIGITS_TEST, MNIST_TEST, get_dataset
from pages.widgets.paired_comparison import show_comparisons
from pages.widgets.pickers import order_models
from pages.widgets.test_sets import explain_test_sets, name_test_set
from pages.widgets.wording import escape_markdown, format_interval, format_value


def pick_reference(run_id: str, runs: Mapping[str, Run], cards: Mapping[str, ModelCard]) -> str:
    """Let the visitor choose another model; by default a built-in one of the same architecture."""
    options = [model_id for model_id in order_models(cards) if model_id != run_id]
    architecture = name_architecture(cards[run_id], runs[run_id], get_built_in_cards())
    alike = [model_id for model_id in options if cards[model_id].title == architecture]
    return st.selectbox(
        "Compare with",
        options,
        index=options.index(alike[0]) if alike else 0,
        format_func=lambda model_id: cards[model_id].title,
        key="with",
        bind="query-params",
        width=360,
    )


def show_accuracies(*cards: ModelCard) -> None:
    """Show the accuracies of two models, each on its test set, and say where these differ."""
    with st.container(horizontal=True):
        for card in cards:
            accuracy = card.metrics["test_accuracy"]
            st.metric(
                f"{escape_markdown(card.title)}, {name_test_set(card)}",
                f"{accuracy.value:.2%}",
                help=f"95% interval: {format_interval(accuracy)}",
                width="content",
            )
    explain_test_sets(cards)


def show_recipe_differences(
    run_id: str, reference: str, runs: Mapping[str, Run], cards: Mapping[str, ModelCard]
) -> None:
    """Show the settings that differ as a table."""
    built_in = get_built_in_cards()
    settings = compare_recipes(
        describe_training(cards[run_id], runs[run_id], built_in),
        describe_training(cards[reference], runs.get(reference), built_in),
    )
    differing = [setting for setting in settings if setting.differs]
    titles = cards[run_id].title, cards[reference].title
    if differing:
        st.table(
            [_list_cells(setting, *titles, cards) for setting in differing],
            hide_index=True,
            border="horizontal",
            width="content",
            alt=f"Settings in which {' and '.join(titles)} differ",
        )
    noun = "setting differs" if len(differing) == 1 else "settings differ"
    st.caption(f"{len(differing)} {noun}; {len(settings) - len(differing)} are the same.")


def show_paired_comparison(first: ModelCard, second: ModelCard) -> None:
    """Show whether one of the two models is better, on digits that neither was trained on.

    These are the MNIST test set where it is the test set of both, otherwise that of the bundled
    digits.

    Raises:
        MnistUnavailableError: MNIST is not on this machine.
    """
    both_mnist = first.test_set == second.test_set == MNIST_TEST
    dataset = get_dataset(MNIST_TEST if both_mnist else BUNDLED_DIGITS_TEST)
    if not both_mnist:
        st.caption(
            f"Below, the two models are compared on the {len(dataset):,} test digits of the "
            "bundled digits, which neither learned from."
        )
    show_comparisons(compare_pairs([get_evaluation(card, dataset) for card in (first, second)]))


def _list_cells(
    setting: SettingPair, first: str, second: str, cards: Mapping[str, ModelCard]
) -> dict[str, str]:
    return {
        "Setting": setting.name,
        escape_markdown(first): escape_markdown(_format_value(setting.first, cards)),
        escape_markdown(second): escape_markdown(_format_value(setting.second, cards)),
    }


def _format_value(value: object, cards: Mapping[str, ModelCard]) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if type(value) is int else format_value(value, cards)
