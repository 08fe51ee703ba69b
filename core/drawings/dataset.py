"""Saved drawings as a data set, for the pages that evaluate models."""

from collections.abc import Sequence

import numpy as np

from core.digits.datasets import Dataset
from core.digits.frame import FRAME_SIZE
from core.drawings.drawing import Drawing


def to_dataset(drawings: Sequence[Drawing]) -> Dataset:
    """The drawings in their order, each as its saved frame with its corrected label."""
    images = np.array([drawing.image for drawing in drawings], np.uint8)
    return Dataset(
        id="my_drawings",
        title="My drawings",
        images=images.reshape(-1, FRAME_SIZE, FRAME_SIZE),  # (0, 28, 28) where there are none
        labels=np.array([drawing.label for drawing in drawings], np.uint8),
    )
