"""Files for the browser, of arrays: that of a network has metadata that lists the layers.

Format: https://huggingface.co/docs/safetensors: the length of the header in 8 bytes, the header in
JSON, the arrays. An array of a network is named after its digest, so a network that two models have
in common has the same names in both files, and the browser runs it once.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.inference.browser_network import BrowserLayer, Layers, read_layers
from core.inference.litert_graph import Values
from core.models.card import ModelCard

# Increase this whenever the same network gives another file.
FORMAT_VERSION = 1
MEDIA_TYPE = "application/octet-stream"
NAME_LENGTH = 16
# The header is filled up to a multiple of it with spaces, so that the arrays are aligned.
ALIGNMENT = 8
# The types of arrays in the format, and in NumPy.
TYPES = {"F32": "<f4", "U8": "|u1"}


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
    metadata = {
        "format": f"digitlab-{FORMAT_VERSION}",
        "layers": json.dumps(layers, separators=(",", ":")),
        "constants": json.dumps(constants),
    }
    return write_arrays(tensors, metadata)


def write_arrays(arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """A file of arrays, float32 or uint8, by name."""
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    contents = []
    for name, values in arrays.items():
        kind = "U8" if values.dtype == np.uint8 else "F32"
        contents.append(values.astype(TYPES[kind]).tobytes())
        start, end = end, end + len(contents[-1])
        header[name] = {
            "dtype": kind,
            "shape": list(values.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *contents])


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
