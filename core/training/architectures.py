"""Network architectures: each function builds one untrained Keras model.

Every model takes frames, ``(N, 28, 28)`` float32 in 0…1, and returns ``(N, 10)`` probabilities.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from core.digits.datasets import CLASSES
from core.digits.frame import FRAME_SIZE
from core.runs.layers import (
    AVERAGE_POOLING,
    CONVOLUTION,
    DENSE,
    DROPOUT,
    MAX_POOLING,
    POOLING_SIZE,
    LayerPlan,
    name_layers,
)

Activation = Callable[[keras.KerasTensor], keras.KerasTensor]

MIDDLE = (FRAME_SIZE - 1) / 2
# The values with which a linear model is most accurate, chosen on the validation set; the pen width
# on the pen digits too. Lengths are in pixels.
PEN_WIDTH = 2.8
# The spread of the ink: the root of its mean squared distance from the centre.
SPREAD = 6.6
# The usual ratio of horizontal to vertical spread.
PROPORTION = 0.6
# Distance up to which ink contributes to a pixel: 1 interpolates linearly, 2 also smooths.
REACH = 2.0
# Avoids division by 0 where there is no ink.
TINY = 1e-6
MIN_WIDTH = 0.1


@keras.saving.register_keras_serializable(package="digitlab")
class ClearPaper(layers.Layer):
    """Subtracts the grey of the paper, which is the mean of the frame's rim. It has no parameters.

    The layers after it measure the width, place and size of the ink, and grey paper would count as
    ink.
    """

    def call(self, frames: keras.KerasTensor) -> keras.KerasTensor:
        """Frames ``(N, 28, 28)`` to frames of the same shape."""
        sides = (frames[:, 0], frames[:, -1], frames[:, :, 0], frames[:, :, -1])
        rim = ops.concatenate(sides, axis=1)  # (N, 112)
        paper = ops.expand_dims(ops.mean(rim, axis=1, keepdims=True), 2)  # (N, 1, 1)
        return ops.relu(frames - paper) / (1 + TINY - paper)


@keras.saving.register_keras_serializable(package="digitlab")
class EvenPen(layers.Layer):
    """Makes strokes about ``PEN_WIDTH`` wide. It has no parameters.

    The width of strokes is twice the ink divided by the length of its edge. Strokes become thinner
    or thicker by up to a pixel on each side: each pixel moves towards the minimum or the maximum of
    itself and its four neighbours.
    """

    def call(self, frames: keras.KerasTensor) -> keras.KerasTensor:
        """Frames ``(N, 28, 28)`` to frames of the same shape."""
        padded = ops.pad(frames, ((0, 0), (1, 1), (1, 1)))
        left, right = padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]
        above, below = padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]
        slope = ops.sqrt(ops.square(right - left) + ops.square(below - above)) / 2
        edge = ops.sum(slope, axis=(1, 2), keepdims=True) + TINY  # (N, 1, 1)
        width = 2 * ops.sum(frames, axis=(1, 2), keepdims=True) / edge
        excess = (width - PEN_WIDTH) / 2  # on every side
        least, greatest = frames, frames
        for neighbours in (left, right, above, below):
            least = ops.minimum(least, neighbours)
            greatest = ops.maximum(greatest, neighbours)
        thinned = ops.minimum(ops.relu(excess), 1.0) * (least - frames)
        thickened = ops.minimum(ops.relu(-excess), 1.0) * (greatest - frames)
        return frames + thinned + thickened


@keras.saving.register_keras_serializable(package="digitlab")
class SetUpright(layers.Layer):
    """Makes digits upright, centred and of one size. It has no parameters.

    Each row is shifted to remove the slant, and the whole digit to move its centre of mass to the
    centre of the frame. Then the digit is scaled to ``SPREAD``, and its width to the square root of
    its ratio to the usual proportion. Finally, the square root of the ink is taken, which makes
    faint strokes count.

    The lean is the covariance of x and y over the variance of y, both weighted by ink (LeCun et al.
    1998, section III.A, where it took a linear classifier from 12 to 8.4% errors). The size is
    after R. Casey, "Moment normalization of handprinted characters", IBM Journal of Research and
    Development 14 (1970), the root after C.-L. Liu et al., "Handwritten digit recognition:
    investigation of normalization and feature extraction techniques", Pattern Recognition 37
    (2004), doi:10.1016/S0031-3203(03)00224-3.
    """

    def call(self, frames: keras.KerasTensor) -> keras.KerasTensor:
        """Frames ``(N, 28, 28)`` to frames of the same shape."""
        place = np.arange(FRAME_SIZE, dtype=np.float32)
        by_row, by_column = ops.sum(frames, axis=2), ops.sum(frames, axis=1)  # (N, 28) each
        mass = ops.sum(by_row, axis=1, keepdims=True) + TINY  # (N, 1)
        row = ops.sum(by_row * place, axis=1, keepdims=True) / mass
        column = ops.sum(by_column * place, axis=1, keepdims=True) / mass
        down, across = place - row, place - column  # (N, 28) each
        ink_across = ops.sum(frames * ops.expand_dims(across, 1), axis=2)  # (N, 28) by row
        covariance = ops.sum(ink_across * down, axis=1, keepdims=True) / mass
        high = ops.sum(by_row * ops.square(down), axis=1, keepdims=True) / mass + MIN_WIDTH**2
        lean = covariance / high
        leaning = ops.sum(by_column * ops.square(across), axis=1, keepdims=True) / mass
        wide = ops.relu(leaning - lean * covariance) + MIN_WIDTH**2  # variances, as high is
        # Distance in the frame between two neighbouring pixels of the result.
        row_step = ops.sqrt(high + wide) / SPREAD
        column_step = row_step * ops.sqrt(ops.sqrt(wide / high) / PROPORTION)
        # The source of each column of each row, then of each row.
        start = ops.expand_dims(column + lean * down, 2)  # (N, row, 1)
        columns = start + ops.expand_dims(column_step, 2) * (place - MIDDLE)  # (N, row, column)
        rows = row + row_step * (place - MIDDLE)  # (N, row)
        upright = ops.sum(ops.expand_dims(frames, 2) * _weigh_pixels(columns), axis=3)
        return ops.sqrt(ops.relu(ops.matmul(_weigh_pixels(rows), upright)))


def _weigh_pixels(places: keras.KerasTensor) -> keras.KerasTensor:
    """The weights ``(..., 28)`` of the pixels around each of the places ``(...)``."""
    pixels = np.arange(FRAME_SIZE, dtype=np.float32)
    distance = ops.abs(ops.expand_dims(places, -1) - pixels)
    return ops.relu(REACH - distance) / REACH**2


class SoftenInTraining(layers.Layer):
    """Divides the logits behind probabilities by a temperature, in training only.

    A student learns its teacher's softened predictions with its own softened ones, and predicts
    without the temperature (G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural
    network", 2015, arXiv:1503.02531, section 2).
    """

    def __init__(self, temperature: float) -> None:
        """Soften by a temperature above 1."""
        super().__init__(name="soften")
        self._temperature = temperature

    def call(
        self, probabilities: keras.KerasTensor, *, training: bool = False
    ) -> keras.KerasTensor:
        """Probabilities ``(N, 10)`` to probabilities of the same shape."""
        if not training:
            return probabilities
        # The floor of calibration.apply_temperature is lower: there, gradients do not matter.
        return ops.softmax(ops.log(probabilities + TINY) / self._temperature)


@keras.saving.register_keras_serializable(package="digitlab")
def softmax_with_rejection(logits: keras.KerasTensor) -> keras.KerasTensor:
    """Softmax over the digits and "no digit", whose logit is 0 and whose share all digits get.

    What is far from every template has only negative logits, and so the uniform distribution. With
    the plain softmax, a linear model is sure of it: only the differences of the logits count.

    Args:
        logits: ``(N, 10)``.

    Returns:
        ``(N, 10)`` probabilities, each row a distribution.
    """
    shares = ops.softmax(ops.concatenate([logits, 0 * logits[:, :1]], axis=1))
    return shares[:, :CLASSES] + shares[:, CLASSES:] / CLASSES


def build_lenet5() -> keras.Model:
    """LeNet-5 in its modern form, with ReLU and max-pooling: 34,622 parameters.

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
    """Multinomial logistic regression on normalised digits: 7,850 parameters."""
    return _classifier(
        "logistic_regression",
        ClearPaper(name="paper"),
        EvenPen(name="pen"),
        SetUpright(name="upright"),
        layers.Flatten(name="flatten"),
        activation=softmax_with_rejection,
    )


def build_plain_logistic_regression() -> keras.Model:
    """Multinomial logistic regression on unchanged pixels: 7,850 parameters."""
    return _classifier("logistic_regression", layers.Flatten(name="flatten"))


def build_mlp() -> keras.Model:
    """A multilayer perceptron with two hidden layers: 399,210 parameters."""
    return _classifier(
        "mlp",
        layers.Flatten(name="flatten"),
        layers.Dense(394, activation="relu", name="hidden_1"),
        layers.Dense(222, activation="relu", name="hidden_2"),
    )


def build_cnn() -> keras.Model:
    """Two convolutions of 3×3 and three dense layers with dropout between: 223,274 parameters."""
    return _classifier(
        "cnn",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        layers.Conv2D(16, 3, activation="relu", name="convolution_1"),
        layers.MaxPooling2D(2, name="pooling_1"),
        layers.Conv2D(64, 3, activation="relu", name="convolution_2"),
        layers.MaxPooling2D(2, name="pooling_2"),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.2, name="dropout_1"),
        layers.Dense(128, activation="relu", name="dense_1"),
        layers.Dropout(0.2, name="dropout_2"),
        layers.Dense(64, activation="relu", name="dense_2"),
        layers.Dropout(0.2, name="dropout_3"),
    )


