"""Drawings to save, and both kinds of database to save them in."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.drawings.drawing import Drawing, StoredPrediction
from core.drawings.store import DrawingStore


def predict(digit: int) -> StoredPrediction:
    """A confident prediction of a digit; 0.1 / 9 has no short decimal form."""
    probabilities = [0.1 / 9] * 10
    probabilities[digit] = 0.9
    return StoredPrediction(tuple(probabilities), f"{digit:064x}")


def make_drawing(**changes: object) -> Drawing:
    """A seven in two strokes that LeNet-5 classifies correctly and the MLP as a one."""
    return Drawing(
        **{
            "owner": "anna",
            "label": 7,
            "strokes": (
                np.array([[0.1, 1 / 3], [2e-17, -4.5], [280, 1]]),
                np.array([[3.25, 4.0]]),
            ),
            "image": np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(28, 28),
            "predictions": {"lenet5": predict(7), "mlp": predict(1)},
            **changes,
        }
    )


def describe(drawing: Drawing) -> dict[str, object]:
    """The fields of a drawing as values that can be compared."""
    fields = dict(
        vars(drawing), image=drawing.image.tolist(), predictions=dict(drawing.predictions)
    )
    if drawing.strokes is not None:
        fields["strokes"] = [stroke.tolist() for stroke in drawing.strokes]
    return fields


@pytest.fixture
def store(database_url: str) -> Iterator[DrawingStore]:
    store = DrawingStore(database_url)
    yield store
    store.close()
