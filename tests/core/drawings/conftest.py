"""Drawings to keep, and both kinds of database to keep them in."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.drawings.drawing import Drawing, StoredPrediction
from core.drawings.store import DrawingStore


def make_reading(digit: int) -> StoredPrediction:
    """A model that is nearly sure of a digit; the numbers are no round ones."""
    probabilities = [0.1 / 9] * 10
    probabilities[digit] = 0.9
    return StoredPrediction(tuple(probabilities), f"{digit:064x}")


def make_drawing(**changes: object) -> Drawing:
    """A seven in two strokes that LeNet-5 reads and the MLP takes for a one."""
    return Drawing(
        **{
            "owner": "anna",
            "label": 7,
            "strokes": (
                np.array([[0.1, 1 / 3], [2e-17, -4.5], [280, 1]]),
                np.array([[3.25, 4.0]]),
            ),
            "image": np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(28, 28),
            "readings": {"lenet5": make_reading(7), "mlp": make_reading(1)},
            **changes,
        }
    )


def describe(drawing: Drawing) -> dict[str, object]:
    """All that a drawing holds, as values that can be compared."""
    fields = dict(vars(drawing), image=drawing.image.tolist(), readings=dict(drawing.readings))
    if drawing.strokes is not None:
        fields["strokes"] = [stroke.tolist() for stroke in drawing.strokes]
    return fields


@pytest.fixture
def store(database_url: str) -> Iterator[DrawingStore]:
    store = DrawingStore(database_url)
    yield store
    store.close()