def build_sigmoid_mlp() -> keras.Model:
    """A multilayer perceptron with sigmoid units: 235,146 parameters."""
    return _classifier(
        "sigmoid_mlp",
        layers.Flatten(name="flatten"),
        layers.Dense(256, activation="sigmoid", name="hidden_1"),
        layers.Dense(128, activation="sigmoid", name="hidden_2"),
    )


def build_numpy_dense() -> keras.Model:
    """The Keras model that holds the weights of ``numpy_network.py``: 235,146 parameters."""
    return _classifier(
        "numpy_dense",
        layers.Flatten(name="flatten"),
        layers.Dense(256, activation="relu", name="hidden_1"),
        layers.Dense(128, activation="relu", name="hidden_2"),
    )


def build_regularised_lenet5() -> keras.Model:
    """LeNet-5 with average pooling on 32×32, batch normalisation and dropout: 62,384 parameters.

    S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015, arXiv:1502.03167; N. Srivastava et al.,
    "Dropout", JMLR 15 (2014).
    """
    return _classifier(
        "regularised_lenet5",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        layers.ZeroPadding2D(2, name="padding"),
        *_normalised("1", layers.Conv2D(6, 5, use_bias=False, name="convolution_1")),
        layers.AveragePooling2D(2, name="pooling_1"),
        *_normalised("2", layers.Conv2D(16, 5, use_bias=False, name="convolution_2")),
        layers.AveragePooling2D(2, name="pooling_2"),
        layers.Flatten(name="flatten"),
        *_normalised("3", layers.Dense(120, use_bias=False, name="dense_1")),
        layers.Dropout(0.2, name="dropout_1"),
        *_normalised("4", layers.Dense(84, use_bias=False, name="dense_2")),
        layers.Dropout(0.2, name="dropout_2"),
    )


