"""Files of networks for browsers: their format, their names, and what they leave out."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from core.inference.browser_file import digest_browser_file, list_constants, write_browser_file
from core.inference.browser_network import read_layers
from core.inference.detector import read_detector
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file

CONSTANTS = {"not_sure_below": 0.5, "vote_weight": 1.0}


def parse(file: bytes) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Metadata and arrays, as the description of the safetensors format has them."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    metadata = header.pop("__metadata__")
    arrays, ends = {}, [0]
    for name, one in header.items():
        start, end = one["data_offsets"]
        assert start == ends[-1], "the arrays leave no gap"
        ends.append(end)
        values = np.frombuffer(file, "<f4", (end - start) // 4, 8 + length + start)
        arrays[name] = values.reshape(one["shape"])
    assert ends[-1] == len(file) - 8 - length
    return metadata, arrays


def list_layers(layers: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for layer in layers:
        yield layer
        for member in layer.get("members", []):
            yield from list_layers(member)


@pytest.mark.parametrize("model_id", list_model_ids())
def test_every_built_in_model_has_a_file_with_all_its_weights(model_id):
    card = load_card(model_id)
    file = write_browser_file(read_file(model_id, LITERT_FILE), list_constants(card))
    metadata, arrays = parse(file)
    layers = [*list_layers(json.loads(metadata["layers"]))]
    named = {layer[part] for layer in layers for part in ("weights", "bias") if part in layer}
    assert named == {*arrays}
    assert all(np.isfinite(values).all() for values in arrays.values())
    weights = sum(arrays[layer["weights"]].size for layer in layers if "weights" in layer)
    assert 0.97 * card.parameter_count < weights <= card.parameter_count
    assert json.loads(metadata["constants"]) == {
        "not_sure_below": card.calibration.not_sure_below,
        "vote_weight": card.calibration.vote_weight,
    }
    assert len(file) % 4 == 0


def test_the_committee_names_the_arrays_of_its_members():
    names = {
        model_id: {*parse(write_browser_file(read_file(model_id, LITERT_FILE), {}))[1]}
        for model_id in list_model_ids()
    }
    members = [names[model_id] for model_id in load_card("committee").recipe["members"]]
    assert names["committee"] == set().union(*members)


def test_batch_normalisation_after_relu_is_part_of_the_next_layer():
    assert {layer.kind for layer in read_layers(read_file("deep_cnn", LITERT_FILE))} == {
        "convolution", "dense",
    }  # fmt: skip


def test_the_three_models_and_the_detector_are_at_most_two_megabytes():
    models = [read_file(one, LITERT_FILE) for one in ("lenet5", "mlp", "logistic_regression")]
    files = [write_browser_file(model, CONSTANTS) for model in (*models, read_detector()[1])]
    assert sum(map(len, files)) <= 2_000_000


def test_the_digest_changes_with_the_network_and_with_the_constants():
    digests = {
        digest_browser_file("a", CONSTANTS),
        digest_browser_file("b", CONSTANTS),
        digest_browser_file("a", CONSTANTS | {"vote_weight": 0.5}),
    }
    assert len(digests) == 3
    assert digest_browser_file("a", dict(reversed(CONSTANTS.items()))) in digests
