"""Cached loaders: thin wrappers that keep what ``core`` loads or computes between reruns."""

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
from core.artifacts import (
    LITERT_FILE,
    ModelCard,
    Replication,
    list_model_ids,
    load_card,
    load_replication,
    read_file,
)
from core.digits.datasets import (
    Dataset,
    MnistUnavailableError,
    find_mnist,
    load_bundled_digits,
    load_mnist,
)
from core.inference.activations import (
    Activation,
    FirstLayer,
    read_activations,
    read_first_layer,
)
from core.inference.classifier import Classifier, load_classifier

MNIST_TEST = "mnist_test"
BUNDLED_DIGITS = "bundled_digits"
DATASET_TITLES = {MNIST_TEST: "MNIST test", BUNDLED_DIGITS: "Bundled digits"}
# What cards hold figures of, the pen digits among them, which are no data set of this repository.
CARD_DATASET_TITLES = {
    **DATASET_TITLES,
    "pen_strokes": "Pen digits, as strokes",
    "pen_pictures": "Pen digits, as pictures",
}
# The accuracy on each, as cards name it.
METRIC_TITLES = {
    "test_accuracy": CARD_DATASET_TITLES[MNIST_TEST],
    "bundled_digits_accuracy": CARD_DATASET_TITLES[BUNDLED_DIGITS],
    "pen_strokes_accuracy": CARD_DATASET_TITLES["pen_strokes"],
    "pen_pictures_accuracy": CARD_DATASET_TITLES["pen_pictures"],
}


@st.cache_resource(show_spinner=False)
def get_classifier(model_id: str) -> Classifier:
    """A classifier, shared by all sessions."""
    return load_classifier(model_id)


@st.cache_data(show_spinner=False, ttl=30)
def get_cards() -> dict[str, ModelCard]:
    """The cards of all models there are, by id."""
    return {model_id: load_card(model_id) for model_id in list_model_ids()}


@st.cache_data(show_spinner=False, ttl=30)
def get_replications() -> dict[str, Replication | None]:
    """What training by the published recipes gave, by model."""
    return {model_id: load_replication(model_id) for model_id in list_model_ids()}


@st.cache_resource(show_spinner=False)
def get_first_layer(model_id: str) -> FirstLayer:
    """The weights of a model that look at the pixels."""
    return read_first_layer(read_file(model_id, LITERT_FILE))


def get_activations(model_id: str, frame: np.ndarray) -> tuple[Activation, ...]:
    """What every layer of a model makes of a frame."""
    return read_activations(read_file(model_id, LITERT_FILE), frame)


@st.cache_resource(show_spinner="Loading the digits …")
def get_dataset(dataset_id: str) -> Dataset:
    """A data set; raises MnistUnavailableError or DamagedDatasetError as its loader does."""
    return load_bundled_digits() if dataset_id == BUNDLED_DIGITS else load_mnist("test")


def has_mnist() -> bool:
    """Whether MNIST's images are on this machine."""
    try:
        return find_mnist() is not None
    except MnistUnavailableError:
        return False


@st.cache_resource(show_spinner="Reading the digits …")
def get_evaluation(model_id: str, dataset_id: str) -> Evaluation:
    """What a model says of a data set: stored for the MNIST test set, read now for others."""
    dataset = get_dataset(dataset_id)
    if dataset_id == MNIST_TEST:
        return load_test_evaluation(model_id, dataset)
    return evaluate(get_classifier(model_id), dataset)


def get_report(model_id: str, dataset_id: str) -> Report:
    """The figures of a model on a data set; those on the MNIST test set need no image."""
    if dataset_id == MNIST_TEST:
        return report_from_card(get_cards()[model_id])
    return report_from_evaluation(get_evaluation(model_id, dataset_id))
