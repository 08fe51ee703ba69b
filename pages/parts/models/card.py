"""One model's card: what it is, how it came about, its files."""

from collections.abc import Mapping
from statistics import mean

import streamlit as st

from core.models.card import ModelCard
from core.models.files import KERAS_FILE, LITERT_FILE, read_file
from pages.widgets.cache import get_robustness
from pages.widgets.data import MNIST_TEST
from pages.widgets.wording import format_duration, format_setting, format_value


def show_facts(card: ModelCard) -> None:
    """What it is, in a sentence or two and a few numbers."""
    st.markdown(card.description)
    accuracy = card.metrics["test_accuracy"]
    with st.container(horizontal=True):
        st.metric(
            "MNIST test",
            f"{accuracy.value:.2%}",
            help=f"95 % interval: {accuracy.low:.2%} to {accuracy.high:.2%}",
            width="content",
        )
        robustness = get_robustness(card)
        if robustness:
            st.metric(
                "Corrupted MNIST",
                f"{robustness.counts[MNIST_TEST].average_over_corruptions:.1%}",
                help="Accuracy on the MNIST test set, mean over all corruptions and severities "
                "of the Robustness page",
                width="content",
            )
        st.metric("Parameters", f"{card.parameter_count:,}", width="content")
        if card.best_epoch:
            st.metric("Training", format_duration(card.duration_seconds), width="content")
            st.metric("Epoch kept", card.best_epoch, width="content")
    for sentence in (_describe_seeds(card), _describe_published(card)):
        if sentence:
            st.caption(sentence)


def show_downloads(card: ModelCard) -> None:
    """The model as Keras and as LiteRT file; read only when somebody wants them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in (KERAS_FILE, LITERT_FILE):
            extension = name.rpartition(".")[2]
            st.download_button(
                f".{extension}",
                lambda name=name: read_file(card.id, name),
                file_name=f"{card.id}.{extension}",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{extension}",
            )
        st.caption("Both open in [Netron](https://netron.app), layer by layer.", width="content")


def show_members(card: ModelCard, cards: Mapping[str, ModelCard]) -> None:
    """The members of a committee, each with a link to its card."""
    st.markdown("It has no weights of its own. Its members:")
    for member in card.recipe["members"]:
        if member not in cards:
            st.markdown(f"{member} (not on this machine)")
            continue
        st.page_link(
            "models.py",
            label=f"**{cards[member].title}** · {cards[member].metrics['test_accuracy'].value:.2%}",
            icon=":material/deployed_code:",
            query_params={"model": cards[member].title},
        )


def show_recipe(card: ModelCard, cards: Mapping[str, ModelCard]) -> None:
    """How it was trained, as a table; what was not used is left out."""
    st.table(
        [
            {"Setting": format_setting(name), "Value": format_value(value, cards)}
            for name, value in card.recipe.items()
            if value
        ],
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"Recipe of {card.title}",
    )
    st.caption(
        "Trained with "
        + ", ".join(f"{name} {version}" for name, version in card.library_versions.items())
        + "."
    )


def _describe_seeds(card: ModelCard) -> str:
    if len(card.seed_runs) < 2:
        return ""
    accuracies = [run.test_accuracy for run in card.seed_runs]
    return (
        f"Trained {len(accuracies)} times, from other random numbers each time: "
        f"{mean(accuracies):.2%} on average, {min(accuracies):.2%} to {max(accuracies):.2%}. "
        "The one with the least validation loss was kept."
    )


def _describe_published(card: ModelCard) -> str:
    if card.published.test_accuracy is None:
        return ""
    return f"Published: {card.published.test_accuracy:.2%}, {card.published.source}."
