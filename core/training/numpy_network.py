"""A dense network in NumPy: forward pass, backward pass and gradient descent.

Hidden layers use ReLU, the output layer softmax; the loss is cross-entropy. Training has phases:
first large batches, which come close to the minimum quickly, then many epochs of small batches.
This module does not know Keras, only the order of the weights in a Keras model of the same layers.

Backward pass and gradient descent after D. Rumelhart, G. Hinton, R. Williams, "Learning
representations by back-propagating errors", Nature 323 (1986), doi:10.1038/323533a0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Labels = npt.NDArray[np.integer]

# Allowed difference from 1 of the sum of a distribution, which may have been stored in 16 bits.
TOLERANCE = 2e-3


@dataclass(frozen=True)
class Phase:
    """A part of the training with constant settings.

    Attributes:
        batch_size: images per step; the last batch of an epoch may have fewer.
        epochs: how many times all images are used.
        learning_rate: constant, of plain gradient descent.
        shift: each batch is shifted by up to this many whole pixels, in both directions on both
            axes. A dense network must learn from examples that a shifted digit is the same digit.
    """

    batch_size: int
    epochs: int
    learning_rate: float
    shift: int = 0

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.epochs < 1:
            raise ValueError(
                f"expected at least 1 image a batch and 1 epoch, got batch_size {self.batch_size} "
                f"and epochs {self.epochs}"
            )
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(f"expected a learning rate above 0, got {self.learning_rate}")
        if self.shift < 0:
            raise ValueError(f"expected a shift of 0 or more pixels, got {self.shift}")


# Chosen on the validation set: the shift gains one point; momentum and weight decay gain nothing.
SIZES = (784, 256, 128, 10)
PHASES = (
    Phase(batch_size=512, epochs=5, learning_rate=0.2, shift=1),
    Phase(batch_size=32, epochs=40, learning_rate=0.03, shift=1),
)


@dataclass(frozen=True, eq=False)
class Gradients:
    """The loss of one batch and its derivatives.

    Attributes:
        loss: mean cross-entropy of the batch, in nats.
        probabilities: the outputs, ``(N, classes)``, that the loss was computed from.
        weights: derivatives of the loss by the weights of each layer, ``(inputs, units)``.
        biases: derivatives of the loss by the biases of each layer, ``(units,)``.
    """

    loss: float
    probabilities: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]


class Epoch(NamedTuple):
    """Means over the images of one epoch, each measured before the step of its batch, as in Keras.

    Attributes:
        loss: cross-entropy in nats.
        accuracy: share of images classified correctly, 0…1.
    """

    loss: float
    accuracy: float


class DenseNetwork:
    """Dense layers one after the other.

    Attributes:
        weights: of each layer ``(inputs, units)``.
        biases: of each layer ``(units,)``.
    """

    def __init__(
        self, sizes: Sequence[int], seed: int, *, dtype: npt.DTypeLike = np.float32
    ) -> None:
        """Draw random weights that keep the variance of inputs in ReLU layers; biases are 0.

        K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015,
        arXiv:1502.01852.

        Args:
            sizes: pixels of a frame, units of each hidden layer, classes.
            seed: of the weights.
            dtype: precision of all arrays; 64 bits are for checking gradients.

        Raises:
            ValueError: there are fewer than two sizes, or one is below 1.
        """
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"expected two or more sizes of at least 1, got {tuple(sizes)}")
        random = np.random.default_rng(seed)
        self.weights: list[Array] = [
            random.normal(0, np.sqrt(2 / inputs), (inputs, units)).astype(dtype)
            for inputs, units in pairwise(sizes)
        ]
        self.biases: list[Array] = [np.zeros(units, dtype) for units in sizes[1:]]

    def probabilities(self, frames: npt.ArrayLike) -> Array:
        """Predict ``(N, 10)`` probabilities for ``(N, 28, 28)`` frames of 0 paper … 1 ink.

        Raises:
            ValueError: the frames have another shape.
        """
        _, logits = self._propagate(frames)
        return np.exp(_log_softmax(logits))

    def gradients(self, frames: npt.ArrayLike, targets: npt.ArrayLike) -> Gradients:
        """Compute the loss of one batch and its derivatives by all weights and biases.

        Args:
            frames: ``(N, 28, 28)`` of 0 paper … 1 ink.
            targets: ``(N, 10)``, each row a distribution; one-hot for a label.

        Raises:
            ValueError: a shape does not fit, the batch is empty or a row is no distribution.
        """
        activations, logits = self._propagate(frames)
        wanted = _validate_targets(np.asarray(targets, logits.dtype), logits.shape)
        logarithms = _log_softmax(logits)
        probabilities = np.exp(logarithms)
        weights, biases = self._backpropagate(activations, (probabilities - wanted) / len(wanted))
        loss = -float((wanted * logarithms).sum()) / len(wanted)
        return Gradients(loss, probabilities, weights, biases)

    def step(self, gradients: Gradients, learning_rate: float) -> None:
        """Change all weights and biases by a step of gradient descent."""
        for values, slopes in (
            *zip(self.weights, gradients.weights, strict=True),
            *zip(self.biases, gradients.biases, strict=True),
        ):
            np.subtract(values, learning_rate * slopes, out=values)

    def keras_weights(self) -> list[Array]:
        """Copies in the order of ``keras.Model.set_weights``: weights, biases, layer by layer."""
        layers = zip(self.weights, self.biases, strict=True)
        return [array.copy() for layer in layers for array in layer]

    def _propagate(self, frames: npt.ArrayLike) -> tuple[list[Array], Array]:
        """The inputs of each layer, ``(N, inputs)``, and the outputs of the last one."""
        activations = [self._flatten(frames)]
        *hidden, (weights, biases) = zip(self.weights, self.biases, strict=True)
        for hidden_weights, hidden_biases in hidden:
            activations.append(np.maximum(activations[-1] @ hidden_weights + hidden_biases, 0))
        return activations, activations[-1] @ weights + biases

    def _backpropagate(
        self, activations: list[Array], slopes: Array
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Derivatives by weights and biases, from those by the network's outputs, ``slopes``."""
        weights, biases = [], []
        for layer in reversed(range(len(self.weights))):
            weights.append(activations[layer].T @ slopes)
            biases.append(slopes.sum(axis=0))
            if layer > 0:  # derivatives by the pixels are not needed, and take longest
                slopes = slopes @ self.weights[layer].T * (activations[layer] > 0)
        return tuple(reversed(weights)), tuple(reversed(biases))

    def _flatten(self, frames: npt.ArrayLike) -> Array:
        batch = np.asarray(frames, self.weights[0].dtype)
        pixels = len(self.weights[0])
        if batch.ndim != 3 or batch.shape[1] * batch.shape[2] != pixels:
            raise ValueError(
                f"expected frames of shape (N, height, width) with {pixels} pixels each, "
                f"got {batch.shape}"
            )
        return batch.reshape(len(batch), pixels)


