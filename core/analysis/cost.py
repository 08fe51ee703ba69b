"""What a model costs: the time of a prediction, the size of its file, and its multiplications."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.analysis.multiplications import count_multiplications
from core.digits.frame import FRAME_SIZE
from core.inference.classifier import Classifier

# One in twenty of them is slower than the 95th percentile: five. All take 10 to 60 ms.
PREDICTIONS = 100


@dataclass(frozen=True)
class Cost:
    """Latency and multiplications of one prediction, and the size of a model's file.

    Attributes:
        median: in seconds.
        percentile_95: in seconds.
        file_size: of the LiteRT file, in bytes.
        multiplications: of one prediction.
    """

    median: float
    percentile_95: float
    file_size: int
    multiplications: int


@dataclass(frozen=True)
class CostKind:
    """One of the costs.

    Attributes:
        title: a word or two.
        axis: the title of its axis, with the unit.
        unit: of its values.
        advantage: what a model with a lower cost is or does.
        read: the value of a cost, in this unit.
    """

    title: str
    axis: str
    unit: str
    advantage: str
    read: Callable[[Cost], float]


TIME = CostKind("Time", "Median latency in ms", "ms", "faster", lambda cost: 1000 * cost.median)
FILE_SIZE = CostKind(
    "File size", "LiteRT file in kB", "kB", "smaller", lambda cost: cost.file_size / 1000
)
MULTIPLICATIONS = CostKind(
    "Multiplications",
    "Multiplications in millions",
    "million multiplications",
    "needs fewer multiplications",
    lambda cost: cost.multiplications / 1e6,
)
COST_KINDS = (TIME, FILE_SIZE, MULTIPLICATIONS)


def measure_cost(classifier: Classifier, model: bytes) -> Cost:
    """Predict one frame many times, one at a time, on this machine, and count the rest.

    The values of the pixels do not matter: a network does the same computation for all of them.

    Args:
        classifier: the model, which has predicted before: the first prediction takes longer.
        model: the contents of its LiteRT file.
    """
    frame = np.zeros((FRAME_SIZE, FRAME_SIZE), np.float32)
    seconds = []
    for _ in range(PREDICTIONS):
        started = perf_counter()
        classifier.probabilities(frame[None])
        seconds.append(perf_counter() - started)
    median, percentile_95 = np.percentile(seconds, [50, 95])
    return Cost(float(median), float(percentile_95), len(model), count_multiplications(model))
