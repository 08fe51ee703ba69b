"""Cards, models and what ``core`` computes with them, kept between reruns.

What is computed of a model is kept by the model's id and the SHA-256 of its file: a model that was
trained again has figures of its own.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.analysis.cost import Cost, measure_cost
from core.analysis.evaluation import (
    AccuracyReport,
    Evaluation,
    evaluate,
    load_test_evaluation,
    report_from_card,
    report_from_evaluation,
)
from core.analysis.findings.finding import Finding, Subject
from core.analysis.findings.model_differences import find_model_differences
from core.analysis.findings.registry import find_all
from core.analysis.findings.stored import load_findings
from core.analysis.measures import Measures, load_measures
from core.analysis.robustness import Robustness, load_robustness, measure_amount
from core.digits.datasets import Dataset
from core.figures.style import colour_models
from core.inference.activations import (
    Activation,
    FirstLayer,
    read_activations,
    read_first_layer,
)
from core.models.card import Estimate, ModelCard, Replication
from core.models.files import (
    LITERT_FILE,
    ROBUSTNESS_FILE,
    DamagedArtifactError,
    FileSignature,
    list_model_ids,
    load_replication,
    locate_replication,
    read_file,
    sign_file,
    sign_model_file,
)
from core.server import model_cache
from core.server.model_cache import get_classifier
from core.synthesis.corruptions import find_corruption
from pages.widgets.data import MY_DRAWINGS, get_dataset
from pages.widgets.visitor import get_owner

logger = logging.getLogger(__name__)

# Of all visitors' runs together; a model's probabilities for 10,000 digits take 400 kB.
MAX_CACHED_MODELS = 60
# What identifies a card and a data set: two calls with the same ones have the same result.
BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {
    ModelCard: lambda card: (card.id, card.files[LITERT_FILE]),
    Dataset: lambda data: hashlib.sha256(data.images.tobytes() + data.labels.tobytes()).digest(),
}
# The same where the result names the models: a run may be renamed.
BY_NAME = BY_CONTENT | {
    ModelCard: lambda card: (card.id, card.title, card.files[LITERT_FILE]),
}


def get_cards() -> dict[str, ModelCard]:
    """The cards of all models that the visitor may use, by id: built-in ones, then their runs.

    They are looked up at every rerun: a run may be new, renamed or deleted, and a built-in model
    trained again.
    """
    return model_cache.list_cards(get_owner())


def get_built_in_cards() -> dict[str, ModelCard]:
    """The cards of the models that belong to everybody, by id, without damaged ones."""
    return model_cache.list_built_in_cards()


def get_colours(model_ids: Iterable[str]) -> dict[str, str]:
    """The colours of models, the same on every page of a visitor."""
    return colour_models(list(dict.fromkeys([*get_cards(), *model_ids])))


def get_replications() -> dict[str, Replication | None]:
    """The results of training by the published recipes, by model; None where there is none."""
    return {
        model_id: _load_replication(model_id, sign_file(locate_replication(model_id)))
        for model_id in list_model_ids()
    }


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS)
def _load_replication(model_id: str, signature: FileSignature | None) -> Replication | None:
    with _log_damage():
        return load_replication(model_id) if signature else None
    return None


def get_robustness(card: ModelCard) -> Robustness | None:
    """A model's accuracy on corrupted digits as far as it was measured; None where it was not."""
    return _load_robustness(card, sign_model_file(card.id, ROBUSTNESS_FILE))


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def _load_robustness(card: ModelCard, signature: FileSignature | None) -> Robustness | None:
    found = None
    with _log_damage():
        found = load_robustness(card.id) if signature else None
    # Another model may just have been published in the place of this card's.
    return found if found and found.model_sha256 == card.files[LITERT_FILE] else None


@contextmanager
def _log_damage() -> Iterator[None]:
    """Damaged figures are as good as not measured: the pages show the other figures."""
    try:
        yield
    except DamagedArtifactError as error:
        logger.warning("%s", error, exc_info=error)


@st.cache_data(show_spinner=False, max_entries=500, hash_funcs=BY_CONTENT)
def estimate_corrupted(
    card: ModelCard, dataset: Dataset, corruption_id: str, amount: float | None
) -> Estimate:
    """A model's accuracy on a corrupted data set; on the unchanged one where the amount is None."""
    return measure_amount(get_classifier(card), dataset, find_corruption(corruption_id), amount)


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def get_first_layer(card: ModelCard) -> FirstLayer:
    """The weights of a model's first layer that has any."""
    return read_first_layer(read_file(card.id, LITERT_FILE, card=card))


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def get_cost(card: ModelCard) -> Cost:
    """What a model costs: the time of a prediction on this machine, file size, multiplications."""
    return measure_cost(get_classifier(card), read_file(card.id, LITERT_FILE, card=card))


