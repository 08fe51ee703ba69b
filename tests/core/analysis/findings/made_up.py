"""Made-up measures and labels, with errors at random and, if wanted, a planted slice."""

import numpy as np

from core.analysis.evaluation import Evaluation
from core.analysis.findings.finding import Subject
from core.analysis.findings.slice_search import NAMES
from core.digits.datasets import Dataset

COUNT = 3000
# Means and standard deviations close to those of MNIST.
SCALES = {
    "area": (100, 30), "length": (40, 8), "thickness": (2.6, 0.6), "slant": (5, 14),
    "width": (13, 3), "height": (19, 1), "contrast": (0.87, 0.03), "loops": (0.6, 0.6),
    "ends": (2, 1),
}  # fmt: skip


def make_subject(seed: int, *, planted: bool = False) -> Subject:
    """Digits of which 2 % are wrong at random.

    Where a slice is planted, so is nine tenths of the sevens that are thin and lean to the left,
    2 % of all digits.
    """
    random = np.random.default_rng(seed)
    labels = random.integers(10, size=COUNT).astype(np.uint8)
    measures = {name: random.normal(*SCALES[name], COUNT).astype(np.float32) for name in NAMES}
    for name in ("loops", "ends"):
        measures[name] = np.clip(np.round(measures[name]), 0, None)
    wrong = random.random(COUNT) < 0.02
    if planted:
        wrong |= find_planted(labels, measures) & (random.random(COUNT) < 0.9)
    predicted = np.where(wrong, (labels + 1) % 10, labels)
    probabilities = np.full((COUNT, 10), 0.01, np.float32)
    probabilities[np.arange(COUNT), predicted] = 0.91
    images = np.zeros((COUNT, 28, 28), np.uint8)
    dataset = Dataset("made_up", "Made up", images, labels)
    return Subject(dataset, Evaluation("m", "M", labels, probabilities), measures)


def find_planted(labels: np.ndarray, measures: dict[str, np.ndarray]) -> np.ndarray:
    return (labels == 7) & (measures["thickness"] < 2.45) & (measures["slant"] < 0)
