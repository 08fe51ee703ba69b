"""Networks that browsers cannot compute are refused; these tests import TensorFlow."""

import keras
import pytest

from core.inference.browser_network import UnsupportedNetworkError, read_layers
from core.training.conversion import convert


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
