"""Features, maps and weak spots of models for data sets, kept between reruns."""

import logging
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.analysis.digit_map import DigitMap, lay_out_by_pca, load_maps
from core.analysis.findings.finding import Finding
from core.analysis.findings.members import find_members
from core.analysis.robustness import take_sample
from core.digits.datasets import Dataset, load_mnist
from core.inference.features import FeatureExtractor
from core.models.card import MNIST, ModelCard
from core.models.files import (
    LITERT_FILE,
    MAP_FILE,
    DamagedArtifactError,
    FileSignature,
    read_file,
    sign_model_file,
)
from pages.widgets.cache import BY_CONTENT, MAX_CACHED_MODELS, get_subject
from pages.widgets.data import MY_DRAWINGS, has_mnist

logger = logging.getLogger(__name__)

# The features of 10,000 digits take 30 MB for the model with the most.
MAX_CACHED_FEATURES = 6
# The training digits that are searched. Some models would need minutes for all 60,000.
TRAINING_DIGITS = 10_000
# Other data sets than drawings are the same for everybody, and do not change.
BY_DIGITS = {
    **BY_CONTENT,
    Dataset: lambda one: BY_CONTENT[Dataset](one) if one.id == MY_DRAWINGS else one.id,
}


def get_map(card: ModelCard, dataset: Dataset) -> DigitMap:
    """The stored map of a data set for a model; where there is none, one by PCA."""
    stored = _load_maps(card, sign_model_file(card.id, MAP_FILE)).get(dataset.id)
    return stored or _lay_out(card, dataset)


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def _load_maps(card: ModelCard, signature: FileSignature | None) -> Mapping[str, DigitMap]:
    if signature:
        try:
            return load_maps(card.id)
        except DamagedArtifactError as error:  # as good as not computed
            logger.warning("%s", error, exc_info=error)
    return {}


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_DIGITS)
def _lay_out(card: ModelCard, dataset: Dataset) -> DigitMap:
    return lay_out_by_pca(get_features(card, dataset))


@st.cache_resource(
    show_spinner="Looking for the digits …",
    max_entries=MAX_CACHED_MODELS,
    hash_funcs={**BY_DIGITS, Finding: lambda one: (one.kind, one.scope)},
)
def get_members(finding: Finding, card: ModelCard, dataset: Dataset) -> npt.NDArray[np.bool_]:
    """Which of the ``(N,)`` digits of a data set a finding in a model is about."""
    return find_members(finding, get_subject(card, dataset))


@st.cache_resource(
    show_spinner="Computing features …", max_entries=MAX_CACHED_FEATURES, hash_funcs=BY_DIGITS
)
def get_features(card: ModelCard, dataset: Dataset) -> np.ndarray:
    """The features ``(N, F)`` of a data set for a model."""
    return get_extractor(card).run(dataset.frames)


@st.cache_resource(show_spinner=False, max_entries=MAX_CACHED_MODELS, hash_funcs=BY_CONTENT)
def get_extractor(card: ModelCard) -> FeatureExtractor:
    """A model without its last layer."""
    return FeatureExtractor(read_file(card.id, LITERT_FILE, card=card))


def get_training_digits(card: ModelCard, shown: Dataset) -> Dataset:
    """Digits that a model was trained on; where MNIST is none of them or missing, those shown."""
    return _load_training_digits() if MNIST in card.trained_on and has_mnist() else shown


@st.cache_resource(show_spinner="Loading the digits …")
def _load_training_digits() -> Dataset:
    return take_sample(load_mnist("train"), TRAINING_DIGITS)