def build_regularised_cnn() -> keras.Model:
    """Four convolutions with batch normalisation, and dropout: 111,298 parameters."""
    return _classifier(
        "regularised_cnn",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        *_normalised("1", layers.Conv2D(24, 5, use_bias=False, name="convolution_1")),
        layers.MaxPooling2D(2, name="pooling_1"),
        *_normalised(
            "2", layers.Conv2D(32, 3, padding="same", use_bias=False, name="convolution_2")
        ),
        *_normalised("3", layers.Conv2D(32, 3, use_bias=False, name="convolution_3")),
        layers.MaxPooling2D(2, name="pooling_2"),
        *_normalised("4", layers.Conv2D(64, 3, use_bias=False, name="convolution_4")),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.3, name="dropout_1"),
        *_normalised("5", layers.Dense(128, use_bias=False, name="dense")),
        layers.Dropout(0.3, name="dropout_2"),
    )


def build_deep_cnn() -> keras.Model:
    """Seven convolutions, each with batch normalisation, and dropout: 327,242 parameters.

    C. Deotte, "How to choose CNN architecture MNIST" and "25 million images! [0.99757] MNIST",
    Kaggle, 2018: 32C3-32C3-32C5S2-64C3-64C3-64C5S2-128C4-10.
    """

    def convolve(number: int, filters: int, kernel: int, **options: Any) -> list[layers.Layer]:
        return [
            layers.Conv2D(
                filters, kernel, activation="relu", name=f"convolution_{number}", **options
            ),
            layers.BatchNormalization(name=f"normalisation_{number}"),
        ]

    reduce = {"strides": 2, "padding": "same"}
    return _classifier(
        "deep_cnn",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        *convolve(1, 32, 3),
        *convolve(2, 32, 3),
        *convolve(3, 32, 5, **reduce),
        layers.Dropout(0.4, name="dropout_1"),
        *convolve(4, 64, 3),
        *convolve(5, 64, 3),
        *convolve(6, 64, 5, **reduce),
        layers.Dropout(0.4, name="dropout_2"),
        *convolve(7, 128, 4),
        layers.Flatten(name="flatten"),
        layers.Dropout(0.4, name="dropout_3"),
    )


