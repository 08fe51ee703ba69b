import numpy as np

from core.drawings.dataset import to_dataset
from tests.core.drawings.conftest import make_drawing


def test_drawings_become_a_data_set_in_their_order():
    drawings = [
        make_drawing(label=7),
        make_drawing(label=0, strokes=None, image=np.full((28, 28), 9, np.uint8)),
    ]
    dataset = to_dataset(drawings)
    assert dataset.title == "My drawings"
    assert dataset.labels.tolist() == [7, 0]
    assert np.array_equal(dataset.images, [drawing.image for drawing in drawings])


def test_no_drawings_are_an_empty_data_set():
    assert len(to_dataset([])) == 0
