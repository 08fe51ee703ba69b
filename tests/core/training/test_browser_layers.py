"""Layers of one's own run in the browser as on the server; these tests import TensorFlow."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from core.inference.browser_network import UnsupportedNetworkError, read_layers
from core.inference.classifier import Classifier
from core.runs import layers
from core.training.architectures import build_from_layers
from core.training.conversion import convert
from tests.browser.live_modules import LiveModules

OWN = [
    "Flatten",
    "BatchNormalization_Flatten_Dense.10",
    "Conv2D.6.3_Conv2D.6.3_BatchNormalization_BatchNormalization_Flatten",
    "MaxPooling2D_Conv2D.5.7_BatchNormalization_Flatten_Dense.7_Dropout.50_BatchNormalization",
    "Conv2D.8.3_BatchNormalization_MaxPooling2D_BatchNormalization_Conv2D.12.5_AveragePooling2D"
    "_BatchNormalization_Dropout.25_Flatten_BatchNormalization_Dense.20_BatchNormalization",
    "Conv2D.4.1_MaxPooling2D_MaxPooling2D_AveragePooling2D_BatchNormalization_Conv2D.3.2_Flatten",
]


@pytest.fixture(scope="module")
def live(browser) -> Iterator[LiveModules]:
    modules = LiveModules(browser)
    yield modules
    modules.close()


def change_weights(model: keras.Model) -> None:
    """Weights of which none has the value that it starts with."""
    random = np.random.default_rng(4)
    weights = [
        random.uniform(0.1, 2, values.shape)
        if "variance" in variable.path
        else values + random.normal(0, 0.2, values.shape)
        for variable, values in zip(model.weights, model.get_weights(), strict=True)
    ]
    model.set_weights(weights)


@pytest.mark.parametrize("text", OWN)
def test_layers_of_ones_own_predict_in_the_browser_what_they_predict_on_the_server(live, text):
    network = build_from_layers(layers.read_layers(text))
    change_weights(network)
    model = convert(network)
    frames = np.random.default_rng(5).random((20, 28, 28), np.float32)
    live.add_network(text, model, {})
    expected = Classifier("it", "It", model).probabilities(frames)
    assert np.abs(live.run_network(text, frames) - expected).max() < 1e-4
    assert np.ptp(expected, axis=0).max() > 0.01  # they depend on the frame


def test_a_network_with_other_operations_is_refused():
    frame = keras.Input((28, 28))
    flat = keras.layers.Flatten()(frame)
    output = keras.layers.Dense(10, activation="softmax")(keras.ops.tanh(flat))
    with pytest.raises(UnsupportedNetworkError, match="TANH"):
        read_layers(convert(keras.Model(frame, output)))


def test_an_activation_function_that_no_model_has_is_refused():
    frame = keras.Input((28, 28))
    flat = keras.layers.Flatten()(frame)
    output = keras.layers.Dense(10, activation="relu6")(flat)
    with pytest.raises(UnsupportedNetworkError, match="relu6"):
        read_layers(convert(keras.Model(frame, output)))
