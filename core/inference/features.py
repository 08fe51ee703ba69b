"""Features: the input of a network's last dense layer, by which it tells digits apart.

They are the activations of the layer before, or, in a model without hidden layers, its normalised
pixels. They come from the LiteRT file alone: a network that ends there is cut out of it, which runs
as fast as the whole. This module does not know what the features are compared for.
"""

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from core.inference.litert_graph import LiteRTGraph, read_graph
from core.inference.network import Network

# What every LiteRT file has at its beginning.
FILE_IDENTIFIER = b"TFL3"


class FeatureExtractor:
    """A network without its last dense layer. It may be shared between threads."""

    def __init__(self, model: bytes) -> None:
        """Build it from the contents of a LiteRT file.

        Raises:
            ValueError: the network has no dense layer.
        """
        graph = read_graph(model)
        tensors = _find_last_inputs(graph, graph.output)
        if not tensors:
            raise ValueError("expected a network with a dense layer, got one without any")
        self._networks = [Network(_cut_network(model, tensor)) for tensor in tensors]

    def run(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The features ``(N, F)`` of frames ``(N, 28, 28)``.

        Those of a model that is the mean of several networks are the features of all of them side
        by side. Each network's part is divided by its length, so that all have the same weight.
        """
        parts = [network.run(frames) for network in self._networks]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([_scale_to_unit_length(part) for part in parts], axis=1)


def _scale_to_unit_length(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


def _find_last_inputs(graph: LiteRTGraph, tensor: int) -> list[int]:
    """The inputs of the dense layers from which a tensor is computed without another in between.

    There are several where the model is the mean of others.
    """
    try:
        operation = graph.find_producer(tensor)
    except KeyError:  # the frame, or a constant
        return []
    if operation.name == "FULLY_CONNECTED":
        return [operation.inputs[0]]
    found = [one for source in operation.inputs for one in _find_last_inputs(graph, source)]
    return list(dict.fromkeys(found))


def _cut_network(model: bytes, tensor: int) -> bytes:
    """The LiteRT file of the operations that a tensor is computed by; the tensor is its output."""
    file = schema.ModelT.InitFromPackedBuf(model, 0)
    graph = file.subgraphs[0]
    needed, kept = {tensor}, []
    for operator in reversed(graph.operators):
        if needed & {*operator.outputs}:
            kept.append(operator)
            needed |= {*operator.inputs}
    graph.operators, graph.outputs = kept[::-1], [tensor]
    file.signatureDefs = None  # they name the output of the whole network
    builder = flatbuffers.Builder(len(model))
    builder.Finish(file.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())
