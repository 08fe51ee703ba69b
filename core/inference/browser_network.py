"""Networks for the browser: the layers of a LiteRT file in the form that ``network.js`` runs.

The weights are those that the server runs, arranged so that the weights of all outputs of one
input lie together. Batch normalisation that follows an activation is multiplied into the next
layer, so that this layer's inputs keep their zeros, which the browser skips.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.inference.litert_graph import LiteRTGraph, Operation, Values, read_graph

# The steps of logistic regression before its weights are many operations in the file, and three
# functions in normalisation.js. This is the digest of the operations that these functions compute.
NORMALISATION_SHA256 = "04467e020b33e5ae31cbb76936d1ce0ee65336c617f575b6983ab513afc4e3ba"
POOLINGS = {"MAX_POOL_2D": "max_pooling", "AVERAGE_POOL_2D": "average_pooling"}
FUNCTIONS = {"SOFTMAX": "softmax", "LOGISTIC": "logistic", "RELU": "relu"}
ACTIVATIONS = {"none", *FUNCTIONS.values()}
NONE = np.zeros(0, np.float32)
SAME = 0  # of the paddings in the schema


class UnsupportedNetworkError(ValueError):
    """The network has an operation that the browser cannot compute."""


@dataclass(frozen=True, eq=False)
class BrowserLayer:
    """A layer, or the mean of several networks.

    Attributes:
        kind: ``normalise``, ``convolution``, ``max_pooling``, ``average_pooling``, ``scale``,
            ``dense`` or ``mean``.
        input: shape of the input, ``(height, width, channels)`` or ``(units,)``.
        output: shape of the output.
        activation: ``none``, ``relu``, ``logistic``, ``softmax`` or ``softmax_with_rejection``.
        weights: ``(height, width, channels, filters)`` of a convolution, ``(inputs, units)`` of a
            dense layer, ``(channels,)`` of a scale.
        bias: ``(filters,)``, ``(units,)`` or ``(channels,)``; or of the shape of the output.
        stride: of a convolution or a pooling, in both directions.
        size: of a pooling, in both directions.
        padding: rows above and columns on the left that a convolution adds, of zeros.
        members: the networks of a mean.
    """

    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    activation: str = "none"
    weights: Values = field(default_factory=lambda: NONE)
    bias: Values = field(default_factory=lambda: NONE)
    stride: int = 1
    size: int = 1
    padding: tuple[int, int] = (0, 0)
    members: tuple[tuple["BrowserLayer", ...], ...] = ()


Layers = tuple[BrowserLayer, ...]


def read_layers(model: bytes) -> Layers:
    """The layers in the contents of a LiteRT file.

    Raises:
        UnsupportedNetworkError: the browser cannot compute one of its operations.
    """
    graph = read_graph(model)
    return _trace(graph, graph.output)


def _trace(graph: LiteRTGraph, tensor: int) -> Layers:
    """The layers that compute a tensor from the frame."""
    if tensor == graph.input:
        return ()
    operation = graph.find_producer(tensor)
    source = operation.inputs[0]
    match operation.name:
        case "RESHAPE":
            layers = _trace(graph, source)
        case "CONV_2D":
            layers = _append(_trace(graph, source), _read_convolution(graph, operation))
        case "FULLY_CONNECTED":
            layers = _append(_trace(graph, source), _read_dense(graph, operation))
        case "MAX_POOL_2D" | "AVERAGE_POOL_2D":
            layers = (*_trace(graph, source), _read_pooling(graph, operation))
        case "SOFTMAX" | "LOGISTIC" | "RELU":
            layers = _activate(_trace(graph, source), FUNCTIONS[operation.name])
        case "MUL" | "ADD" if operation.inputs[1] in graph.constants:
            layers = _trace_scale(graph, operation)
        case "ADD":
            layers = _trace_rejection(graph, operation)
        case _:
            layers = _trace_normalisation(graph, tensor)
    return layers


def _read_convolution(graph: LiteRTGraph, operation: Operation) -> BrowserLayer:
    shape, output = graph.shapes[operation.inputs[0]], graph.shapes[operation.outputs[0]]
    weights = graph.constants[operation.inputs[1]].transpose(1, 2, 3, 0)
    stride = operation.options.StrideH()
    missing = [0, 0]
    if operation.options.Padding() == SAME:
        missing = [
            max(0, (output[axis] - 1) * stride + weights.shape[axis] - shape[axis])
            for axis in (0, 1)
        ]
    return BrowserLayer(
        "convolution",
        shape,
        output,
        operation.activation,
        weights,
        _read_bias(graph, operation, weights.shape[-1]),
        stride,
        padding=(missing[0] // 2, missing[1] // 2),
    )


def _read_dense(graph: LiteRTGraph, operation: Operation) -> BrowserLayer:
    weights = graph.constants[operation.inputs[1]].T
    inputs, units = weights.shape
    bias = _read_bias(graph, operation, units)
    return BrowserLayer("dense", (inputs,), (units,), operation.activation, weights, bias)


def _read_bias(graph: LiteRTGraph, operation: Operation, size: int) -> Values:
    return graph.constants.get(operation.inputs[2], np.zeros(size, np.float32))


def _read_pooling(graph: LiteRTGraph, operation: Operation) -> BrowserLayer:
    options = operation.options
    return BrowserLayer(
        POOLINGS[operation.name],
        graph.shapes[operation.inputs[0]],
        graph.shapes[operation.outputs[0]],
        stride=options.StrideH(),
        size=options.FilterHeight(),
    )


def _trace_scale(graph: LiteRTGraph, operation: Operation) -> Layers:
    """A product with or a sum of a constant for each channel, or the mean of several networks."""
    source, constant = operation.inputs
    members = _list_terms(graph, source) if operation.name == "MUL" else []
    if len(members) > 1:
        shape = graph.shapes[operation.outputs[0]]
        networks = tuple(_trace(graph, member) for member in members)
        return (BrowserLayer("mean", graph.shapes[graph.input], shape, members=networks),)
    before, shape = _trace(graph, source), graph.shapes[source]
    values = np.broadcast_to(graph.constants[constant].ravel(), shape[-1:])
    ones, zeros = np.ones_like(values), np.zeros_like(values)
    weights, bias = (values, zeros) if operation.name == "MUL" else (ones, values)
    scale = BrowserLayer("scale", shape, shape, operation.activation, weights, bias)
    return _append(before, scale)


def _list_terms(graph: LiteRTGraph, tensor: int) -> list[int]:
    """The tensors of which a tensor is the sum."""
    operation = graph.find_producer(tensor)
    if operation.name != "ADD" or {*operation.inputs} & {*graph.constants}:
        return [tensor]
    return [term for source in operation.inputs for term in _list_terms(graph, source)]


def _trace_rejection(graph: LiteRTGraph, operation: Operation) -> Layers:
    """The softmax over the digits and "no digit": see ``softmax_with_rejection`` in training."""
    names = ("STRIDED_SLICE", "MUL")
    digits, rest = (graph.find_producer(source) for source in operation.inputs)
    if (digits.name, rest.name) == names:
        softmax = graph.find_producer(digits.inputs[0])
        logits = graph.find_producer(softmax.inputs[0])
        if (softmax.name, logits.name) == ("SOFTMAX", "CONCATENATION"):
            return _activate(_trace(graph, logits.inputs[0]), "softmax_with_rejection")
    raise UnsupportedNetworkError("A browser cannot compute a sum within this network.")


def _trace_normalisation(graph: LiteRTGraph, tensor: int) -> Layers:
    """The steps of logistic regression before its weights, as one layer."""
    if _digest_operations(graph, tensor) != NORMALISATION_SHA256:
        name = graph.find_producer(tensor).name
        raise UnsupportedNetworkError(
            f"A browser cannot compute the operation {name} of this network."
        )
    return (BrowserLayer("normalise", graph.shapes[graph.input], graph.shapes[tensor]),)


def _digest_operations(graph: LiteRTGraph, tensor: int) -> str:
    """A digest of the operations up to the one that gives a tensor, and of their constants."""
    digest = hashlib.sha256()
    for operation in graph.operations:
        digest.update(operation.name.encode())
        for source in operation.inputs:
            digest.update(graph.constants.get(source, NONE).tobytes())
        if tensor in operation.outputs:
            break
    return digest.hexdigest()


def _activate(layers: Layers, activation: str) -> Layers:
    """The layers with an activation function after the last one."""
    last = layers[-1]
    if last.activation != "none":
        raise UnsupportedNetworkError("A browser computes one activation function a layer.")
    return (*layers[:-1], replace(last, activation=activation))


def _append(layers: Layers, layer: BrowserLayer) -> Layers:
    """The layers and one more, into which a scale before it is multiplied."""
    if layer.activation not in ACTIVATIONS:
        raise UnsupportedNetworkError(f"A browser cannot compute {layer.activation}.")
    last = layers[-1] if layers else None
    if last is None or last.kind != "scale" or last.activation != "none":
        return (*layers, layer)
    return (*layers[:-1], _multiply(last, layer))


def _multiply(scale: BrowserLayer, layer: BrowserLayer) -> BrowserLayer:
    """One layer that computes a scale and the layer after it."""
    if layer.kind == "scale":
        factors, offset = layer.weights, scale.bias * layer.weights
        return replace(layer, weights=scale.weights * factors, bias=offset + layer.bias)
    # Channels are the last axis of the input, whether it was flattened or not.
    repeats = layer.weights.shape[-2] // len(scale.weights)
    factors, offsets = (np.tile(values, repeats) for values in (scale.weights, scale.bias))
    shares = np.einsum("...io,i->...o", layer.weights.astype(np.float64), offsets)
    return replace(
        layer,
        weights=layer.weights * factors[:, None],
        bias=(layer.bias + _sum_inside(shares, layer)).astype(np.float32),
    )


def _sum_inside(shares: np.ndarray[Any, Any], layer: BrowserLayer) -> np.ndarray[Any, Any]:
    """The sum of what the weights of a convolution add, those outside of the image left out.

    Args:
        shares: ``(height, width, filters)``, or ``(units,)`` for a dense layer.
        layer: whose weights they are.

    Returns:
        ``(filters,)`` or ``(units,)``; ``(height, width, filters)`` where the image is padded.
    """
    if layer.kind == "dense":
        return shares
    result = np.zeros(layer.output)
    for row, column in np.ndindex(layer.output[:2]):
        top, left = (
            place * layer.stride - padding
            for place, padding in zip((row, column), layer.padding, strict=True)
        )
        inside = shares[max(0, -top) : layer.input[0] - top, max(0, -left) : layer.input[1] - left]
        result[row, column] = inside.sum(axis=(0, 1))
    is_padded = (result != result[0, 0]).any()
    return result if is_padded else result[0, 0]
