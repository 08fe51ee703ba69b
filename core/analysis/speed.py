"""How long a model takes to predict one frame, and how large its file is."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier

# One in twenty of them is slower than the 95th percentile: five. All take 10 to 60 ms.
PREDICTIONS = 100


@dataclass(frozen=True)
class Speed:
    """Latency of one prediction, and the size of a model's file.

    Attributes:
        median: in seconds.
        percentile_95: in seconds.
        file_size: of the LiteRT file, in bytes.
    """

    median: float
    percentile_95: float
    file_size: int


def measure_speed(classifier: Classifier, file_size: int) -> Speed:
    """Predict one frame many times, one at a time, on this machine.

    The values of the pixels do not matter: a network does the same computation for all of them.

    Args:
        classifier: the model, which has predicted before: the first prediction takes longer.
        file_size: of its LiteRT file, in bytes.
    """
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    seconds = []
    for _ in range(PREDICTIONS):
        started = perf_counter()
        classifier.probabilities(frame[None])
        seconds.append(perf_counter() - started)
    median, percentile_95 = np.percentile(seconds, [50, 95])
    return Speed(float(median), float(percentile_95), file_size)
