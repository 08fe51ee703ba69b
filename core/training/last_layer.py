"""The last layer learns drawings: the twin of ``pages/live/last_layer.js``, step by step.

It is a softmax regression on the activations before the layer, by gradient descent with momentum on
all examples at once. The loss is the mean cross-entropy of the digits to rehearse, plus
``TAUGHT_SHARE`` times that of the drawings, plus a penalty on the squared distance of the weights
from those at the start. The JavaScript module says why. This module knows arrays, and no Keras.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

TAUGHT_SHARE = 0.5
LEARNING_RATE = 1.5
MOMENTUM = 0.9
PENALTY = 0.005

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LastLayer:
    """A dense layer from activations to digits.

    Attributes:
        weights: ``(size, 10)``.
        bias: ``(10,)``.
        rejects: whether it ends in ``softmax_with_rejection``, otherwise in a softmax.
    """

    weights: Values
    bias: Values
    rejects: bool

    def classify(self, activations: npt.NDArray[Any]) -> Values:
        """Activations ``(N, size)`` to probabilities ``(N, 10)``."""
        digits, rest = _share(activations @ self.weights + self.bias, rejects=self.rejects)
        return digits + rest / digits.shape[1]


@dataclass(frozen=True, eq=False)
class Examples:
    """Activations ``(N, size)`` of digits, and their labels ``(N,)``; at least one."""

    activations: npt.NDArray[Any]
    labels: npt.NDArray[np.uint8]


def learn(start: LastLayer, rehearsal: Examples, taught: Examples) -> Iterator[LastLayer]:
    """The layer after each step, without end.

    Args:
        start: the layer before.
        rehearsal: digits that it is not to forget.
        taught: drawings.
    """
    mean = rehearsal.activations.mean(axis=0, dtype=np.float64)
    parts = [
        (examples.activations - mean, examples.labels, share)
        for examples, share in ((rehearsal, 1.0), (taught, TAUGHT_SHARE))
    ]
    # The mean square of an example, whose bias is 1.
    scale = sum(share * ((inputs**2).sum(axis=1).mean() + 1) for inputs, _, share in parts)
    # The bias, in the last row, is for activations whose mean is subtracted.
    first = np.vstack([start.weights, start.bias + mean @ start.weights])
    values, speed = first.copy(), np.zeros_like(first)
    while True:
        slope = sum(
            share * _find_slope(values, inputs, labels, rejects=start.rejects)
            for inputs, labels, share in parts
        )
        speed = MOMENTUM * speed - LEARNING_RATE * (slope / scale + PENALTY * (values - first))
        values = values + speed
        yield LastLayer(values[:-1], values[-1] - mean @ values[:-1], start.rejects)


def _find_slope(
    values: Values, inputs: Values, labels: npt.NDArray[np.uint8], *, rejects: bool
) -> Values:
    """The gradient of the mean cross-entropy, ``(size + 1, 10)``."""
    digits, rest = _share(inputs @ values[:-1] + values[-1], rejects=rejects)
    rows = np.arange(len(labels))
    own = digits[rows, labels]
    errors = digits.copy()
    # Of the probability of the label, the share that is not from "no digit".
    errors[rows, labels] -= own / (own + rest[:, 0] / digits.shape[1])
    return np.vstack([inputs.T @ errors, errors.sum(axis=0)]) / len(labels)


def _share(logits: Values, *, rejects: bool) -> tuple[Values, Values]:
    """The shares of the digits, ``(N, 10)``, and that of "no digit", ``(N, 1)``."""
    highest = logits.max(axis=1, keepdims=True)
    if rejects:
        highest = np.maximum(highest, 0)
    digits = np.exp(logits - highest)
    rest = np.exp(-highest) if rejects else np.zeros_like(highest)
    total = digits.sum(axis=1, keepdims=True) + rest
    return digits / total, rest / total
