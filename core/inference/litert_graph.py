"""The graph of a LiteRT file: its operations with their options, and its constants.

The interpreter keeps the options of operations to itself, so the file is read here, by the schema
that comes with LiteRT. Nothing is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

Values = npt.NDArray[np.float32]
# The names of the numbers in the file.
OPERATIONS = {
    number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)
}
ACTIVATIONS = {
    number: name.lower()
    for name, number in vars(schema.ActivationFunctionType).items()
    if isinstance(number, int)
}
OPTIONS = {
    "CONV_2D": schema.Conv2DOptions,
    "MAX_POOL_2D": schema.Pool2DOptions,
    "AVERAGE_POOL_2D": schema.Pool2DOptions,
    "FULLY_CONNECTED": schema.FullyConnectedOptions,
    "MUL": schema.MulOptions,
    "ADD": schema.AddOptions,
}


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: of its kind, such as ``CONV_2D``.
        inputs: the numbers of the tensors that it takes; -1 for one that is left out.
        outputs: the numbers of the tensors that it gives.
        options: as in the schema of LiteRT; None for kinds that this module does not read.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any = field(default=None, compare=False)

    @property
    def activation(self) -> str:
        """The activation function that is part of it, such as ``none`` or ``relu``."""
        if self.options is None:
            return "none"
        return ACTIVATIONS[self.options.FusedActivationFunction()]


@dataclass(frozen=True, eq=False)
class LiteRTGraph:
    """The operations of a network with one input and one output.

    Attributes:
        operations: in the order in which they run.
        shapes: of each tensor, without the batch.
        constants: the tensors of float32 that the file contains, by number.
        input: the number of the tensor of the frames.
        output: the number of the tensor of the outputs.
    """

    operations: tuple[Operation, ...]
    shapes: tuple[tuple[int, ...], ...]
    constants: Mapping[int, Values]
    input: int
    output: int

    def find_producer(self, tensor: int) -> Operation:
        """The operation that gives a tensor; KeyError for the input and for constants."""
        return {output: one for one in self.operations for output in one.outputs}[tensor]


def read_graph(model: bytes) -> LiteRTGraph:
    """Read the graph in the contents of a LiteRT file, which its caller has checked."""
    file = schema.Model.GetRootAs(model, 0)
    graph = file.Subgraphs(0)
    tensors = [graph.Tensors(number) for number in range(graph.TensorsLength())]
    return LiteRTGraph(
        tuple(
            _read_operation(file, graph.Operators(number))
            for number in range(graph.OperatorsLength())
        ),
        tuple(tuple(tensor.ShapeAsNumpy()[1:].tolist()) for tensor in tensors),
        {
            number: values
            for number, tensor in enumerate(tensors)
            if (values := _read_constant(file, tensor)) is not None
        },
        int(graph.Inputs(0)),
        int(graph.Outputs(0)),
    )


def _read_operation(file: Any, operator: Any) -> Operation:
    name = OPERATIONS[file.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()]
    options = None
    if name in OPTIONS:
        table = operator.BuiltinOptions()
        options = OPTIONS[name]()
        options.Init(table.Bytes, table.Pos)
    inputs, outputs = operator.InputsAsNumpy(), operator.OutputsAsNumpy()
    return Operation(name, tuple(inputs.tolist()), tuple(outputs.tolist()), options)


def _read_constant(file: Any, tensor: Any) -> Values | None:
    contents = file.Buffers(tensor.Buffer())
    if tensor.Type() != schema.TensorType.FLOAT32 or not contents.DataLength():
        return None
    shape = tensor.ShapeAsNumpy() if tensor.ShapeLength() else ()
    return contents.DataAsNumpy().view(np.float32).reshape(shape)
