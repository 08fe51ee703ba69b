"""The card of one model: description, figures, files, members and recipe."""

import re
from collections.abc import Mapping
from functools import partial
from statistics import mean

import streamlit as st

from core.analysis.robustness import Robustness
from core.models.card import Estimate, ModelCard
from core.models.files import KERAS_FILE, LITERT_FILE, is_run, read_file
from core.runs.plan import title_setting
from core.runs.training_data import describe_training_data
from core.server.take_home import write_page
from core.synthesis.corruptions import CORRUPTIONS
from pages.widgets.cache import get_robustness
from pages.widgets.data import CARD_DATASET_TITLES, MNIST_TEST
from pages.widgets.wording import (
    format_duration,
    format_interval,
    format_value,
    title_best_epoch,
)

# What those who invented an architecture reported, where the published figure is somebody else's.
ORIGINAL_RESULTS = {
    "lenet5": "; 99.05% by Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, “Gradient-based learning "
    "applied to document recognition”, 1998",
}


def show_facts(card: ModelCard) -> None:
    """Show the description of a model and its most important figures."""
    st.markdown(card.description)
    with st.container(horizontal=True):
        _show_accuracies(card)
        st.metric("Parameters", f"{card.parameter_count:,}", width="content")
        if card.best_epoch:
            st.metric("Training time", format_duration(card.duration_seconds), width="content")
            st.metric(title_best_epoch(card), card.best_epoch, width="content")
    for sentence in (
        _describe_seeds(card),
        _describe_published(card),
        _describe_real_pictures(card.metrics),
    ):
        if sentence:
            st.caption(sentence)


def show_downloads(card: ModelCard) -> None:
    """Offer the model as files, which are read when they are downloaded, and link to its errors."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in (KERAS_FILE, LITERT_FILE):
            extension = name.rpartition(".")[2]
            st.download_button(
                f".{extension}",
                partial(read_file, card.id, name, card=card),
                file_name=f"{card.id}.{extension}",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{extension}",
            )
        st.download_button(
            "Take home",
            partial(write_page, card),
            file_name=f"{card.id}.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
            key="download_html",
            help="One HTML file with the model and a pad, which works offline, on a phone too.",
        )
        st.caption(
            "[Netron](https://netron.app) opens the first two and shows each layer.",
            width="content",
        )
        st.page_link("errors.py", query_params={"model": card.title, "pair": "all"})
        st.page_link("confusion.py", query_params={"models": card.title})
        st.page_link("robustness.py", query_params={"models": card.title})


def show_members(card: ModelCard, cards: Mapping[str, ModelCard]) -> None:
    """Show the members of an ensemble, each with a link to its card."""
    st.markdown(
        "This model is an ensemble: it has no weights, and averages the probabilities of these "
        "models:"
    )
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
    """Show the settings of the training as a table; settings that were not used are left out."""
    st.table(
        [
            {"Setting": title_setting(name), "Value": format_value(value, cards)}
            for name, value in card.recipe.items()
            if value
        ],
        hide_index=True,
        border="horizontal",
        width="content",
        alt=f"Recipe of {card.title}",
    )
    versions = (f"{name} {version}" for name, version in card.library_versions.items())
    data = describe_training_data(card.trained_on)
    st.caption(f"Training data: {data}. Trained with {', '.join(versions)}.")


def _show_accuracies(card: ModelCard) -> None:
    for name in dict.fromkeys([card.test_set, MNIST_TEST]):
        accuracy = card.find_accuracy(name)
        if accuracy:
            st.metric(
                CARD_DATASET_TITLES[name],
                f"{accuracy.value:.2%}",
                help=f"95% interval: {format_interval(accuracy)}",
                width="content",
            )
    robustness = get_robustness(card)
    if robustness or not is_run(card.id):
        average = robustness.average(MNIST_TEST) if robustness else None
        st.metric(
            "Corrupted MNIST",
            "not measured yet" if average is None else f"{average:.1%}",
            help="Accuracy on the MNIST test set, mean over the corruptions and severities of the "
            "Robustness page" + _describe_unmeasured(robustness),
            width="content",
        )
    _show_real_pictures(card.metrics)


def _show_real_pictures(metrics: Mapping[str, Estimate]) -> None:
    real = metrics.get("real_pictures_accuracy")
    if real:
        st.metric(
            CARD_DATASET_TITLES["real_pictures"],
            f"{real.value:.1%}",
            help=f"95% interval: {format_interval(real, decimals=1)}. Accuracy of the most "
            "probable digit, mean over the kinds of pictures",
            width="content",
        )


def _describe_unmeasured(robustness: Robustness | None) -> str:
    counts = robustness.counts.get(MNIST_TEST) if robustness else None
    titles = [CORRUPTIONS[name].title for name in counts.list_unmeasured()] if counts else []
    return f"; not measured yet: {', '.join(titles)}" if titles else ""


def _describe_seeds(card: ModelCard) -> str:
    if len(card.seed_runs) < 2:
        return ""
    accuracies = [run.test_accuracy for run in card.seed_runs]
    return (
        f"Trained with {len(accuracies)} different seeds: {mean(accuracies):.2%} on average, from "
        f"{min(accuracies):.2%} to {max(accuracies):.2%}. The one with the lowest validation loss "
        "was kept."
    )


def _describe_real_pictures(metrics: Mapping[str, Estimate]) -> str:
    kinds = {
        name.removeprefix("real_pictures_").removesuffix("_accuracy"): metrics[name]
        for name in metrics
        if re.fullmatch("real_pictures_.+_accuracy", name)
    }
    if not kinds:
        return ""
    shares = (
        f"{kind} {one.value:.1%} ({format_interval(one, decimals=1)})"
        for kind, one in kinds.items()
    )
    not_sure, wrong = (metrics[f"real_pictures_{name}"] for name in ("not_sure", "wrong"))
    return (
        f"Real pictures by kind, with 95% intervals: {', '.join(shares)}. Of the "
        f'answers, {not_sure.value:.1%} are "?" and {wrong.value:.1%} are wrong, on average over '
        "the kinds."
    )


def _describe_published(card: ModelCard) -> str:
    if card.published.test_accuracy is None:
        return ""
    published = f"{card.published.test_accuracy:.2%} by {card.published.source}"
    return f"Published: {published}{ORIGINAL_RESULTS.get(card.id, '')}."