def build_from_layers(plans: Sequence[LayerPlan]) -> keras.Model:
    """The network that ``core.runs.layers`` describes."""
    return _classifier(
        "layers",
        layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1), name="channel"),
        *(_build_layer(plan, name) for plan, name in zip(plans, name_layers(plans), strict=True)),
    )


def build_ensemble(members: Sequence[keras.Model]) -> keras.Model:
    """The mean of the members' probabilities, as one model that contains them all."""
    frame = keras.Input((FRAME_SIZE, FRAME_SIZE), name="frame")
    mean = layers.Average(name="mean")([member(frame) for member in members])
    return keras.Model(frame, mean, name="committee")


def _build_layer(plan: LayerPlan, name: str) -> layers.Layer:
    settings: dict[str, dict[str, Any]] = {
        CONVOLUTION: {"filters": plan.size, "kernel_size": plan.kernel, "activation": "relu"},
        DENSE: {"units": plan.size, "activation": "relu"},
        DROPOUT: {"rate": plan.rate},
        MAX_POOLING: {"pool_size": POOLING_SIZE},
        AVERAGE_POOLING: {"pool_size": POOLING_SIZE},
    }
    # The kinds have the names of the Keras layers.
    return getattr(layers, plan.kind)(**settings.get(plan.kind, {}), name=name)


def _normalised(number: str, layer: layers.Layer) -> tuple[layers.Layer, ...]:
    """A layer without bias, then batch normalisation, then ReLU."""
    return (
        layer,
        layers.BatchNormalization(name=f"normalisation_{number}"),
        layers.ReLU(name=f"relu_{number}"),
    )


def _classifier(
    name: str, *hidden: layers.Layer, activation: str | Activation = "softmax"
) -> keras.Model:
    frame = keras.Input((FRAME_SIZE, FRAME_SIZE), name="frame")
    # Probabilities need float32 where the other layers compute in bfloat16.
    output = layers.Dense(CLASSES, activation=activation, dtype="float32", name="probabilities")
    return keras.Sequential([frame, *hidden, output], name=name)
