"""Layers: the plan of a network, checked and counted without TensorFlow.

Every network begins with the frame as an image of one channel and ends with ten probabilities. A
plan lists the layers between them. ``core.training`` builds the network that this module describes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from core.digits.datasets import CLASSES
from core.digits.frame import FRAME_SIZE
from core.models.card import Layer

CONVOLUTION, MAX_POOLING, AVERAGE_POOLING, NORMALISATION, DROPOUT, FLATTEN, DENSE = (
    "Conv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "BatchNormalization",
    "Dropout",
    "Flatten",
    "Dense",
)
KINDS = (
    CONVOLUTION,
    MAX_POOLING,
    AVERAGE_POOLING,
    NORMALISATION,
    DROPOUT,
    FLATTEN,
    DENSE,
)
# The name of each kind in the network; layers with the same name are numbered.
NAMES = {
    CONVOLUTION: "convolution",
    MAX_POOLING: "pooling",
    AVERAGE_POOLING: "pooling",
    NORMALISATION: "normalisation",
    DROPOUT: "dropout",
    FLATTEN: "flatten",
    DENSE: "dense",
}
POOLING_SIZE = 2
MAX_FILTERS, MAX_UNITS, MAX_KERNEL = 64, 512, 7
MAX_LAYERS, MAX_PARAMETERS = 16, 1_000_000


@dataclass(frozen=True)
class LayerPlan:
    """One layer between the frame and the probabilities.

    Attributes:
        kind: one of ``KINDS``. ReLU follows convolutions and dense layers. Pooling halves height
            and width.
        size: filters of a convolution, units of a dense layer; 0 for other kinds.
        kernel: height and width of a convolution's filters in pixels; 0 for other kinds.
        rate: share of the units that dropout sets to 0; 0 for other kinds.
    """

    kind: str
    size: int = 0
    kernel: int = 0
    rate: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"expected a kind of layer, got {self.kind!r}; choices are {', '.join(KINDS)}"
            )
        max_size = {CONVOLUTION: MAX_FILTERS, DENSE: MAX_UNITS}.get(self.kind, 0)
        if not min(max_size, 1) <= self.size <= max_size:
            raise ValueError(
                f"expected {self.kind} of size {min(max_size, 1)} to {max_size}, got {self.size}"
            )
        max_kernel = MAX_KERNEL if self.kind == CONVOLUTION else 0
        if not min(max_kernel, 1) <= self.kernel <= max_kernel:
            raise ValueError(
                f"expected {self.kind} with a kernel of {min(max_kernel, 1)} to {max_kernel}, got "
                f"{self.kernel}"
            )
        if not (0 < self.rate < 1 if self.kind == DROPOUT else self.rate == 0):
            raise ValueError(
                f"expected a rate between 0 and 1 for Dropout, 0 for others, got {self.rate} for "
                f"{self.kind}"
            )


def describe_network(layers: Sequence[LayerPlan]) -> tuple[Layer, ...]:
    """All layers of the network, with the first and the last layer that every network has.

    Raises:
        ValueError: a layer does not fit after those before it, or the network is too large.
    """
    if len(layers) > MAX_LAYERS:
        raise ValueError(f"A network can have at most {MAX_LAYERS} layers, not {len(layers)}")
    shape: tuple[int, ...] = (FRAME_SIZE, FRAME_SIZE, 1)
    described = [Layer("channel", "Reshape", shape, 0)]
    for layer, name in zip(layers, name_layers(layers), strict=True):
        parameters = _count_parameters(layer, shape, name)
        shape = _find_shape(layer, shape, name)
        described.append(Layer(name, layer.kind, shape, parameters))
    if len(shape) > 1:
        raise ValueError("The network needs a Flatten layer; add one at the end")
    described.append(Layer("probabilities", "Dense", (CLASSES,), (shape[0] + 1) * CLASSES))
    total = sum(layer.parameters for layer in described)
    if total > MAX_PARAMETERS:
        raise ValueError(
            f"A network can have at most {MAX_PARAMETERS:,} parameters, not {total:,}; use fewer "
            "units, or a pooling layer before Flatten"
        )
    return tuple(described)


def name_layers(layers: Sequence[LayerPlan]) -> list[str]:
    """A unique name for each layer."""
    counted: Counter[str] = Counter()
    names = []
    for layer in layers:
        name = NAMES[layer.kind]
        counted[name] += 1
        names.append(name if layer.kind == FLATTEN else f"{name}_{counted[name]}")
    return names


def _count_parameters(layer: LayerPlan, shape: tuple[int, ...], name: str) -> int:
    if layer.kind == CONVOLUTION:
        return (layer.kernel**2 * shape[-1] + 1) * layer.size
    if layer.kind == NORMALISATION:
        return 4 * shape[-1]
    if layer.kind == DENSE:
        if len(shape) > 1:
            raise ValueError(f"The layer {name} needs a Flatten layer before it; add one")
        return (shape[0] + 1) * layer.size
    return 0


def _find_shape(layer: LayerPlan, shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    if layer.kind == DENSE:
        return (layer.size,)
    if layer.kind in (NORMALISATION, DROPOUT):
        return shape
    if len(shape) == 1:
        raise ValueError(f"The layer {name} must be before Flatten; move it up")
    if layer.kind == FLATTEN:
        return (prod(shape),)
    convolved = layer.kind == CONVOLUTION
    side = shape[0] - layer.kernel + 1 if convolved else shape[0] // POOLING_SIZE
    if side < 1:
        raise ValueError(
            f"The layer {name} needs a larger image than {shape[0]}×{shape[1]}; use fewer pooling "
            "layers or smaller kernels before it"
        )
    return (side, side, layer.size if convolved else shape[-1])


def write_layers(layers: Sequence[LayerPlan]) -> str:
    """Layers in the form of links: ``Conv2D.8.3_MaxPooling2D_Flatten_Dense.64``."""
    words = []
    for layer in layers:
        numbers = (layer.size, layer.kernel, round(100 * layer.rate))
        words.append(".".join([layer.kind, *(str(number) for number in numbers if number)]))
    return "_".join(words)


def describe_layers(layers: Sequence[LayerPlan]) -> str:
    """Layers in words: ``Conv2D 8 of 3×3, MaxPooling2D, Flatten, Dense 64, Dropout 25%``."""
    return ", ".join(map(_describe_layer, layers))


def _describe_layer(layer: LayerPlan) -> str:
    if layer.kind == CONVOLUTION:
        return f"{layer.kind} {layer.size} of {layer.kernel}×{layer.kernel}"
    if layer.kind == DROPOUT:
        return f"{layer.kind} {100 * layer.rate:g}%"
    return f"{layer.kind} {layer.size}" if layer.size else layer.kind


def read_layers(text: str) -> tuple[LayerPlan, ...]:
    """Layers from the text of ``write_layers``. Raises ValueError for any other text."""
    layers = []
    for word in text.split("_"):
        kind, *numbers = word.split(".")
        values = [int(number) for number in numbers] + [0, 0]
        layers.append(
            LayerPlan(kind, rate=values[0] / 100)
            if kind == DROPOUT
            else LayerPlan(kind, size=values[0], kernel=values[1])
        )
    return tuple(layers)
