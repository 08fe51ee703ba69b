"""The file of a network for the browser: safetensors, whose metadata lists the layers.

Format: https://huggingface.co/docs/safetensors: the length of the header in 8 bytes, the header in
JSON, the arrays. An array is named after its digest, so a network that two models have in common
has the same names in both files, and the browser runs it once.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from core.inference.browser_network import BrowserLayer, Layers, read_layers
from core.inference.litert_graph import Values
from core.models.card import ModelCard

# Increase this whenever the same network gives another file.
FORMAT_VERSION = 1
MEDIA_TYPE = "application/octet-stream"
NAME_LENGTH = 16
# The header is filled up to a multiple of it with spaces, so that the arrays are aligned.
ALIGNMENT = 8


def write_browser_file(model: bytes, constants: Mapping[str, float]) -> bytes:
    """The file of a network.

    Args:
        model: the contents of its LiteRT file.
        constants: what else the browser needs, such as ``not_sure_below``.

    Raises:
        UnsupportedNetworkError: the browser cannot compute one of its operations.
    """
    tensors: dict[str, Values] = {}
    layers = _describe_layers(read_layers(model), tensors)
    header: dict[str, Any] = {
        "__metadata__": {
            "format": f"digitlab-{FORMAT_VERSION}",
            "layers": json.dumps(layers, separators=(",", ":")),
            "constants": json.dumps(constants),
        }
    }
    end = 0
    for name, values in tensors.items():
        start, end = end, end + values.nbytes
        shape = list(values.shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    arrays = [values.astype("<f4").tobytes() for values in tensors.values()]
    return b"".join([len(text).to_bytes(8, "little"), text, *arrays])


def digest_browser_file(model_sha256: str, constants: Mapping[str, float]) -> str:
    """What changes when the file of a network changes, known before the file is written.

    Args:
        model_sha256: of its LiteRT file.
        constants: as for ``write_browser_file``.
    """
    parts = [FORMAT_VERSION, model_sha256, sorted(constants.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def list_constants(card: ModelCard) -> dict[str, float]:
    """What a browser needs for the vote, as ``Classifier`` takes it from the card."""
    return {
        "not_sure_below": card.calibration.not_sure_below,
        "vote_weight": card.calibration.vote_weight,
    }


def _describe_layers(layers: Layers, tensors: dict[str, Values]) -> list[dict[str, Any]]:
    return [_describe_layer(layer, tensors) for layer in layers]


def _describe_layer(layer: BrowserLayer, tensors: dict[str, Values]) -> dict[str, Any]:
    """A layer as JSON; its arrays are added to ``tensors`` and described by their names."""
    described: dict[str, Any] = {
        "kind": layer.kind,
        "input": layer.input,
        "output": layer.output,
        "activation": layer.activation,
    }
    if layer.weights.size:
        described |= {
            "weights": _name_tensor(layer.weights, tensors),
            "bias": _name_tensor(layer.bias, tensors),
        }
    if layer.kind == "convolution":
        kernel = layer.weights.shape[:2]
        described |= {"stride": layer.stride, "kernel": kernel, "padding": layer.padding}
    if layer.kind.endswith("pooling"):
        described |= {"stride": layer.stride, "size": layer.size}
    if layer.members:
        described["members"] = [_describe_layers(member, tensors) for member in layer.members]
    return described


def _name_tensor(values: Values, tensors: dict[str, Values]) -> str:
    name = hashlib.sha256(values.tobytes()).hexdigest()[:NAME_LENGTH]
    tensors[name] = values
    return name
