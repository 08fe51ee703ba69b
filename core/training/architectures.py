"""Network architectures: each function builds one untrained Keras model.

Every model takes frames, ``(N, 28, 28)`` float32 in 0…1, and gives ``(N, 10)`` probabilities.
"""

import keras
from keras import layers

from core.digits.frame import FRAME_SIZE

CLASSES = 10


def build_lenet5() -> keras.Model:
    """LeNet-5 in its modern reading, ReLU and max-pooling: 34,622 parameters.

    After Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proc. IEEE 86 (1998), doi:10.1109/5.726791.
    """
    return _classifier(
        "lenet5",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        layers.Conv2D(6, 5, activation="relu", name="convolution_1"),
        layers.MaxPooling2D(2, name="pooling_1"),
        layers.Conv2D(16, 5, activation="relu", name="convolution_2"),
        layers.MaxPooling2D(2, name="pooling_2"),
        layers.Flatten(name="flatten"),
        layers.Dense(120, activation="relu", name="dense"),
    )


def build_logistic_regression() -> keras.Model:
    """Multinomial logistic regression on the pixels: 7,850 parameters."""
    return _classifier("logistic_regression", layers.Flatten(name="flatten"))


def build_mlp() -> keras.Model:
    """A multilayer perceptron with two hidden layers: 399,210 parameters."""
    return _classifier(
        "mlp",
        layers.Flatten(name="flatten"),
        layers.Dense(394, activation="relu", name="hidden_1"),
        layers.Dense(222, activation="relu", name="hidden_2"),
    )


def _classifier(name: str, *hidden: layers.Layer) -> keras.Model:
    frame = keras.Input((FRAME_SIZE, FRAME_SIZE), name="frame")
    output = layers.Dense(CLASSES, activation="softmax", name="probabilities")
    return keras.Sequential([frame, *hidden, output], name=name)
