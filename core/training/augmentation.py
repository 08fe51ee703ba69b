"""Augmentation: training images turned, scaled and slanted a little, anew in every epoch."""

from dataclasses import dataclass

import keras
from keras import layers

from core.digits.frame import FRAME_SIZE


@dataclass(frozen=True)
class Augmentation:
    """The greatest random changes: rotation in degrees, the others as shares of the frame."""

    rotation: float
    zoom: float
    shear: float
    shift: float


def build_augmentation(amounts: Augmentation, seed: int) -> keras.Model:
    """A model that changes frames, ``(N, 28, 28)`` to ``(N, 28, 28)``; what comes in is paper."""
    paper = {"fill_mode": "constant", "fill_value": 0.0, "seed": seed}
    return keras.Sequential(
        [
            keras.Input((FRAME_SIZE, FRAME_SIZE)),
            layers.Reshape((FRAME_SIZE, FRAME_SIZE, 1)),
            layers.RandomRotation(amounts.rotation / 360, **paper),
            layers.RandomZoom(
                (-amounts.zoom, amounts.zoom), (-amounts.zoom, amounts.zoom), **paper
            ),
            layers.RandomShear(amounts.shear, amounts.shear, **paper),
            layers.RandomTranslation(amounts.shift, amounts.shift, **paper),
            layers.Reshape((FRAME_SIZE, FRAME_SIZE)),
        ],
        name="augmentation",
    )
