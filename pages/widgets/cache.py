"""Cards, models and what ``core`` computes with them, kept between reruns."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.analysis.evaluation import (
    Evaluation,
    Report,
    evaluate,
    load_test_evaluation,
    report_from_card,
    report_from_evaluation,
)
from core.analysis.robustness import Robustness, load_robustness, measure_amount
from core.digits.datasets import (
    Dataset,
)
from core.figures.style import colour_models
from core.inference.activations import (
    Activation,
    FirstLayer,
    read_activations,
    read_first_layer,
)
from core.models.card import Estimate, ModelCard, Replication
from core.models.files import LITERT_FILE, list_model_ids, load_card, load_replication, read_file
from core.runs.finished import cards_by_id, list_finished
from core.server.model_cache import get_classifier
from core.synthesis.corruptions import find_corruption
from pages.widgets.visitor import get_owner

if TYPE_CHECKING:
    pass
from pages.widgets.data import MNIST_TEST, MY_DRAWINGS, get_dataset

# Cards and what lies beside them may be replaced by a training meanwhile: so they are read again
# after so many seconds, but not so often that they are strewn all over the memory.
SECONDS_TO_TRUST = 600
# Of all visitors' runs together; a model's answers to 10,000 digits take 400 kB.
MAX_CACHED_MODELS = 60
# What two calls must have in common to be answered alike. A run that goes on to be trained keeps
# its id, but is another model then.
BY_CONTENT = {
    ModelCard: lambda one: (one.id, one.files[LITERT_FILE]),
    Dataset: lambda one: hashlib.sha256(one.images.tobytes() + one.labels.tobytes()).digest(),
}


def get_cards() -> dict[str, ModelCard]:
    """The cards of all models that the visitor may ask, by id: built-in ones, then their runs.

    What one visitor may ask is kept for no other, nor for a later rerun: a run may be new, called
    otherwise or deleted by then.
    """
    return cards_by_id(list_finished(get_owner()), get_built_in_cards())


@st.cache_resource(show_spinner=False, ttl=SECONDS_TO_TRUST)
def get_built_in_cards() -> dict[str, ModelCard]:
    """The cards of the models that are everybody's, by id."""
    return {model_id: load_card(model_id) for model_id in list_model_ids()}


def get_colours(model_ids: Iterable[str]) -> dict[str, str]:
    """The colours of models, the same on every page of a visitor."""
    return colour_models(list(dict.fromkeys([*get_cards(), *model_ids])))


@st.cache_resource(show_spinner=False, ttl=SECONDS_TO_TRUST)
def get_replications() -> dict[str, Replication | None]:
    """What training by the published recipes gave, by model."""
    return {model_id: load_replication(model_id) for model_id in list_model_ids()}


@st.cache_resource(show_spinner=False, ttl=SECONDS_TO_TRUST, hash_funcs=BY_CONTENT)
def get_robustness(card: ModelCard) -> Robustness | None:
    """What was measured of a model on corrupted digits, or None."""
    return load_robustness(card.id)


@st.cache_data(show_spinner=False, max_entries=500, hash_funcs=BY_CONTENT)
def estimate_corrupted(
    card: ModelCard, dataset: Dataset, corruption_id: str, amount: float | None
) -> Estimate:
    """A model's accuracy on a corrupted data set, or untouched where the amount is None."""
    return measure_amount(get_classifier(card), dataset, find_corruption(corruption_id), amount)


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def get_first_layer(card: ModelCard) -> FirstLayer:
    """The weights of a model that look at the pixels."""
    return read_first_layer(read_file(card.id, LITERT_FILE))


def get_activations(card: ModelCard, frame: np.ndarray) -> tuple[Activation, ...]:
    """What every layer of a model makes of a frame."""
    return read_activations(read_file(card.id, LITERT_FILE), frame)


def get_evaluation(card: ModelCard, dataset: Dataset) -> Evaluation:
    """What a model says of a data set that ``get_dataset`` gave."""
    if dataset.id == MY_DRAWINGS:  # of one visitor, and another one after every change
        return evaluate(get_classifier(card), dataset)
    return replace(_load_evaluation(card, dataset.id), title=card.title)


@st.cache_resource(
    show_spinner="Reading the digits …",
    max_entries=MAX_CACHED_MODELS,
    hash_funcs=BY_CONTENT,
)
def _load_evaluation(card: ModelCard, dataset_id: str) -> Evaluation:
    """Stored for the MNIST test set, read now for others."""
    dataset = get_dataset(dataset_id)
    if dataset_id == MNIST_TEST:
        return load_test_evaluation(card.id, dataset)
    return evaluate(get_classifier(card), dataset)


def get_reports(cards: Sequence[ModelCard], dataset_id: str) -> list[Report]:
    """The figures of models on a data set; those on the MNIST test set need no image.

    Raises:
        NoDrawingsError: it is the visitor's drawings, and there are none.
    """
    if dataset_id == MNIST_TEST:
        return [report_from_card(card) for card in cards]
    dataset = get_dataset(dataset_id)
    return [report_from_evaluation(get_evaluation(card, dataset)) for card in cards]
