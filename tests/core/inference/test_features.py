"""Features are what a network's last layer really gets."""

import numpy as np
import pytest

from core.inference.classifier import load_classifier
from core.inference.features import FeatureExtractor
from core.inference.litert_graph import read_graph
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file

SINGLE_IDS = [one for one in list_model_ids() if "members" not in load_card(one).recipe]
# More than a batch.
COUNT = 70


def extract(model_id: str, frames: np.ndarray) -> np.ndarray:
    return FeatureExtractor(read_file(model_id, LITERT_FILE)).run(frames)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("model_id", SINGLE_IDS)
def test_the_weights_of_the_last_layer_make_the_probabilities_of_the_features(
    bundled_digits, model_id
):
    frames = bundled_digits.frames[:COUNT]
    graph = read_graph(read_file(model_id, LITERT_FILE))
    last = [one for one in graph.operations if one.name == "FULLY_CONNECTED"][-1]
    weights, bias = (graph.constants[place] for place in last.inputs[1:])
    logits = extract(model_id, frames) @ weights.T + bias
    probabilities = load_classifier(model_id).probabilities(frames)
    assert (logits.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    if model_id != "logistic_regression":  # which spreads a part of the sum over all digits
        assert np.allclose(softmax(logits), probabilities, atol=1e-5)


def test_each_member_of_a_committee_has_a_part_of_length_1_in_the_direction_of_its_own_features(
    bundled_digits,
):
    frames = bundled_digits.frames[:COUNT]
    members = load_card("committee").recipe["members"]
    parts = np.split(
        extract("committee", frames),
        np.cumsum([extract(member, frames[:1]).shape[1] for member in members])[:-1],
        axis=1,
    )
    for member, part in zip(members, parts, strict=True):
        own = extract(member, frames)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        assert np.allclose(part, own, atol=1e-3), member


def test_a_network_without_a_dense_layer_is_refused(monkeypatch):
    monkeypatch.setattr("core.inference.features._find_last_inputs", lambda *_: [])
    with pytest.raises(ValueError, match="dense layer"):
        FeatureExtractor(read_file("mlp", LITERT_FILE))
