"""Multiplications of one prediction: a figure for the work of a network that no machine changes.

They are counted in the operations of the LiteRT file, nothing is run. Divisions, square roots and
activation functions are not counted: they are few. This module does not know how long a
multiplication takes.
"""

from math import prod

from core.inference.litert_graph import LiteRTGraph, Operation, read_graph


def count_multiplications(model: bytes) -> int:
    """The multiplications in the contents of a LiteRT file, for one frame.

    A convolution has one for each output cell and each weight of its filter, also where the filter
    reaches over the edge of the image; a dense layer has one for each input and output. These are
    the multiply-accumulate operations of V. Sze et al., "Efficient Processing of Deep Neural
    Networks: A Tutorial and Survey" (2017), arXiv:1703.09039. Products and squared differences of
    two tensors, such as those of a batch normalisation, are added.
    """
    graph = read_graph(model)
    return sum(_count(graph, operation) for operation in graph.operations)


def _count(graph: LiteRTGraph, operation: Operation) -> int:
    cells = prod(graph.shapes[operation.outputs[0]])
    match operation.name:
        case "CONV_2D" | "FULLY_CONNECTED":
            # Outputs are the first axis of the weights, which these shapes leave out.
            return cells * prod(graph.shapes[operation.inputs[1]])
        case "BATCH_MATMUL":
            return cells * graph.shapes[operation.inputs[0]][-1]
        case "MUL" | "SQUARED_DIFFERENCE":
            return cells
        case _:
            return 0
