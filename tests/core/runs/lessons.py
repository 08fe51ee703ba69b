"""Lessons as a browser sends them."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.digits.datasets import Dataset


def send(
    drawings: Dataset, order: Sequence[int] | None = None, /, **changes: Any
) -> dict[str, Any]:
    """The fields of a lesson with these drawings, some of them changed."""
    chosen = range(len(drawings)) if order is None else order
    described = [
        {
            "digit": int(drawings.labels[index]),
            "levels": b64encode(np.ascontiguousarray(drawings.images[index]).tobytes()).decode(),
        }
        for index in chosen
    ]
    fields = {"model": "LeNet-5", "data": "mnist", "steps": 60, "drawings": described}
    return fields | changes
