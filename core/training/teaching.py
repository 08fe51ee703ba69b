"""Teaching: the last layer of a Keras model learns drawings, with the numbers that browsers have.

Browsers multiply batch normalisation that follows an activation into the next layer, see
``core/inference/browser_network.py``. Steps of gradient descent are others for other weights of the
same function, so the layer learns here in that form too, and is divided by it at the end.
"""

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt

from core.analysis.calibration import mean_loss
from core.analysis.confusion import count_confusions
from core.digits.datasets import Dataset
from core.training.architectures import softmax_with_rejection
from core.training.last_layer import Examples, LastLayer, Values, learn

BATCH_SIZE = 256
# Loss in nats, accuracy 0…1, and counts (10, 10).
Figures = tuple[float, float, npt.NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Scale:
    """Batch normalisation between activations and the last layer: factors × activations + offsets.

    Attributes:
        factors: ``(channels,)``.
        offsets: ``(channels,)``.
    """

    factors: Values
    offsets: Values

    def put_before(self, other: "Scale") -> "Scale":
        """One scale that is this one and then the other."""
        return Scale(self.factors * other.factors, self.offsets * other.factors + other.offsets)

    def repeat(self, size: int) -> "Scale":
        """For so many activations, whose channels are their last axis."""
        count = size // len(self.factors)
        return Scale(np.tile(self.factors, count), np.tile(self.offsets, count))


class Pupil:
    """A model whose last layer learns."""

    def __init__(
        self, model: keras.Model, training: Dataset, validation: Dataset, *, drawings: int
    ) -> None:
        """Compute the activations of all digits; the last of the training images are taught."""
        self._last = model.layers[-1]
        source, scale = _find_source(model)
        before = keras.Model(model.inputs, source)
        self._training, self._validation = (
            Examples(_compute_activations(before, digits), digits.labels)
            for digits in (training, validation)
        )
        weights, bias = (values.astype(np.float64) for values in self._last.get_weights())
        self._scale = scale.repeat(len(weights))
        self._layer = LastLayer(
            weights * self._scale.factors[:, None],
            bias + self._scale.offsets @ weights,
            rejects=self._last.activation is softmax_with_rejection,
        )
        activations, labels = self._training.activations, self._training.labels
        self._steps = learn(
            self._layer,
            Examples(activations[:-drawings], labels[:-drawings]),
            Examples(activations[-drawings:], labels[-drawings:]),
        )

    def take_step(self) -> None:
        """Learn from all training images once."""
        self._layer = next(self._steps)

    def measure(self) -> tuple[Figures, Figures]:
        """The figures on the training images and on the validation images."""
        training, validation = self._training, self._validation
        return _measure(self._layer, training), _measure(self._layer, validation)

    def finish(self) -> None:
        """Give the model what was learned."""
        weights = self._layer.weights / self._scale.factors[:, None]
        self._last.set_weights([weights, self._layer.bias - self._scale.offsets @ weights])


def _find_source(model: keras.Model) -> tuple[keras.KerasTensor, Scale]:
    """What the last layer computes from, before the batch normalisation after an activation."""
    *before, last = model.layers
    source, scale = last.input, Scale(np.ones(1), np.zeros(1))
    for layer in reversed(before):
        if isinstance(layer, keras.layers.BatchNormalization):
            source, scale = layer.input, _read_scale(layer).put_before(scale)
        elif not isinstance(layer, keras.layers.Flatten | keras.layers.Dropout):
            break
    return source, scale


def _read_scale(layer: keras.layers.BatchNormalization) -> Scale:
    gamma, beta, mean, variance = (values.astype(np.float64) for values in layer.get_weights())
    factors = gamma / np.sqrt(variance + layer.epsilon)
    return Scale(factors, beta - mean * factors)


def _compute_activations(before: keras.Model, digits: Dataset) -> Values:
    found = before.predict(digits.frames, batch_size=BATCH_SIZE, verbose=0)
    return found.reshape(len(digits), -1).astype(np.float64)


def _measure(layer: LastLayer, examples: Examples) -> Figures:
    probabilities = layer.classify(examples.activations)
    predicted = probabilities.argmax(axis=1)
    accuracy = float((predicted == examples.labels).mean())
    loss = mean_loss(examples.labels, probabilities)
    return loss, accuracy, count_confusions(examples.labels, predicted)