def train_epochs(
    network: DenseNetwork,
    frames: Array,
    labels: Labels,
    phases: Sequence[Phase],
    seed: int,
) -> Iterator[Epoch]:
    """Train a network phase by phase; each ``next`` trains one epoch.

    The network is changed in place, and a caller can measure and save it between epochs.

    Args:
        network: the network to train.
        frames: ``(N, 28, 28)`` of 0 paper … 1 ink.
        labels: ``(N,)`` classes.
        phases: in their order.
        seed: of the order of the images and of the shifts.

    Raises:
        ValueError: there are no images or no phases, or the labels do not fit. It is raised before
            the first epoch.
    """
    if len(frames) != len(labels) or len(frames) == 0:
        raise ValueError(
            f"expected one or more frames and a label each, got {len(frames)} frames and "
            f"{len(labels)} labels"
        )
    if not phases:
        raise ValueError("expected at least one phase, got none")
    targets = encode_labels(labels, len(network.biases[-1]))
    random = np.random.default_rng(seed)
    return (
        train_epoch(network, frames, targets, phase, random)
        for phase in phases
        for _ in range(phase.epochs)
    )


def train_epoch(
    network: DenseNetwork,
    frames: Array,
    targets: Array,
    phase: Phase,
    random: np.random.Generator,
) -> Epoch:
    """Use every image once, in batches in random order; ``targets`` as for ``gradients``."""
    order = random.permutation(len(frames))
    loss, right = 0.0, 0
    for start in range(0, len(frames), phase.batch_size):
        chosen = order[start : start + phase.batch_size]
        batch, wanted = shift_frames(frames[chosen], phase.shift, random), targets[chosen]
        gradients = network.gradients(batch, wanted)
        network.step(gradients, phase.learning_rate)
        loss += gradients.loss * len(chosen)
        right += int((gradients.probabilities.argmax(axis=1) == wanted.argmax(axis=1)).sum())
    return Epoch(loss / len(frames), right / len(frames))


def shift_frames(frames: Array, max_shift: int, random: np.random.Generator) -> Array:
    """Shift ``(N, 28, 28)`` frames by one random number of pixels; paper comes in at the edge."""
    if max_shift == 0:
        return frames
    _, height, width = frames.shape
    padded = np.pad(frames, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))
    top, left = random.integers(2 * max_shift + 1, size=2)
    return padded[:, top : top + height, left : left + width]


def encode_labels(labels: Labels, classes: int) -> npt.NDArray[np.float32]:
    """Encode labels ``(N,)`` as one-hot targets ``(N, classes)``.

    Raises:
        ValueError: a label is not an integer from 0 to ``classes`` - 1.
    """
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"expected whole labels of shape (N,), got {labels.shape} and {labels.dtype}"
        )
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(
            f"expected labels from 0 to {classes - 1}, got {labels.min()} to {labels.max()}"
        )
    return np.eye(classes, dtype=np.float32)[labels]


def _log_softmax(logits: Array) -> Array:
    """Logarithms of the probabilities, ``(N, classes)``; finite for large logits too."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _validate_targets(targets: Array, expected: tuple[int, ...]) -> Array:
    if targets.shape != expected or len(targets) == 0:
        raise ValueError(
            f"expected one or more frames and targets of shape {expected}, got {targets.shape}"
        )
    sums = targets.sum(axis=1)
    if not (targets.min() >= 0 and np.abs(sums - 1).max() <= TOLERANCE):
        raise ValueError(
            f"expected targets of 0 or more whose rows sum to 1, got a least target of "
            f"{targets.min():g} and sums from {sums.min():g} to {sums.max():g}"
        )
    return targets