def get_activations(card: ModelCard, frame: np.ndarray) -> tuple[Activation, ...]:
    """The output of every layer of a model for a frame."""
    return read_activations(read_file(card.id, LITERT_FILE, card=card), frame)


def get_evaluation(card: ModelCard, dataset: Dataset) -> Evaluation:
    """A model's probabilities for a data set that ``get_dataset`` returned."""
    if dataset.id == MY_DRAWINGS:  # one visitor's alone, and different after every change
        return evaluate(get_classifier(card), dataset)
    return replace(_load_evaluation(card, dataset.id), title=card.title)


@st.cache_resource(
    show_spinner="Predicting …",
    max_entries=MAX_CACHED_MODELS,
    hash_funcs=BY_CONTENT,
)
def _load_evaluation(card: ModelCard, dataset_id: str) -> Evaluation:
    """Stored for the model's test set, computed now for others."""
    dataset = get_dataset(dataset_id)
    if dataset_id == card.test_set:
        return load_test_evaluation(card.id, dataset, card=card)
    return evaluate(get_classifier(card), dataset)


def get_reports(cards: Sequence[ModelCard], dataset_id: str) -> list[AccuracyReport]:
    """The figures of models on a data set; those on a model's own test set need no image.

    Raises:
        NoDrawingsError: the data set is the visitor's drawings, and there are none.
        MnistUnavailableError: a model has another test set than MNIST's, whose images are missing.
    """
    return [
        report_from_card(card)
        if dataset_id == card.test_set
        else report_from_evaluation(get_evaluation(card, get_dataset(dataset_id)))
        for card in cards
    ]


def get_measures(dataset: Dataset) -> Measures:
    """Thickness, slant and so on of the digits of a data set that ``get_dataset`` returned."""
    return load_measures(dataset) if dataset.id == MY_DRAWINGS else _load_measures(dataset.id)


@st.cache_resource(show_spinner="Measuring the digits …")
def _load_measures(dataset_id: str) -> Measures:
    return load_measures(get_dataset(dataset_id))


def get_findings(card: ModelCard, dataset: Dataset) -> list[Finding]:
    """What is wrong with a model on a data set that ``get_dataset`` returned."""
    if dataset.id == MY_DRAWINGS:
        return _find_in_drawings(card, dataset)
    return _find_in_dataset(card, dataset.id)


@st.cache_data(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def _find_in_drawings(card: ModelCard, dataset: Dataset) -> list[Finding]:
    return find_all(get_subject(card, dataset))


@st.cache_data(
    show_spinner="Looking for weak spots …", max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT
)
def _find_in_dataset(card: ModelCard, dataset_id: str) -> list[Finding]:
    """Stored for built-in models, found now for others."""
    stored = load_findings(card, dataset_id)
    return find_all(get_subject(card, get_dataset(dataset_id))) if stored is None else stored


def get_differences(card: ModelCard, better: ModelCard, dataset: Dataset) -> list[Finding]:
    """Where another model beats the one of a card, on a data set that ``get_dataset`` returned."""
    if dataset.id == MY_DRAWINGS:
        return _find_differences_in_drawings(card, better, dataset)
    return _find_differences_in_dataset(card, better, dataset.id)


@st.cache_data(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_NAME)
def _find_differences_in_drawings(
    card: ModelCard, better: ModelCard, dataset: Dataset
) -> list[Finding]:
    return find_model_differences(get_subject(card, dataset), get_evaluation(better, dataset))


@st.cache_data(
    show_spinner="Looking for weak spots …", max_entries=MAX_CACHED_MODELS, hash_funcs=BY_NAME
)
def _find_differences_in_dataset(
    card: ModelCard, better: ModelCard, dataset_id: str
) -> list[Finding]:
    dataset = get_dataset(dataset_id)
    return find_model_differences(get_subject(card, dataset), get_evaluation(better, dataset))


def get_subject(card: ModelCard, dataset: Dataset) -> Subject:
    """What findings are about: a model's predictions for a data set, and measures of its digits."""
    return Subject(dataset, get_evaluation(card, dataset), get_measures(dataset))
