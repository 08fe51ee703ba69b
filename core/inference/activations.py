"""Activations: the outputs of a network's layers for one frame.

They come from the LiteRT file alone. Each call builds its own interpreter, which takes a few
milliseconds and shares nothing with other threads. The converter fuses normalisation, padding and
ReLU with the layer before or after them, so they are no layers of their own here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from core.digits.frame import FRAME_SIZE

Kind = Literal["input", "convolution", "pooling", "dense", "output"]

KINDS: dict[str, Kind] = {
    "CONV_2D": "convolution",
    "DEPTHWISE_CONV_2D": "convolution",
    "MAX_POOL_2D": "pooling",
    "AVERAGE_POOL_2D": "pooling",
    "FULLY_CONNECTED": "dense",
}
# Activation functions that the converter did not fuse: part of the layer before them.
FUNCTIONS = {"ELU", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "RELU", "SOFTMAX", "TANH"}

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Activation:
    """The output of one layer for one frame.

    Attributes:
        name: kind and number, such as "Convolution 2"; "Input" and "Output" have no number.
        kind: ``input`` is the input of the first layer: the frame, or the output of a step without
            weights before it; ``output`` are the probabilities.
        values: ``(height, width, channels)``, or ``(units,)`` for dense layers and the output.
    """

    name: str
    kind: Kind
    values: Values


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """The weights of the layer that is applied to the pixels.

    Attributes:
        kind: ``convolution`` or ``dense``.
        weights: ``(units, height, width)``: for each unit a small filter, or a weight for each
            pixel.
        bias: ``(units,)``.
    """

    kind: Kind
    weights: Values
    bias: Values


def read_activations(model: bytes, frame: npt.ArrayLike) -> tuple[Activation, ...]:
    """Run a model on one frame and return the output of every layer.

    Args:
        model: the contents of a LiteRT file.
        frame: ``(28, 28)`` of 0 paper … 1 ink.

    Returns:
        The input, the convolution, pooling and dense layers in order, and the output.

    Raises:
        ValueError: the frame has another shape.
    """
    interpreter = _run(model, np.asarray(frame, dtype=np.float32))
    layers = _list_layers(interpreter)
    first = layers[0]
    output = interpreter.get_output_details()[0]["index"]
    last = _find_last_layers(_list_operations(interpreter), output)
    if len(last) == 1:  # what follows is its activation function, such as a softmax
        layers = [layer for layer in layers if layer["outputs"][0] not in last]
    found: list[tuple[Kind, int]] = [("input", first["inputs"][0])]
    found += [(KINDS[layer["op_name"]], layer["output"]) for layer in layers]
    return tuple(_name_activations(interpreter, [*found, ("output", output)]))


def read_first_layer(model: bytes) -> FirstLayer:
    """The weights and biases of the first layer that has any.

    Raises:
        ValueError: the input of that layer is not one grey image.
    """
    interpreter = _run(model, np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32))
    layers = _list_layers(interpreter)
    first = next(layer for layer in layers if KINDS[layer["op_name"]] != "pooling")
    weights = interpreter.get_tensor(first["inputs"][1])
    kind = KINDS[first["op_name"]]
    if kind == "dense" and weights.shape[1] == FRAME_SIZE**2:
        images = weights.reshape(-1, FRAME_SIZE, FRAME_SIZE)
    elif kind == "convolution" and weights.shape[3] == 1:
        images = weights[..., 0]
    else:
        raise ValueError(
            f"expected a first layer for one image, got weights of shape {weights.shape}"
        )
    return FirstLayer(kind, images, interpreter.get_tensor(first["inputs"][2]))


def _run(model: bytes, frame: Values) -> Interpreter:
    """An interpreter that has run on one frame and still holds every tensor."""
    if frame.shape != (FRAME_SIZE, FRAME_SIZE):
        raise ValueError(
            f"expected a frame of shape ({FRAME_SIZE}, {FRAME_SIZE}), got {frame.shape}"
        )
    interpreter = Interpreter(
        model_content=model,
        num_threads=1,
        experimental_preserve_all_tensors=True,
        # The default delegate does not return the outputs of layers.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], frame[None])
    interpreter.invoke()
    return interpreter


def _list_operations(interpreter: Interpreter) -> list[dict[str, Any]]:
    """The operations of a model in order, with ``op_name``, ``inputs`` and ``outputs``.

    LiteRT has no public function for it. The version is pinned, and the tests of this module
    fail where the private one changes.
    """
    operations: list[dict[str, Any]] = interpreter._get_ops_details()
    return operations


def _list_layers(interpreter: Interpreter) -> list[dict[str, Any]]:
    """The operations that are layers; ``output`` is the tensor after their activation function."""
    layers: list[dict[str, Any]] = []
    for operation in _list_operations(interpreter):
        if operation["op_name"] in KINDS:
            layers.append({**operation, "output": operation["outputs"][0]})
        elif operation["op_name"] in FUNCTIONS:
            for layer in layers:
                if layer["output"] == operation["inputs"][0]:
                    layer["output"] = operation["outputs"][0]
    return layers


def _find_last_layers(operations: Sequence[dict[str, Any]], tensor: int) -> set[int]:
    """The outputs of the layers from which a tensor is computed without a layer in between.

    There are several where the model is the mean of others.
    """
    for operation in operations:
        if tensor in operation["outputs"]:
            if operation["op_name"] in KINDS:
                return {tensor}
            found = (_find_last_layers(operations, one) for one in operation["inputs"])
            return set().union(*found)
    return set()


def _name_activations(
    interpreter: Interpreter, found: Sequence[tuple[Kind, int]]
) -> Iterator[Activation]:
    kinds = [kind for kind, _ in found]
    for place, (kind, tensor) in enumerate(found):
        values = interpreter.get_tensor(tensor)[0]
        if kind == "input":
            values = values.reshape(FRAME_SIZE, FRAME_SIZE, 1)
        number = kinds[: place + 1].count(kind) if kinds.count(kind) > 1 else ""
        yield Activation(f"{kind.capitalize()} {number}".strip(), kind, values)
