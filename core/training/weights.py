"""The weights of a model as numbers: writing them to a file, and loading those of a stranger.

An array is read without pickles. Of a Keras file only the arrays are read: its configuration may
name any class of Keras.
"""

import io
from math import prod
from pathlib import Path

import h5py
import keras
import numpy as np

from core.archives import open_archive, refuse_damaged
from core.models.files import KERAS_FILE, WEIGHTS_FILE

# Of a Keras file: the arrays, and how many bytes and levels of groups they may have.
ARRAYS_FILE = "model.weights.h5"
MAX_ARRAY_BYTES = 10 * 2**20
MAX_GROUP_DEPTH = 8
OTHER_ARRAYS = "The weights in the Keras file of this run are damaged, or of other layers."


def save_weights(model: keras.Model, place: Path) -> None:
    """Write all weights of a model, layer by layer, as one array ``(parameters,)`` float32."""
    values = [weights.ravel() for weights in model.get_weights()]
    np.save(place / WEIGHTS_FILE, np.concatenate(values).astype(np.float32))


def load_weights(model: keras.Model, place: Path) -> None:
    """Load what ``save_weights`` wrote for a model of the same layers.

    Raises:
        ValueError: there are more or fewer numbers than the model has weights.
    """
    values = np.load(place / WEIGHTS_FILE, allow_pickle=False)
    shapes = [weights.shape for weights in model.get_weights()]
    ends = np.cumsum([prod(shape) for shape in shapes])
    if values.shape != (ends[-1],):
        raise ValueError(
            f"The network of this run has {ends[-1]:,} weights, but its file has {values.size:,}."
        )
    parts = np.split(values, ends[:-1])
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])


def load_keras_weights(model: keras.Model, place: Path) -> None:
    """Load the weights in the Keras file of a directory, and nothing else of it.

    Raises:
        ValueError: the file is damaged, has more in it than arrays, or is of other layers.
    """
    with open_archive(
        (place / KERAS_FILE).read_bytes(),
        ARRAYS_FILE,
        description="a Keras file",
        max_bytes=MAX_ARRAY_BYTES,
        max_files=10,
    ) as archive:
        contents = archive.read(ARRAYS_FILE, MAX_ARRAY_BYTES)
    arrays = place / ARRAYS_FILE
    with refuse_damaged(OTHER_ARRAYS, KeyError):
        with h5py.File(io.BytesIO(contents), "r") as file:
            _check_group(file, MAX_GROUP_DEPTH)
        arrays.write_bytes(contents)
        model.load_weights(arrays)
    arrays.unlink()


def _check_group(group: h5py.Group, depth: int) -> None:
    """Raises ValueError unless there are only groups and plain arrays of numbers, all in the file.

    Links, virtual and external arrays may lead to other files of this machine.
    """
    for name in group:
        is_inside = isinstance(group.get(name, getlink=True), h5py.HardLink)
        item = group[name] if is_inside else None
        if isinstance(item, h5py.Group) and depth:
            _check_group(item, depth - 1)
        elif not isinstance(item, h5py.Dataset) or not _is_plain(item):
            raise ValueError(f"expected groups and arrays alone, got {name} in {group.name}")


def _is_plain(array: h5py.Dataset) -> bool:
    return (
        array.dtype.kind in "fiu"  # the state of a dropout layer has integers
        and array.nbytes <= MAX_ARRAY_BYTES
        and array.chunks is None
        and not array.is_virtual
        and not array.external
    )
