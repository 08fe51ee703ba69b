"""What is read out of a network is what really happens in it."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.signal import correlate2d

from core.inference.activations import Activation, read_activations, read_first_layer
from core.inference.classifier import load_classifier
from core.models.files import LITERT_FILE, list_model_ids, load_card, read_file

MODEL_IDS = list_model_ids()
# A committee's card lists its members in place of layers.
COMMITTEE_IDS = [one for one in MODEL_IDS if "members" in load_card(one).recipe]
SINGLE_IDS = [one for one in MODEL_IDS if one not in COMMITTEE_IDS]
FIRST_LAYERS = {one: read_first_layer(read_file(one, LITERT_FILE)) for one in MODEL_IDS}
CONVOLUTIONAL_IDS = [one for one, layer in FIRST_LAYERS.items() if layer.kind == "convolution"]
DENSE_IDS = [one for one, layer in FIRST_LAYERS.items() if layer.kind == "dense"]


def read(model_id: str, frame: np.ndarray) -> tuple[Activation, ...]:
    return read_activations(read_file(model_id, LITERT_FILE), frame)


def name_layer_kinds(model_id: str) -> set[str]:
    return {layer.kind for layer in load_card(model_id).layers}


def pool(values: np.ndarray, reduce) -> np.ndarray:
    """Every 2×2 pixels of ``(H, W, C)`` as one; an odd row or column is left out."""
    height, width, channels = (values.shape[0] // 2, values.shape[1] // 2, values.shape[2])
    cut = values[: 2 * height, : 2 * width].reshape(height, 2, width, 2, channels)
    return reduce(cut, axis=(1, 3))


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_the_last_layer_gives_the_probabilities(bundled_digits, model_id):
    frame = bundled_digits.frame(5)
    last = read(model_id, frame)[-1]
    assert last.values.shape == (10,)
    expected = load_classifier(model_id).predict(frame).probabilities
    assert np.allclose(last.values, expected, atol=1e-5)


def test_every_model_begins_with_a_convolution_or_a_dense_layer():
    assert sorted(CONVOLUTIONAL_IDS + DENSE_IDS) == sorted(MODEL_IDS)


@pytest.mark.parametrize("model_id", SINGLE_IDS)
def test_the_card_lists_the_layers_that_are_found(bundled_digits, model_id):
    shapes = [one.values.shape for one in read(model_id, bundled_digits.frame(0))[1:]]
    listed = [
        layer.output_shape
        for layer in load_card(model_id).layers
        if layer.kind.startswith(("Conv", "Dense", "MaxPool", "AveragePool"))
    ]
    assert shapes == listed


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_the_input_is_the_frame_unless_it_is_set_upright_first(bundled_digits, model_id):
    frame = bundled_digits.frame(3)
    first = read(model_id, frame)[0]
    assert (first.name, first.kind) == ("Input", "input")
    assert np.array_equal(first.values[..., 0], frame) != (
        "SetUpright" in name_layer_kinds(model_id)
    )


@pytest.mark.parametrize("model_id", CONVOLUTIONAL_IDS)
def test_a_feature_map_is_the_input_correlated_with_its_filter(bundled_digits, model_id):
    layer = FIRST_LAYERS[model_id]
    activations = read(model_id, bundled_digits.frame(9))
    picture, maps = activations[0].values[..., 0], activations[1].values
    margin = (maps.shape[0] + layer.weights.shape[1] - 1 - picture.shape[0]) // 2
    padded = np.pad(picture, margin)
    for index, (weights, bias) in enumerate(zip(layer.weights, layer.bias, strict=True)):
        expected = np.maximum(correlate2d(padded, weights, mode="valid") + bias, 0)
        assert np.allclose(maps[..., index], expected, atol=1e-4)


@pytest.mark.parametrize("model_id", SINGLE_IDS)
def test_pooling_takes_the_greatest_or_the_mean_of_four(bundled_digits, model_id):
    activations = read(model_id, bundled_digits.frame(2))
    reduce = np.mean if "AveragePooling2D" in name_layer_kinds(model_id) else np.max
    for before, after in itertools.pairwise(activations):
        if after.kind == "pooling":
            assert np.allclose(after.values, pool(before.values, reduce), atol=1e-5)


@pytest.mark.parametrize("model_id", DENSE_IDS)
def test_a_dense_first_layer_weighs_every_pixel_of_the_input(bundled_digits, model_id):
    layer = FIRST_LAYERS[model_id]
    picture, units = (one.values for one in read(model_id, bundled_digits.frame(7))[:2])
    sums = layer.weights.reshape(len(layer.weights), -1) @ picture.ravel() + layer.bias
    # Whatever function follows, it keeps the order of the sums, and equal ones equal.
    order = np.argsort(sums)
    assert (np.diff(units[order]) >= -1e-6).all()


def test_lenet5_is_named_layer_by_layer(bundled_digits):
    assert [one.name for one in read("lenet5", bundled_digits.frame(0))] == [
        "Input", "Convolution 1", "Pooling 1", "Convolution 2", "Pooling 2", "Dense", "Output",
    ]  # fmt: skip


def test_threads_do_not_disturb_each_other(bundled_digits):
    model = read_file("lenet5", LITERT_FILE)
    expected = [read_activations(model, bundled_digits.frame(i))[3].values for i in range(8)]

    def check(index: int) -> bool:
        found = read_activations(model, bundled_digits.frame(index % 8))[3].values
        return np.allclose(found, expected[index % 8], atol=1e-6)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(check, range(64)))


@pytest.mark.parametrize("shape", [(28,), (1, 28, 28), (28, 27)])
def test_a_frame_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"expected a frame of shape \(28, 28\)"):
        read("lenet5", np.zeros(shape))
