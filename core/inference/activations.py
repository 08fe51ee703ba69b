"""Activations: what happens inside a network between frame and probabilities, step by step.

Everything is read from the LiteRT file alone. Each call builds an interpreter of its own, which
takes a few milliseconds and shares nothing with other threads. The converter has joined
normalisation, padding and ReLU with the layer they belong to, and so does this module.
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
# What stands behind a layer as an operation of its own and finishes it.
FUNCTIONS = {"ELU", "GELU", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "RELU", "SOFTMAX", "TANH"}

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Activation:
    """What one layer made of one frame.

    Attributes:
        name: kind and number, as in "Convolution 2"; "Input" and "Output" stand alone.
        kind: ``input`` is what the first layer reads: the frame, or what a step without weights
            made of it; ``output`` are the probabilities.
        values: ``(height, width, channels)``, or ``(units,)`` for dense layers and the output.
    """

    name: str
    kind: Kind
    values: Values


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """The weights that look at the pixels themselves.

    Attributes:
        kind: ``convolution`` or ``dense``.
        weights: ``(units, height, width)``: one small filter a unit, or one weight a pixel.
        bias: ``(units,)``.
    """

    kind: Kind
    weights: Values
    bias: Values


def read_activations(model: bytes, frame: npt.ArrayLike) -> tuple[Activation, ...]:
    """Run a model on one frame and keep what every layer made of it.

    Args:
        model: the contents of a LiteRT file.
        frame: ``(28, 28)`` of 0 paper … 1 ink.

    Returns:
        The input, the convolution, pooling and dense layers in order, and the output.

    Raises:
        ValueError: the frame has another shape.
    """
    interpreter = _run(model, np.asarray(frame, dtype=np.float32))
    steps = _list_steps(interpreter)
    output = interpreter.get_output_details()[0]["index"]
    found: list[tuple[Kind, int]] = [("input", steps[0]["inputs"][0])]
    found += [(KINDS[step["op_name"]], step["output"]) for step in steps]
    found = [(kind, tensor) for kind, tensor in found if tensor != output]
    return tuple(_name_activations(interpreter, [*found, ("output", output)]))


def read_first_layer(model: bytes) -> FirstLayer:
    """The weights of the first layer that has any, with their bias.

    Raises:
        ValueError: that layer does not read one grey picture.
    """
    interpreter = _run(model, np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32))
    first = next(step for step in _list_steps(interpreter) if KINDS[step["op_name"]] != "pooling")
    weights = interpreter.get_tensor(first["inputs"][1])
    kind = KINDS[first["op_name"]]
    if kind == "dense" and weights.shape[1] == FRAME_SIZE**2:
        pictures = weights.reshape(-1, FRAME_SIZE, FRAME_SIZE)
    elif kind == "convolution" and weights.shape[3] == 1:
        pictures = weights[..., 0]
    else:
        raise ValueError(
            f"expected a first layer that reads one picture, got weights of shape {weights.shape}"
        )
    return FirstLayer(kind, pictures, interpreter.get_tensor(first["inputs"][2]))


def _run(model: bytes, frame: Values) -> Interpreter:
    """An interpreter that has read one frame and still holds every tensor."""
    if frame.shape != (FRAME_SIZE, FRAME_SIZE):
        raise ValueError(
            f"expected a frame of shape ({FRAME_SIZE}, {FRAME_SIZE}), got {frame.shape}"
        )
    interpreter = Interpreter(
        model_content=model,
        num_threads=1,
        experimental_preserve_all_tensors=True,
        # The default delegate keeps results to itself.
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], frame[None])
    interpreter.invoke()
    return interpreter


def _list_steps(interpreter: Interpreter) -> list[dict[str, Any]]:
    """The operations that are layers, each followed by the functions that finish it.

    LiteRT tells only here which tensor goes where.
    """
    steps: list[dict[str, Any]] = []
    for step in interpreter._get_ops_details():
        if step["op_name"] in KINDS:
            steps.append({**step, "output": step["outputs"][0]})
        elif step["op_name"] in FUNCTIONS:
            for earlier in steps:
                if earlier["output"] == step["inputs"][0]:
                    earlier["output"] = step["outputs"][0]
    return steps


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
